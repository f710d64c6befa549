"""Connecting a foreign authenticatiedienst of the stelsel."""

from pathlib import Path

import pytest

from broker.settings import AD_SLEUTEL
from tests.cli.conftest import Installation
from tests.saml.documents import dv_metadata


@pytest.fixture
def metadata(installation: Installation) -> Path:
    """The metadata of an authenticatiedienst."""
    return installation.settings.folder(AD_SLEUTEL) / "published" / "metadata.xml"


def test_mutual_tls_is_chosen_and_stays_chosen(installation: Installation, metadata: Path) -> None:
    def shown(*options: str) -> str:
        assert installation.run("ad", "add", "--metadata", str(metadata), *options).exit_code == 0
        output = installation.run("ad", "show", AD_SLEUTEL.entity_id).output
        return next(line for line in output.splitlines() if line.startswith("mutual TLS"))

    assert "not required" in shown()
    assert "not required" not in shown("--mutual-tls")
    assert "not required" not in shown()
    assert "not required" in shown("--no-mutual-tls")


def test_a_plain_identity_provider_resolves_nothing_of_ours(
    installation: Installation, metadata: Path
) -> None:
    plain = ("--at", "ad-sleutel", "--register", "mr-een", "--context", "urn:x=loa2")
    refused = installation.run("ad", "add", "--metadata", str(metadata), *plain, "--mutual-tls")
    assert refused.exit_code == 2
    assert "--mutual-tls is for" in refused.stderr


def test_what_is_no_metadata_is_refused_with_its_reasons(installation: Installation, tmp_path: Path) -> None:
    (tmp_path / "x.xml").write_text("<a/>")
    refused = installation.run("ad", "add", "--metadata", str(tmp_path / "x.xml"), "--mutual-tls")
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.stderr


def test_metadata_of_a_dienstverlener_is_refused_by_the_rules_for_participants(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "dv.xml").write_bytes(dv_metadata())
    refused = installation.run("ad", "add", "--metadata", str(tmp_path / "dv.xml"))

    assert refused.exit_code == 1
    assert "exactly one IDPSSODescriptor is needed" in refused.stderr
    assert "[Afsprakenstelsel, Metadata for participants]" in refused.stderr
