"""`makelaar catalogue`: out to a form, edited, compared, and in again."""

import json
from pathlib import Path

from broker.settings import GEMEENTE
from tests.cli.conftest import Installation

DV = GEMEENTE.entity_id


def test_it_shows_each_service_with_its_level_and_what_it_gets(installation: Installation) -> None:
    shown = installation.run("catalogue", "show", DV, "--lang", "nl")

    assert shown.exit_code == 0
    assert f"OIN {GEMEENTE.oin}" in shown.stdout
    assert "  level      loa" in shown.stdout
    assert "  gets       RSIN and KvKnr" in shown.stdout or "  gets       KvKnr" in shown.stdout
    assert "Schrijf op waarom dit niveau nodig is" in shown.stderr


def test_what_was_exported_changes_nothing_when_it_comes_back(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "catalogue.json"
    assert installation.run("catalogue", "export", DV, "--output", str(file)).exit_code == 0

    assert installation.run("catalogue", "diff", DV, str(file)).stdout == "Nothing changes.\n"
    xml = installation.run("catalogue", "export", DV, "--format", "xml").stdout_bytes
    record = installation.registry.find(DV)
    assert record is not None
    assert xml == record.catalogue


def test_an_edited_form_is_told_in_words_and_comes_in_force_with_its_reason(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "catalogue.json"
    installation.run("catalogue", "export", DV, "--output", str(file))
    form = json.loads(file.read_text())
    form["definitions"][0]["names"]["nl"] = "Nieuwe naam"
    form["definitions"][0]["rationale"] = "Omdat het moet."
    file.write_text(json.dumps(form))

    compared = installation.run("catalogue", "diff", DV, str(file), "--lang", "nl")
    assert "Nieuwe naam" in compared.stdout
    done = installation.run("catalogue", "import", DV, str(file), "--activate", "--reason", "andere naam")

    assert done.exit_code == 0, done.output
    assert ", active: " in done.stdout
    shown = installation.run("catalogue", "show", DV, "--lang", "nl").stdout
    assert "Nieuwe naam" in shown
    assert "(Omdat het moet.)" in shown
    again = installation.run("catalogue", "import", DV, str(file))
    assert again.stdout == "unchanged: it is what is in force\n"


def test_a_form_with_unknown_or_wrong_fields_is_refused_by_name(
    installation: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "catalogue.json"
    file.write_text(json.dumps({"oin": GEMEENTE.oin, "naam": 1, "definitions": [{"uuid": 3}]}))

    refused = installation.run("catalogue", "import", DV, str(file))

    assert refused.exit_code == 1
    assert "form: naam: Unexpected keyword argument" in refused.stderr
    assert "form: definitions.0.uuid: Input should be a valid string" in refused.stderr
    assert "nothing was changed" in refused.stderr


def test_who_is_not_connected_has_no_catalogue(installation: Installation) -> None:
    refused = installation.run("catalogue", "show", "urn:etoegang:DV:00000099000000009990:entities:0001")

    assert refused.exit_code == 1
    assert "See: makelaar dv list" in refused.stderr
