"""Checking documents from the command line, where no makelaar is installed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result
from lxml import etree

from broker.checks import CheckReport
from broker.cli import main
from tests.checks.good import DESTINATION
from tests.checks.good import REQUEST_TEXT
from tests.checks.good import catalogue_text
from tests.checks.good import metadata_text
from tests.checks.good import posted
from tests.checks.good import signed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Good metadata, catalogue and request; a catalogue with a fout, and one with a tip."""
    text = catalogue_text()
    files = {
        "metadata.xml": signed(metadata_text()),
        "catalogue.xml": signed(text),
        "request.txt": posted(REQUEST_TEXT),
        "wrong.xml": signed(text.replace(":services:7", ":services:8")),
        "unsigned.xml": text.encode(),
        "letter.txt": b"Geachte heer, mevrouw,",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def run(folder: Path, *arguments: str) -> Result:
    """The command, with names of files in the folder, and settings of nobody."""
    named = [str(folder / each) if (folder / each).exists() else each for each in arguments]
    environment = {"COLUMNS": "200", "MAKELAAR_DATA": str(folder / "nothing")}
    return CliRunner().invoke(main, ["dv", "check", *named], env=environment)


def found(result: Result) -> set[str]:
    return {row.id for row in CheckReport.from_json(result.stdout).rows}


def test_good_documents_end_with_0_in_any_order(folder: Path) -> None:
    result = run(folder, "request.txt", "catalogue.xml", "metadata.xml", "--destination", DESTINATION)

    assert result.exit_code == 0, result.output
    assert "Nothing has to be mended." in result.output
    assert "0 fout" in result.output
    assert not (folder / "nothing").exists()


def test_a_fout_ends_with_1_and_says_where_and_how_to_mend_it(folder: Path) -> None:
    result = run(folder, "metadata.xml", "wrong.xml", "--lang", "nl")

    assert result.exit_code == 1
    for words in ("DC-057", "metadata.xml:", "AttributeConsumingService", "herstel", "regel"):
        assert words in result.output


def test_a_warning_counts_when_strict(folder: Path) -> None:
    assert run(folder, "metadata.xml", "unsigned.xml").exit_code == 0
    assert run(folder, "metadata.xml", "unsigned.xml", "--strict").exit_code == 1


def test_what_cannot_be_had_ends_with_2(folder: Path) -> None:
    assert run(folder, "nowhere.xml").exit_code == 2
    assert run(folder, "metadata.xml", "--json", str(folder / "no/such/folder.json")).exit_code == 2
    assert run(folder, "metadata.xml", "metadata.xml").exit_code == 2


def test_what_is_nothing_of_the_kind_is_told_as_metadata(folder: Path) -> None:
    result = run(folder, "letter.txt", "--json", "-")

    assert result.exit_code == 1
    assert "MD-001" in found(result)


def test_a_report_can_be_written_in_every_form(folder: Path) -> None:
    forms = {"--json": "report.json", "--html": "report.html", "--junit": "report.xml"}
    arguments = [each for option, name in forms.items() for each in (option, str(folder / name))]
    result = run(folder, "metadata.xml", "wrong.xml", *arguments)

    assert result.exit_code == 1
    assert json.loads((folder / "report.json").read_text("utf-8"))["counts"]["fout"] == 1
    assert "<!doctype html>" in (folder / "report.html").read_text("utf-8")
    assert len(etree.parse(folder / "report.xml").findall(".//failure")) == 1


def test_another_makelaar_can_be_named(folder: Path) -> None:
    result = run(folder, "metadata.xml", "catalogue.xml", "--makelaar", "00000003900000010000", "--json", "-")

    assert found(result) == {"DC-030", "DC-031"}


def test_another_profile_can_be_chosen_and_the_fitting_one_is_proposed(folder: Path) -> None:
    result = run(folder, "metadata.xml", "catalogue.xml", "--profile", "1.11", "--lang", "nl")

    assert "profiel 1.11" in result.output
    assert "beter past profiel 1.13" in result.output
