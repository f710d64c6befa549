"""Is everything in order, and if not, what to do."""

import shutil
import socket
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from lxml import etree

from broker.ports import Role
from broker.ports.partner_index import IndexedExpiry
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.settings import PARTIES
from broker.signers.development_ca import issue_development_certificate
from broker.signers.files import make_development_key
from broker.storage.engine import make_engine
from broker.storage.expiries import SqlExpiries
from tests.cli.conftest import Installation


def findings(result: Result) -> list[str]:
    """The lines that say that something is wrong, each with its advice."""
    lines = result.output.splitlines()
    return [
        line + (lines[number + 1] if lines[number + 1 : number + 2] and "→" in lines[number + 1] else "")
        for number, line in enumerate(lines)
        if line.startswith("✗")
    ]


def only_finding(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert "Everything is in order" not in result.output
    (finding,) = findings(result)
    assert "→" in finding, "a finding without advice"
    return finding


def test_an_installation_in_order_is_healthy(installation: Installation) -> None:
    result = installation.run("doctor")

    assert result.exit_code == 0, result.output
    assert findings(result) == []
    assert result.output.endswith("Everything is in order.\n")
    for word in (
        "Python",
        "XML schemas",
        "key of makelaar",
        "sqlite",
        "state store: sql",
        GEMEENTE.entity_id,
        "free",
    ):
        assert word in result.output


def test_before_the_first_start_it_says_to_start(nothing: Installation) -> None:
    result = nothing.run("doctor")

    assert result.exit_code == 1
    assert len(findings(result)) == len(PARTIES) + 1
    assert all("makelaar run" in finding for finding in findings(result))
    assert not nothing.data.exists()


def test_a_missing_key_is_named(installation: Installation) -> None:
    installation.settings.key_stem(MR_EEN).with_suffix(".key").unlink()

    finding = only_finding(installation.run("doctor"))

    assert "key of mr-een" in finding
    assert "signing.key" in finding


def test_a_key_of_another_is_named(installation: Installation) -> None:
    theirs = installation.settings.key_stem(AD_SLEUTEL).with_suffix(".crt")
    shutil.copy(theirs, installation.settings.key_stem(MAKELAAR).with_suffix(".crt"))

    finding = only_finding(installation.run("doctor"))

    assert "key of makelaar" in finding
    assert "does not belong" in finding


def test_a_key_that_others_can_read_is_named(installation: Installation) -> None:
    key = installation.settings.key_stem(MAKELAAR).with_suffix(".key")
    key.chmod(0o640)

    assert f"chmod 600 {key}" in only_finding(installation.run("doctor"))


def test_a_certificate_that_ends_soon_is_named(installation: Installation) -> None:
    stem = installation.settings.key_stem(GEMEENTE)
    stem.with_suffix(".crt").unlink()
    long_ago = datetime.now(UTC) - timedelta(days=3 * 365 - 30)
    make_development_key(stem, name=GEMEENTE.name, oin=GEMEENTE.oin, now=long_ago)

    finding = only_finding(installation.run("doctor"))

    assert "key of gemeente" in finding
    assert "hand out the new metadata" in finding


@pytest.mark.parametrize(
    "url",
    ["postgresql://someone:geheim@127.0.0.1:9/makelaar", "mysql://someone:geheim@127.0.0.1/x", "geheim"],
    ids=["nobody there", "another kind", "no URL"],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    installation: Installation, url: str
) -> None:
    result = installation.run("doctor", MAKELAAR_DATABASE_URL=url)

    assert result.exit_code == 1
    assert any("database: cannot be looked at" in finding for finding in findings(result))
    assert "geheim" not in result.output


def test_a_state_store_that_cannot_be_reached_is_named_without_its_password(
    installation: Installation,
) -> None:
    result = installation.run("doctor", MAKELAAR_STATE_URL="redis://:geheim@127.0.0.1:9/0")

    assert "state: cannot be looked at" in only_finding(result)
    assert "geheim" not in result.output


def test_memory_of_one_process_does_not_serve_two(installation: Installation) -> None:
    finding = only_finding(installation.run("doctor", MAKELAAR_STATE_URL="memory:"))

    assert "MAKELAAR_WORKERS=1" in finding
    alone = {"MAKELAAR_WORKERS": "1", "MAKELAAR_BACK_CHANNEL": "off"}
    assert installation.run("doctor", MAKELAAR_STATE_URL="memory:", **alone).exit_code == 0


def test_a_network_without_authenticatiediensten_is_named(installation: Installation) -> None:
    for party in (AD_SLEUTEL, AD_TOEGANG):
        installation.registry.remove(party.entity_id)

    assert "partners in role AD: none" in only_finding(installation.run("doctor"))


def test_metadata_that_is_no_longer_good_is_named(installation: Installation) -> None:
    record = installation.registry.find(GEMEENTE.entity_id)
    assert record is not None
    installation.registry.save(replace(record, metadata=b"<a/>", content_hash="0" * 64))

    finding = only_finding(installation.run("doctor"))

    assert GEMEENTE.entity_id in finding
    assert "Ask for new metadata" in finding
    assert "[" in finding, "the rule"


def test_a_missing_certificate_of_the_back_channel_is_named(installation: Installation) -> None:
    installation.settings.listener_stem.with_suffix(".key").unlink()

    finding = only_finding(installation.run("doctor"))

    assert "certificate of the back channel" in finding
    assert "makelaar run" in finding


def test_a_client_certificate_that_ended_is_named(installation: Installation) -> None:
    stem = installation.settings.client_stem(GEMEENTE)
    stem.with_suffix(".crt").unlink()
    issue_development_certificate(
        stem,
        ca=installation.settings.development_authority_stem,
        name="gemeente",
        oin=GEMEENTE.oin,
        now=datetime.now(UTC) - timedelta(days=4 * 365),
    )

    assert f"Replace {stem}.key" in only_finding(installation.run("doctor"))


def test_a_client_key_that_others_can_read_is_named(installation: Installation) -> None:
    key = installation.settings.client_stem(MAKELAAR).with_suffix(".key")
    key.chmod(0o644)

    assert f"chmod 600 {key}" in only_finding(installation.run("doctor"))


def test_in_public_the_development_ca_is_no_authority(installation: Installation, tmp_path: Path) -> None:
    public = {"MAKELAAR_PUBLIC_URL": "https://makelaar.example"}

    finding = only_finding(installation.run("doctor", **public))
    assert "client_authorities" in finding

    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate")
    found = findings(installation.run("doctor", MAKELAAR_CLIENT_AUTHORITIES=str(bundle)))
    assert len(found) == 2
    assert all("bundle.pem" in finding for finding in found), "the listener cannot do without either"

    shutil.copy(installation.settings.client_bundle, bundle)
    result = installation.run("doctor", **public, MAKELAAR_CLIENT_AUTHORITIES=str(bundle))
    assert result.exit_code == 0
    assert "front_artifact_resolution = false" in result.output


def test_without_back_channel_in_public_something_must_be_done(installation: Installation) -> None:
    assert installation.run("doctor", MAKELAAR_BACK_CHANNEL="off").exit_code == 0
    public = {"MAKELAAR_PUBLIC_URL": "https://makelaar.example", "MAKELAAR_BACK_CHANNEL": "off"}
    assert "Set back_channel" in only_finding(installation.run("doctor", **public))


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        (
            {"MAKELAAR_BACK_CHANNEL": "off", "MAKELAAR_FRONT_ARTIFACT_RESOLUTION": "false"},
            "nobody could log in",
        ),
        ({"MAKELAAR_BACK_CHANNEL": "proxy"}, "back_channel_proxies"),
        ({"MAKELAAR_CLIENT_CERTIFICATE_HEADER": "Client Cert"}, "MAKELAAR_CLIENT_CERTIFICATE_HEADER"),
        ({"MAKELAAR_BACK_CHANNEL_PROXIES": '["everywhere"]'}, "MAKELAAR_BACK_CHANNEL_PROXIES"),
    ],
)
def test_settings_of_the_back_channel_that_do_not_fit_are_told(
    nothing: Installation, environment: dict[str, str], words: str
) -> None:
    result = nothing.run("doctor", **environment)

    assert result.exit_code == 1
    assert words in result.stderr


