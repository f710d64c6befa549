"""`makelaar keys`: from announcing to retiring, and what is refused on the way."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from click.testing import Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from broker.assembly.party import assemble
from broker.assembly.publication import publish
from broker.cli.setup import make_development_keys
from broker.makelaar.app import create_app
from broker.network.dienstverlener.catalogue import make_own_catalogue
from broker.network.dienstverlener.catalogue import offered_services
from broker.onboarding.gate import Gate
from broker.onboarding.gate import Submission
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.saml.artifact import source_id
from broker.saml.metadata import read_metadata
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.signers.files import FileSigner
from broker.storage.changes import SqlChangeLog
from broker.storage.engine import make_engine
from broker.storage.own_keys import SqlOwnKeyStore
from tests.cli.conftest import Installation

NEXT = "signing-2027"


def keys(installation: Installation, *arguments: str) -> Result:
    return installation.run("keys", *arguments)


def announced(installation: Installation) -> Result:
    result = keys(installation, "announce", NEXT, "--self-signed")
    assert result.exit_code == 0, result.output
    return result


def states(installation: Installation) -> dict[str, str]:
    lines = keys(installation, "list").stdout.splitlines()
    return {parts[0]: parts[1] for parts in map(str.split, lines) if len(parts) > 4 and parts[0] != "name"}


def published(installation: Installation) -> list[str]:
    data = (installation.settings.folder(MAKELAAR) / "published" / "metadata.xml").read_bytes()
    return [each.key_name for each in read_metadata(data, Role.HM, datetime.now(UTC))[0].signing]


def fingerprint(installation: Installation, name: str) -> str:
    return FileSigner.load(installation.settings.key_stem(MAKELAAR).with_name(name)).key_name


def moment(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def test_the_key_that_is_there_is_the_first_one(installation: Installation) -> None:
    assert states(installation) == {"signing": "active"}


def test_an_announced_key_stands_in_metadata_after_the_active_one(installation: Installation) -> None:
    output = announced(installation).stdout

    assert states(installation) == {"signing": "active", NEXT: "announced"}
    assert published(installation) == [fingerprint(installation, each) for each in ("signing", NEXT)]
    assert f"makelaar keys activate {NEXT}" in output
    assert "every other node" in output


def test_a_request_is_made_first_and_the_certificate_that_comes_back_is_announced(
    installation: Installation,
) -> None:
    output = keys(installation, "announce", NEXT).stdout
    stem = installation.settings.key_stem(MAKELAAR).with_name(NEXT)
    request = x509.load_pem_x509_csr(stem.with_suffix(".csr").read_bytes())

    assert "--certificate FILE" in output
    assert states(installation) == {"signing": "active"}
    assert MAKELAAR.oin in request.subject.rfc4514_string()

    key = FileSigner.load(installation.settings.key_stem(MAKELAAR))
    issued = (
        x509.CertificateBuilder(request.subject, request.subject, request.public_key(), 7)
        .not_valid_before(datetime.now(UTC) - timedelta(hours=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=700))
        .sign(key._key, hashes.SHA256())
    )
    file = installation.data / "issued.der"
    file.write_bytes(issued.public_bytes(Encoding.DER))
    assert keys(installation, "announce", NEXT, "--certificate", str(file)).exit_code == 0
    assert states(installation)[NEXT] == "announced"


def test_too_early_is_refused_unless_one_says_so(installation: Installation) -> None:
    announced(installation)

    early = keys(installation, "activate", NEXT, "--at", moment(13))
    assert early.exit_code == 1
    assert "14 days" in early.stderr
    assert "--now-anyway" in early.stderr
    assert keys(installation, "activate", NEXT, "--at", moment(15)).exit_code == 0
    moved = keys(installation, "activate", NEXT, "--at", moment(13), "--now-anyway", "--why", "all have it")
    assert moved.exit_code == 0
    assert "makelaar keys retire signing" in moved.stdout
    history = SqlChangeLog(make_engine(installation.settings.database(MAKELAAR))).of(NEXT)
    assert [each.what for each in history] == ["key-activated", "key-activated", "key-announced"]
    assert history[0].who.startswith("cli:")
    assert history[0].why == "all have it"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["activate", "invented"], "there is no key invented"),
        (["activate", "signing"], "only a key that is announced"),
        (["activate", NEXT, "--now-anyway", "--at", "2026-01-01"], "10 s from now"),
        (["activate", NEXT, "--now-anyway", "--at", "2099-01-01"], "its certificate is valid from"),
        (["activate", NEXT, "--at", "soon"], "Write it as 2026-12-01T03:00"),
        (["retire", "signing"], "Activate another key first"),
        (["retire", NEXT, "--at", "2026-01-01"], "has passed"),
        (["announce", "other", "--self-signed"], f"{NEXT} is announced already"),
        (["announce", NEXT, "--self-signed"], "is known already"),
        (["show", "invented"], "makelaar keys list"),
    ],
)
def test_what_would_hurt_is_refused(installation: Installation, arguments: list[str], words: str) -> None:
    announced(installation)

    result = keys(installation, *arguments)

    assert result.exit_code != 0
    assert words in result.stderr


def test_a_key_without_its_file_on_this_node_cannot_be_activated(installation: Installation) -> None:
    announced(installation)
    installation.settings.key_stem(MAKELAAR).with_name(f"{NEXT}.key").unlink()

    result = keys(installation, "activate", NEXT, "--now-anyway")

    assert result.exit_code == 1
    assert "Put the files in place" in result.stderr
    assert f"{NEXT}: not usable on this node" in keys(installation, "list").stderr


def test_a_key_file_that_others_may_read_is_complained_of_beside_the_output(
    installation: Installation,
) -> None:
    installation.settings.key_stem(MAKELAAR).with_suffix(".key").chmod(0o644)

    result = keys(installation, "list")

    assert "key_open_to_others" in result.stderr
    assert "key_open_to_others" not in result.stdout


@pytest.mark.parametrize("name", ["client", "listener", "../signing", "Signing", "a b"])
def test_a_name_that_no_key_can_have_is_refused(installation: Installation, name: str) -> None:
    result = keys(installation, "announce", name, "--self-signed")

    assert result.exit_code == 1
    assert "cannot be the name of a key" in result.stderr


def test_an_announced_key_can_be_given_up(installation: Installation) -> None:
    announced(installation)

    assert keys(installation, "retire", NEXT).exit_code == 0
    assert states(installation) == {"signing": "active", NEXT: "retired"}
    assert published(installation) == [fingerprint(installation, "signing")]


def test_a_key_is_shown_with_its_moments(installation: Installation) -> None:
    output = keys(installation, "show", "signing").stdout

    assert fingerprint(installation, "signing") in output
    assert "on this node  usable" in output


def test_files_replaced_by_hand_count_as_long_as_there_is_one_key(installation: Installation) -> None:
    assert states(installation) == {"signing": "active"}
    before = fingerprint(installation, "signing")
    stem = installation.settings.key_stem(MAKELAAR)
    for suffix in (".key", ".crt"):
        stem.with_suffix(suffix).unlink()
    make_development_keys(installation.settings, MAKELAAR)

    assert states(installation) == {"signing": "active"}
    assert fingerprint(installation, "signing") != before
    assert fingerprint(installation, "signing") in keys(installation, "show", "signing").stdout


def test_one_sees_who_would_break_until_they_are_seen(installation: Installation) -> None:
    announced(installation)
    assert f"not seen with the next key: DV {GEMEENTE.entity_id}" in keys(installation, "sightings").stdout

    address = keys(installation, "sightings", GEMEENTE.entity_id).stdout.split()[-1]
    path, _, query = address.removeprefix(installation.settings.url(MAKELAAR)).partition("?")
    browser = create_app(installation.settings).test_client()
    host = urlsplit(address).netloc
    first = browser.get(path, query_string=query, headers={"Host": host})
    again = browser.get(path, headers={"Host": host, "If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert GEMEENTE.entity_id not in keys(installation, "sightings").stdout
    assert f"{NEXT:<20} fetched" in keys(installation, "sightings", GEMEENTE.entity_id).stdout


def test_strangers_and_made_up_addresses_are_seen_by_nobody(installation: Installation) -> None:
    announced(installation)
    browser = create_app(installation.settings).test_client()
    host = urlsplit(installation.settings.url(MAKELAAR)).netloc
    made_up = f"{source_id(GEMEENTE.entity_id).hex()}-{'0' * 32}"

    for query in ("", f"voor={made_up}", "voor=", "voor=%ff"):
        assert browser.get("/metadata", query_string=query, headers={"Host": host}).status_code == 200
    assert f"DV {GEMEENTE.entity_id}" in keys(installation, "sightings").stdout


def test_who_takes_metadata_by_hand_is_confirmed(installation: Installation) -> None:
    announced(installation)

    assert keys(installation, "confirm", NEXT, GEMEENTE.entity_id).stdout == "confirmed: 1\n"
    assert GEMEENTE.entity_id not in keys(installation, "sightings").stdout
    assert keys(installation, "confirm", NEXT, "urn:x").exit_code == 1
    assert keys(installation, "confirm", NEXT).exit_code == 2
    history = SqlChangeLog(make_engine(installation.settings.database(MAKELAAR))).of(GEMEENTE.entity_id)
    assert [each.what for each in history] == ["key-confirmed"]


def test_past_the_switch_the_old_files_may_go(installation: Installation) -> None:
    announced(installation)
    store = SqlOwnKeyStore(make_engine(installation.settings.database(MAKELAAR)))
    first, upcoming = store.all()
    now = datetime.now(UTC)
    change = Change(now, "test", "key-activated", NEXT)
    gone = replace(first, retiring_at=now, retired_at=now)
    store.replace([(first, gone), (upcoming, replace(upcoming, active_at=now))], change)
    for suffix in (".key", ".crt"):
        installation.settings.key_stem(MAKELAAR).with_suffix(suffix).unlink()

    assert states(installation) == {"signing": "retired", NEXT: "active"}
    assert "key of makelaar" in installation.run("doctor").stdout
    assert "signing.key" not in installation.run("doctor").stdout
    make_development_keys(installation.settings, MAKELAAR)
    assert not installation.settings.key_stem(MAKELAAR).with_suffix(".key").exists()


def test_what_a_partner_signed_with_before_is_believed_for_the_days_that_are_set(
    installation: Installation,
) -> None:
    settings = installation.settings.model_copy(update={"key_overlap_days": 7})
    before = FileSigner.load(settings.key_stem(GEMEENTE))
    for suffix in (".key", ".crt"):
        settings.key_stem(GEMEENTE).with_suffix(suffix).unlink()
    makelaar = assemble(settings, MAKELAAR)
    old = makelaar.station.partners.find(GEMEENTE.entity_id, Role.DV)
    make_development_keys(settings, GEMEENTE)
    publish(settings, GEMEENTE, offered_services())
    metadata = (settings.folder(GEMEENTE) / "published" / "metadata.xml").read_bytes()
    catalogue = make_own_catalogue(assemble(settings, GEMEENTE))
    gate, actor = Gate(makelaar), Actor("test", OperatorRole.APPROVER)
    submitted = gate.submit(Submission(Role.DV, metadata, catalogue, old.connection, new_keys=True), actor)
    gate.activate(submitted.version.id, actor)

    found = makelaar.station.partners.find(GEMEENTE.entity_id, Role.DV).signing
    assert [each.key_name for each in found] == [fingerprint_of(settings), before.key_name]
    strict = assemble(installation.settings, MAKELAAR).station.partners
    assert [each.key_name for each in strict.find(GEMEENTE.entity_id, Role.DV).signing] == [
        fingerprint_of(settings)
    ]


def fingerprint_of(settings: Settings) -> str:
    return FileSigner.load(settings.key_stem(GEMEENTE)).key_name
