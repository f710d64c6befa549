"""Connecting dienstverleners from the command line."""

from dataclasses import replace
from pathlib import Path

import pytest

from broker.cli.documents import read_document
from broker.ports import Role
from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from tests.cli.conftest import Installation
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.exchange.builders import service_of
from tests.keys import certificate
from tests.saml.builders import DV

UNKNOWN = "urn:etoegang:DV:00000099000000008000:entities:0001"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Metadata and catalogue of a dienstverlener that is not connected yet."""
    metadata, catalogue = tmp_path / "metadata.xml", tmp_path / "catalogue.xml"
    metadata.write_bytes(metadata_of("dv"))
    catalogue.write_bytes(catalogue_of("dv"))
    return str(metadata), str(catalogue)


def connected(installation: Installation) -> list[str]:
    return [entity_id for entity_id, _ in installation.registry.content_hashes(Role.DV)]


def test_good_files_connect_a_dienstverlener(installation: Installation, files: tuple[str, str]) -> None:
    result = installation.run("dv", "add", files[0], "--catalogue", files[1])

    assert result.exit_code == 0
    assert f"connected: {DV}" in result.output
    assert DV in connected(installation)


def test_it_counts_at_once_and_shows_what_a_login_will_use(
    installation: Installation, files: tuple[str, str]
) -> None:
    installation.run("dv", "add", files[0], "--catalogue", files[1])

    result = installation.run("dv", "show", DV)

    assert result.exit_code == 0
    for word in (
        DV,
        "Gemeente Voorbeeld",
        "https://dv.example/acs",
        "HTTP-Artifact",
        "EH3",
        "default",
        "chains",
    ):
        assert word in result.output
    assert certificate("dv").key_name in result.output
    assert service_of("dv").service_id in result.output


def test_adding_again_updates(installation: Installation, files: tuple[str, str]) -> None:
    installation.run("dv", "add", files[0], "--catalogue", files[1])
    Path(files[0]).write_bytes(metadata_of("dv", "dv2"))
    Path(files[1]).write_bytes(catalogue_of("dv", "dv2"))

    refused = installation.run("dv", "add", files[0], "--catalogue", files[1])
    assert refused.exit_code == 1
    assert "--new-keys" in refused.output
    assert certificate("dv").key_name in installation.run("dv", "show", DV).output

    result = installation.run("dv", "add", files[0], "--catalogue", files[1], "--new-keys")

    assert result.exit_code == 0
    assert certificate("dv2").key_name in installation.run("dv", "show", DV).output
    assert connected(installation).count(DV) == 1


@pytest.mark.parametrize(
    ("which", "content", "words"),
    [
        (
            0,
            b"<md:EntityDescriptor\n<",
            ["metadata, line 2", "well-formed", "[well-formed XML, UTF-8, no DTD]"],
        ),
        (
            0,
            b"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>",
            ["document type declarations", "[well-formed XML, UTF-8, no DTD]"],
        ),
        (0, metadata_of("ad"), ["SPSSODescriptor", "[Afsprakenstelsel, DV metadata for HM]"]),
        (0, metadata_of("dv2"), ["[Afsprakenstelsel, Service catalog]"]),
        (0, b"", ["metadata", "[well-formed XML, UTF-8, no DTD]"]),
        (1, b"<a/>", ["catalogue, line 1", "[XML schema]"]),
        (
            1,
            catalogue_of("dv2"),
            ["catalogue, line", "ServiceProviderID", "[Afsprakenstelsel, Service catalog]"],
        ),
        (
            1,
            catalogue_of("dv").replace(b"Een vergunning", b"Een vergadering"),
            ["signature does not hold", "[Afsprakenstelsel, Digital signature]"],
        ),
    ],
    ids=[
        "cut off",
        "DTD",
        "another role",
        "of another",
        "empty",
        "another document",
        "of another too",
        "changed",
    ],
)
def test_bad_files_are_refused_with_line_and_rule_and_nothing_changes(
    installation: Installation, files: tuple[str, str], which: int, content: bytes, words: list[str]
) -> None:
    Path(files[which]).write_bytes(content)
    before = installation.registry.content_hashes(Role.DV)

    result = installation.run("dv", "add", files[0], "--catalogue", files[1])

    assert result.exit_code == 1
    assert "error: " in result.stderr
    assert [word for word in words if word not in result.stderr] == []
    assert "nothing was changed" in result.stderr
    assert installation.registry.content_hashes(Role.DV) == before


def test_a_refused_update_leaves_the_old_in_force(installation: Installation, files: tuple[str, str]) -> None:
    installation.run("dv", "add", files[0], "--catalogue", files[1])
    Path(files[0]).write_bytes(metadata_of("dv", "dv2"))  # the catalogue is still signed with the old key

    assert installation.run("dv", "add", files[0], "--catalogue", files[1]).exit_code == 1
    assert certificate("dv").key_name in installation.run("dv", "show", DV).output


def test_what_is_tolerated_is_named(installation: Installation, files: tuple[str, str]) -> None:
    signature = metadata_of("dv").partition(b"<ds:Signature")
    rest = signature[2].partition(b"</ds:Signature>")[2]
    Path(files[0]).write_bytes(signature[0] + rest)

    result = installation.run("dv", "add", files[0], "--catalogue", files[1])

    assert result.exit_code == 0
    assert "warning: metadata, line 1: the metadata is not signed" in result.stderr


def test_services_of_eidas_are_told_apart_and_beside_others_tolerated(installation: Installation) -> None:
    shown = installation.run("dv", "show", GEMEENTE.entity_id).stdout.splitlines()
    notes = {line.split()[1]: line.rpartition("(")[2] for line in shown if line.startswith("service ")}
    assert {index for index, note in notes.items() if "eIDAS" in note} == {"21", "22", "23"}
    assert not any("eIDAS" in note and "chains" in note for note in notes.values())

    folder = installation.data / GEMEENTE.name / "published" / "metadata.xml"
    added = installation.run(
        "dv", "add", str(folder), "--catalogue", str(installation.data / "catalogue.xml")
    )
    assert added.exit_code == 0
    assert "eHerkenning and eIDAS services stand in one metadata" in added.stderr


def test_a_file_that_is_not_there_is_named(installation: Installation, files: tuple[str, str]) -> None:
    result = installation.run("dv", "add", "no-such-file.xml", "--catalogue", files[1])

    assert result.exit_code == 1
    assert "no-such-file.xml: No such file" in result.stderr


@pytest.mark.parametrize(
    "url",
    [
        "http://dv.example/metadata",
        "ftp://localhost/metadata",
        "file:///etc/passwd",
        "http://localhost.evil.example/",
    ],
)
def test_a_document_comes_over_https_or_from_this_machine(
    installation: Installation, files: tuple[str, str], url: str
) -> None:
    result = installation.run("dv", "add", url, "--catalogue", files[1])

    assert result.exit_code == 1
    assert "use https" in result.stderr


def test_an_address_where_nobody_answers_is_named(installation: Installation, files: tuple[str, str]) -> None:
    result = installation.run("dv", "add", "http://127.0.0.1:9/metadata", "--catalogue", files[1])

    assert result.exit_code == 1
    assert "http://127.0.0.1:9/metadata: not reached" in result.stderr


def test_a_document_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "document").write_bytes(b"\xff\r\n")

    assert read_document(str(tmp_path / "document")) == b"\xff\r\n"


def test_the_list_has_all_that_are_connected(installation: Installation, files: tuple[str, str]) -> None:
    installation.run("dv", "add", files[0], "--catalogue", files[1])

    result = installation.run("dv", "list")

    assert result.exit_code == 0
    assert DV in result.output
    assert GEMEENTE.entity_id in result.output
    assert AD_SLEUTEL.entity_id not in result.output


def test_a_list_of_several_pages_has_everybody_once_and_who_is_suspended(
    installation: Installation, files: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.run("dv", "add", files[0], "--catalogue", files[1])
    installation.run("dv", "suspend", DV, "--reason", "test")
    monkeypatch.setattr("broker.cli.dv_connect._PAGE", 1)

    lines = installation.run("dv", "list").output.splitlines()

    assert f"{DV}  (suspended)" in lines
    assert len([line for line in lines if line.startswith(GEMEENTE.entity_id)]) == 1
    assert len(lines) == 2


def test_an_empty_list_says_how_to_connect_one(installation: Installation) -> None:
    installation.run("dv", "remove", GEMEENTE.entity_id)

    result = installation.run("dv", "list")

    assert result.exit_code == 0
    assert "makelaar dv add" in result.output


def test_a_removed_dienstverlener_is_gone(installation: Installation) -> None:
    result = installation.run("dv", "remove", GEMEENTE.entity_id)

    assert result.exit_code == 0
    assert f"disconnected: {GEMEENTE.entity_id}" in result.output
    assert connected(installation) == []


@pytest.mark.parametrize("command", ["show", "remove"])
@pytest.mark.parametrize(
    "entity_id", [UNKNOWN, AD_SLEUTEL.entity_id], ids=["unknown", "not a dienstverlener"]
)
def test_who_is_not_connected_cannot_be_shown_or_removed(
    installation: Installation, command: str, entity_id: str
) -> None:
    result = installation.run("dv", command, entity_id)

    assert result.exit_code == 1
    assert "is not connected. See: makelaar dv list" in result.stderr
    assert installation.registry.find(AD_SLEUTEL.entity_id) is not None


def test_one_that_can_no_longer_be_read_can_still_be_removed(installation: Installation) -> None:
    record = installation.registry.find(GEMEENTE.entity_id)
    assert record is not None
    installation.registry.save(replace(record, metadata=b"<a/>", content_hash="0" * 64))

    assert installation.run("dv", "list").exit_code == 0
    assert installation.run("dv", "remove", GEMEENTE.entity_id).exit_code == 0
    assert connected(installation) == []


@pytest.mark.parametrize("arguments", [["list"], ["show", DV], ["remove", DV]])
def test_without_an_installation_one_is_told_to_start_it(nothing: Installation, arguments: list[str]) -> None:
    result = nothing.run("dv", *arguments)

    assert result.exit_code == 1
    assert "makelaar run" in result.stderr
    assert "MAKELAAR_DATA" in result.stderr
    assert str(nothing.data) in result.stderr


def test_asking_in_the_wrong_folder_leaves_nothing_behind(nothing: Installation) -> None:
    nothing.run("dv", "list")

    assert not nothing.data.exists()