def test_ports_in_use_are_told_but_no_fault(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", installation.port)):
        result = installation.run("doctor")

    assert result.exit_code == 0
    assert "in use; is makelaar run on?" in result.output


@pytest.mark.parametrize("command", [["doctor"], ["dv", "list"], ["persons"], ["run"]], ids=" ".join)
@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"MAKELAAR_PORT": "far"}, ["MAKELAAR_PORT", "integer"]),
        ({"MAKELAAR_PORT": "70000"}, ["MAKELAAR_PORT", "less than"]),
        ({"MAKELAAR_WORKERS": "0", "MAKELAAR_THREADS": "x"}, ["MAKELAAR_WORKERS", "MAKELAAR_THREADS"]),
        ({"MAKELAAR_CONFIG": "no-such-file.toml"}, ["MAKELAAR_CONFIG", "no-such-file.toml"]),
    ],
    ids=["no number", "too high", "two at once", "no such file"],
)
def test_every_command_names_a_setting_that_does_not_fit(
    nothing: Installation, command: list[str], environment: dict[str, str], words: list[str]
) -> None:
    result = nothing.run(*command, **environment)

    assert result.exit_code == 1
    assert [word for word in words if word not in result.stderr] == []
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("port = ", ["no TOML"]),
        ("invented = 1", ["invented", "line 1"]),
        ("workers = 0", ["workers", "line 1"]),
    ],
)
def test_a_file_with_a_mistake_is_told(
    nothing: Installation, tmp_path: Path, content: str, words: list[str]
) -> None:
    (tmp_path / "makelaar.toml").write_text(content)

    result = nothing.run("doctor", MAKELAAR_CONFIG=str(tmp_path / "makelaar.toml"))

    assert result.exit_code == 1
    assert [word for word in words if word not in result.stderr] == []


