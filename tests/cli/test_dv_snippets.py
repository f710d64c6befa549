"""`makelaar dv snippets`: for who is connected and who is not, printed and written."""

import json
from base64 import b64encode
from pathlib import Path

from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.signers.files import FileSigner
from tests.cli.conftest import Installation

NEW = "urn:etoegang:DV:00000099000000005000:entities:9001"
NEXT = "signing-2027"
ADDRESS = ("--url", "https://www.example.nl")


def certificate(installation: Installation, name: str) -> str:
    stem = installation.settings.key_stem(MAKELAAR).with_name(name)
    return b64encode(FileSigner.load(stem).certificate_der).decode()


def test_one_that_is_connected_is_filled_in_from_its_documents(installation: Installation) -> None:
    result = installation.run("dv", "snippets", GEMEENTE.entity_id)

    assert result.exit_code == 0, result.output
    assert f'config.entity_id = "{GEMEENTE.entity_id}"' in result.output
    assert f'config.metadata_file_source = "{installation.settings.url(MAKELAAR)}/metadata"' in result.output
    assert "config.eh_service_uuid = " in result.output


def test_the_certificates_are_the_one_that_signs_and_the_one_that_is_announced(
    installation: Installation, tmp_path: Path
) -> None:
    assert installation.run("keys", "announce", NEXT, "--self-signed").exit_code == 0

    result = installation.run(
        "dv", "snippets", NEW, "--for", "python3-saml", *ADDRESS, "--into", str(tmp_path / "new")
    )

    assert result.exit_code == 0, result.output
    settings = json.loads((tmp_path / "new/saml/settings.json").read_text("utf-8"))
    assert settings["idp"]["x509certMulti"]["signing"] == [
        certificate(installation, "signing"),
        certificate(installation, NEXT),
    ]


def test_words_come_in_dutch_when_asked(installation: Installation) -> None:
    result = installation.run("dv", "snippets", NEW, *ADDRESS, "--level", "loa4", "--lang", "nl")

    assert "Maak een sleutelpaar" in result.output
    assert 'config.eh_loa = "urn:etoegang:core:assurance-class:loa4"' in result.output


def test_who_is_not_connected_must_say_where_the_software_runs(installation: Installation) -> None:
    result = installation.run("dv", "snippets", NEW)

    assert result.exit_code == 2
    assert "--url" in result.output


def test_of_who_is_connected_nothing_else_is_believed(installation: Installation) -> None:
    result = installation.run("dv", "snippets", GEMEENTE.entity_id, "--service-name", "Iets anders")

    assert result.exit_code == 2
    assert "is connected" in result.output


def test_what_cannot_be_is_told_in_a_line(installation: Installation) -> None:
    result = installation.run("dv", "snippets", "https://app.example.nl", *ADDRESS)

    assert result.exit_code == 1
    assert "--service-id" in result.output
    assert "Traceback" not in result.output


def test_a_file_that_is_there_is_not_written_over(installation: Installation, tmp_path: Path) -> None:
    command = ("dv", "snippets", NEW, *ADDRESS, "--into", str(tmp_path))
    (tmp_path / "connect.sh").write_text("mine", "utf-8")

    refused = installation.run(*command)

    assert refused.exit_code == 1
    assert "connect.sh is there already" in refused.output
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["connect.sh"]
    (tmp_path / "connect.sh").unlink()
    assert installation.run(*command).exit_code == 0
    assert installation.run(*command).exit_code == 0, "the same files may be there"
