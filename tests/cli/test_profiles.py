"""Choosing how a dienstverlener is connected."""

from pathlib import Path

import pytest

from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.levels import LevelOfAssurance
from tests.cli.conftest import Installation
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.saml.builders import DV
from tests.saml.documents import dv_metadata
from tests.saml.test_plain_metadata import POST
from tests.saml.test_plain_metadata import encrypting

URL = "https://app.example/saml/metadata"
SERVICE = "urn:etoegang:DV:00000099000000009300:services:1"
ONE_SERVICE = ("--service-id", SERVICE, "--service-name", "Mijn applicatie", "--level", "loa3")


@pytest.fixture
def app(tmp_path: Path) -> str:
    """Metadata of software that knows SAML but not eHerkenning."""
    path = tmp_path / "app.xml"
    path.write_bytes(
        dv_metadata(
            entity_id=URL,
            consumers=POST,
            services="",
            keys=encrypting("http://www.w3.org/2009/xmlenc11#aes256-gcm"),
        )
    )
    return str(path)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Metadata and catalogue of a dienstverlener of the stelsel."""
    metadata, catalogue = tmp_path / "metadata.xml", tmp_path / "catalogue.xml"
    metadata.write_bytes(metadata_of("dv"))
    catalogue.write_bytes(catalogue_of("dv"))
    return str(metadata), str(catalogue)


def connection(installation: Installation, entity_id: str) -> Connection:
    record = installation.registry.find(entity_id)
    assert record is not None
    return record.connection


def test_the_fitting_profile_is_taken_and_the_reason_said(
    installation: Installation, app: str, files: tuple[str, str]
) -> None:
    plain = installation.run("dv", "add", app, *ONE_SERVICE)
    ours = installation.run("dv", "add", files[0], "--catalogue", files[1])

    assert plain.exit_code == 0, plain.output
    assert (
        "profile saml: no AssertionConsumerService takes artifacts (choose another with --profile)"
        in plain.output
    )
    assert "profile 1.13: the metadata says it is of interface version 1.13" in ours.output
    assert connection(installation, URL).profile is Profile.SAML
    assert connection(installation, DV).profile is Profile.V1_13


def test_what_nobody_handed_over_is_not_remarked_on(installation: Installation, app: str) -> None:
    result = installation.run("dv", "add", app, *ONE_SERVICE)

    assert "warning: metadata, line" in result.stderr
    assert "catalogue, line" not in result.stderr


def test_the_operator_may_choose_another(installation: Installation, files: tuple[str, str]) -> None:
    result = installation.run("dv", "add", files[0], "--catalogue", files[1], "--profile", "1.11")

    assert result.exit_code == 0
    assert "choose another" not in result.output
    assert connection(installation, DV).profile is Profile.V1_11
    assert "profile       1.11" in installation.run("dv", "show", DV).output


def test_what_was_chosen_is_shown(installation: Installation, app: str) -> None:
    result = installation.run(
        "dv", "add", app, *ONE_SERVICE, "--attribute", "KvKnr=kvk", "--context", "urn:a=b=loa4"
    )

    assert result.exit_code == 0, result.output
    chosen = connection(installation, URL)
    assert chosen.attribute_names == {"KvKnr": "kvk"}
    assert chosen.contexts == {"urn:a=b": LevelOfAssurance.LOA4}
    shown = installation.run("dv", "show", URL).output
    for line in (
        "profile       saml  (assertion encrypted, aes256-gcm)",
        "attribute     KvKnr is called kvk",
        "context       urn:a=b is EH4",
        "Mijn applicatie  (EH3, chains, default)",
    ):
        assert line in shown


def test_encryption_can_be_left_out(installation: Installation, app: str) -> None:
    installation.run("dv", "add", app, *ONE_SERVICE, "--no-encrypt-assertion")

    assert "saml  (assertion not encrypted)" in installation.run("dv", "show", URL).output


def test_adding_again_keeps_what_was_chosen_before(installation: Installation, app: str) -> None:
    installation.run("dv", "add", app, *ONE_SERVICE, "--attribute", "KvKnr=kvk", "--no-encrypt-assertion")
    installation.run("dv", "tolerances", URL, "--forbid", "deflated-post")

    again = installation.run("dv", "add", app, *ONE_SERVICE, "--encrypt-assertion")

    assert again.exit_code == 0
    kept = connection(installation, URL)
    assert (kept.profile, kept.attribute_names) == (Profile.SAML, {"KvKnr": "kvk"})
    assert kept.encrypt_assertion
    assert not kept.tolerates(Tolerance.DEFLATED_POST)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "give --catalogue"),
        ((*ONE_SERVICE, "--catalogue", "x.xml"), "give --catalogue"),
        (("--service-id", SERVICE), "go together"),
        ((*ONE_SERVICE, "--attribute", "KvKnr"), "OURS=THEIRS"),
        ((*ONE_SERVICE, "--attribute", "Kvk=kvk"), "we have KvKnr"),
        ((*ONE_SERVICE, "--attribute", "KvKnr=RSIN"), "the same name"),
        ((*ONE_SERVICE, "--context", "urn:a"), "URI=LEVEL"),
        ((*ONE_SERVICE, "--context", "urn:a=high"), "not a level"),
        ((*ONE_SERVICE, "--profile", "2.0"), "2.0"),
        ((*ONE_SERVICE[:5], "loa1"), "loa1"),
    ],
)
def test_a_mistake_says_what_to_give(
    installation: Installation, app: str, options: tuple[str, ...], words: str
) -> None:
    result = installation.run("dv", "add", app, *options)

    assert result.exit_code == 2
    assert words in result.stderr
    assert installation.registry.find(URL) is None


def test_what_does_not_suit_the_profile_is_refused_with_its_rule(
    installation: Installation, app: str
) -> None:
    result = installation.run("dv", "add", app, *ONE_SERVICE, "--profile", "1.13")

    assert result.exit_code == 1
    assert "no AssertionConsumerService with binding HTTP-Artifact" in result.stderr


def test_a_default_that_is_not_in_the_catalogue_is_refused(installation: Installation, app: str) -> None:
    result = installation.run("dv", "add", app, *ONE_SERVICE, "--default-service", SERVICE + "0")

    assert result.exit_code == 1
    assert "is not in the catalogue" in result.stderr