def test_the_environment_comes_before_the_file(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "makelaar.toml").write_text('state_url = "memory:"\nworkers = 1\nback_channel = "off"\n')
    config = str(tmp_path / "makelaar.toml")

    assert "memory, answers" in installation.run("doctor", MAKELAAR_CONFIG=config).output
    assert (
        "sql, answers" in installation.run("doctor", MAKELAAR_CONFIG=config, MAKELAAR_STATE_URL="sql:").output
    )


def test_looking_changes_nothing(installation: Installation) -> None:
    before = installation.registry.content_hashes(Role.DV)

    installation.run("doctor")

    assert installation.registry.content_hashes(Role.DV) == before


@pytest.mark.rule("7.5.03")
def test_metadata_that_ends_soon_is_told_beforehand(installation: Installation) -> None:
    soon = datetime.now(UTC) + timedelta(days=3)
    limit(installation, f'validUntil="{soon.isoformat()}"')

    finding = only_finding(installation.run("doctor"))

    assert f"its metadata ends on {soon:%Y-%m-%d %H:%M} UTC" in finding
    assert "Ask for new metadata" in finding


def test_metadata_that_holds_for_a_while_is_in_order(installation: Installation) -> None:
    limit(installation, f'validUntil="{(datetime.now(UTC) + timedelta(days=90)).isoformat()}"')

    assert installation.run("doctor").exit_code == 0


def test_metadata_that_has_ended_is_a_finding(installation: Installation) -> None:
    limit(installation, 'validUntil="2025-01-01T00:00:00Z"')

    finding = only_finding(installation.run("doctor"))

    assert AD_SLEUTEL.entity_id in finding
    assert "validUntil has passed" in finding


def test_metadata_that_is_announced_says_from_when(installation: Installation) -> None:
    later = datetime.now(UTC) + timedelta(days=3)
    limit(installation, f'xmlns:x="urn:etoegang:1.13:metadata-extension" x:validFrom="{later.isoformat()}"')

    result = installation.run("doctor")

    assert result.exit_code == 0
    assert f"in force from {later:%Y-%m-%d %H:%M} UTC" in result.output


def limit(installation: Installation, attributes: str) -> None:
    """Give the metadata of an authenticatiedienst dates; its signature, over other dates, goes."""
    registry = installation.registry
    record = registry.find(AD_SLEUTEL.entity_id)
    assert record is not None
    root = etree.fromstring(record.metadata)
    root.remove(root[0])
    data = etree.tostring(root).replace(b"EntityDescriptor ", f"EntityDescriptor {attributes} ".encode(), 1)
    registry.save(replace(record, metadata=data, content_hash="7" * 64))


def test_of_many_partners_it_tells_what_ends_without_reading_each(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.cli.doctor._READ_ALL", 0)
    engine = make_engine(installation.settings.database(MAKELAAR))
    ends = [IndexedExpiry("metadata", "", "validUntil", datetime.now(UTC) + timedelta(days=3))]
    SqlExpiries(engine).replace(GEMEENTE.entity_id, ends)
    engine.dispose()

    told = installation.run("doctor").output
    everyone = installation.run("doctor", "--every-partner").output

    assert f"partner {GEMEENTE.entity_id}" not in told
    assert "connected, not read one by one" in told
    assert "✗ what ends: 1 certificates and metadata" in told
    assert f"partner {GEMEENTE.entity_id}" in everyone
