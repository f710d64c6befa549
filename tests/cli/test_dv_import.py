"""Connecting many dienstverleners at once: each as `dv add` would, and stopping never costs anything."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.generated import documents
from broker.cli import dv_import
from broker.onboarding.importing import Importer
from broker.onboarding.importing import Result
from broker.ports import Role
from broker.ports.versions import VersionState
from broker.settings import MAKELAAR
from broker.storage.changes import SqlChangeLog
from broker.storage.engine import make_engine
from broker.storage.versions import SqlVersions
from tests.cli.conftest import Installation
from tests.keys import signer


def entity_id(number: int) -> str:
    return f"urn:etoegang:DV:{99_000_001_000_000_000 + number:020}:entities:0001"


@pytest.fixture
def partners(tmp_path: Path) -> Path:
    """Six dienstverleners, of whom number 3 is cut off and number 5 takes the service of number 4."""
    folder = tmp_path / "partners"
    for number in range(6):
        metadata, catalogue = documents(number, signer("dv"))
        if number == 3:
            metadata = metadata[: len(metadata) // 2]
        if number == 5:
            metadata, catalogue = documents(4, signer("dv"))
            metadata = metadata.replace(b":entities:0001", b":entities:0002")
            start, end = metadata.index(b"<ds:Signature"), metadata.index(b"</ds:Signature>")
            metadata = metadata[:start] + metadata[end + len(b"</ds:Signature>") :]
        place = folder / f"deel {number % 2}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.xml").write_bytes(metadata)
        (place / f"{number}.catalogue.xml").write_bytes(catalogue)
    return folder


@pytest.fixture
def imported(installation: Installation, partners: Path) -> Callable[..., str]:
    """Runs the import; what it says, with the report behind it."""

    def run(*options: str, exit_code: int = 1, **environment: str) -> str:
        report = partners.parent / "report.txt"
        arguments = ("dv", "import", str(partners), "--report", str(report), "--processes", "1", *options)
        result = installation.run(*arguments, **environment)
        assert result.exit_code == exit_code, result.output
        return result.output + (report.read_text("utf-8") if report.exists() else "")

    return run


def test_the_good_ones_are_connected_and_the_bad_ones_reported_with_the_reason(
    installation: Installation, imported: Callable[..., str]
) -> None:
    before = len(installation.registry.content_hashes(Role.DV))

    told = imported("--reason", "verhuizing")

    assert "4 connected, 2 refused" in told
    assert "deel 1/3.xml\n  error: metadata" in told
    assert "well-formed" in told
    assert "deel 1/5.xml" in told
    assert "is registered by another dienstverlener" in told
    assert len(installation.registry.content_hashes(Role.DV)) == before + 4
    engine = make_engine(installation.settings.database(MAKELAAR))
    active = SqlVersions(engine).active(entity_id(0))
    assert active is not None
    assert (active.number, active.state, active.reason) == (1, VersionState.ACTIVE, "verhuizing")
    changes = SqlChangeLog(engine).of(entity_id(0))
    assert [each.what for each in changes] == ["version-activated", "version-submitted"]
    engine.dispose()


def test_again_it_goes_on_where_it_was(
    partners: Path, imported: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dv_import, "_BATCH", 2)
    monkeypatch.setattr(dv_import, "_AHEAD", 1)
    take = Importer.take
    calls: list[int] = []

    def interrupted(self: Importer, batch: list[object]) -> list[Result]:
        calls.append(len(batch))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return list(take(self, batch))  # type: ignore[arg-type]  # what it was given

    monkeypatch.setattr(Importer, "take", interrupted)
    assert "stopped: 2 connected. Start it again to go on." in imported(exit_code=130)
    monkeypatch.setattr(Importer, "take", take)

    assert "2 connected, 2 unchanged, 2 refused" in imported()

    for number in (3, 5):
        for path in partners.rglob(f"{number}.*"):
            path.unlink()
    assert "4 unchanged" in imported(exit_code=0)
    assert not (partners.parent / "report.txt").exists()


def test_who_is_known_is_updated_by_way_of_the_gate(partners: Path, imported: Callable[..., str]) -> None:
    imported()
    for number, name in ((0, "dv"), (2, "mallory")):
        metadata, catalogue = documents(number, signer(name))
        (partners / "deel 0" / f"{number}.xml").write_bytes(metadata)
        (partners / "deel 0" / f"{number}.catalogue.xml").write_bytes(catalogue)

    told = imported()

    assert "1 updated" in told
    assert "--new-keys" in told


def test_with_four_eyes_they_are_kept_as_concepts(
    installation: Installation, imported: Callable[..., str]
) -> None:
    before = installation.registry.content_hashes(Role.DV)

    assert "kept as concept" in imported(MAKELAAR_FOUR_EYES="true")

    assert installation.registry.content_hashes(Role.DV) == before


def test_a_catalogue_that_is_not_there_and_a_folder_without_metadata(
    installation: Installation, partners: Path, imported: Callable[..., str], tmp_path: Path
) -> None:
    (partners / "deel 0" / "0.catalogue.xml").unlink()
    assert "0.catalogue.xml: No such file" in imported()
    (tmp_path / "empty").mkdir()
    assert "there is no metadata here" in installation.run("dv", "import", str(tmp_path / "empty")).output


def test_metadata_and_catalogue_may_have_a_folder_of_their_own(tmp_path: Path) -> None:
    for name in ("a/metadata.xml", "a/catalogue.xml", "b.xml", "b.catalogue.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [
        (str(one.relative_to(tmp_path)), str(two.relative_to(tmp_path)))
        for one, two in dv_import.find_pairs([tmp_path])
    ]
    assert found == [("a/metadata.xml", "a/catalogue.xml"), ("b.xml", "b.catalogue.xml")]


MANY = b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
PROVIDER = re.compile(rb"<esc:ServiceProvider[ >].*</esc:ServiceProvider>", re.DOTALL)


def aggregate(folder: Path, *, end: bytes = b"</md:EntitiesDescriptor>") -> Path:
    """Four dienstverleners in one file, of whom number 1 has a changed name and number 3 no catalogue."""
    made = [documents(number, signer("dv")) for number in range(4)]
    entities = [re.sub(rb"^<\\?xml[^>]*>", b"", metadata) for metadata, _ in made]
    entities[1] = entities[1].replace(b'"nl">', b'"nl">x', 1)
    first = made[0][1]
    found = [PROVIDER.search(catalogue) for _, catalogue in made[:3]]
    providers = b"".join(each[0] for each in found if each)
    whole = PROVIDER.search(first)
    assert whole
    folder.mkdir(exist_ok=True)
    (folder / "all.xml").write_bytes(MANY + b"\n".join(entities) + end)
    (folder / "all.catalogue.xml").write_bytes(first[: whole.start()] + providers + first[whole.end() :])
    return folder / "all.xml"


def test_of_a_file_with_many_each_is_taken_in_or_refused_by_its_name(
    installation: Installation, tmp_path: Path
) -> None:
    source, report = aggregate(tmp_path / "many"), tmp_path / "report.txt"

    told = installation.run("dv", "import", str(source), "--report", str(report), "--processes", "1").output

    reasons = report.read_text("utf-8")
    assert "2 connected, 2 refused" in told
    assert f"all.xml, line 2: {entity_id(1)}" in reasons
    assert "the signature does not hold" in reasons
    assert f"all.xml, line 4: {entity_id(3)}\n  all.catalogue.xml holds no catalogue of the OIN" in reasons


def test_of_a_file_that_is_cut_off_all_before_is_taken_in(installation: Installation, tmp_path: Path) -> None:
    source, report = aggregate(tmp_path / "many", end=b"<md:Entity"), tmp_path / "report.txt"

    told = installation.run("dv", "import", str(source), "--report", str(report), "--processes", "1").output

    assert "2 connected, 3 refused" in told
    assert "not well-formed XML at line 4. The 4 before it were read" in report.read_text("utf-8")
