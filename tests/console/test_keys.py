"""Our own keys in the console: announced, activated, retired and confirmed, with a fresh proof and by who may."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broker.assembly.onboarding import register
from broker.assembly.own_keys import open_key_ring
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.console.app import create_app
from broker.onboarding.key_refused import SENTENCES
from broker.onboarding.operators import Operators
from broker.onboarding.own_keys import OwnKeys
from broker.ports import Role
from broker.ports.changes import OperatorRole
from broker.saml.metadata import read_metadata
from broker.screens.language import Language
from broker.screens.texts import load_texts
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.signers.files import FileSigner
from broker.signers.files import UnusableKey
from tests.console.conftest import PASSWORD
from tests.console.conftest import TOKEN
from tests.console.conftest import Clock
from tests.console.conftest import Site
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.keys import key_stem
from tests.keys import signer
from tests.saml.builders import DV

NEXT = "signing-2027"
PATH = f"/keys/{NEXT}"


@dataclass
class KeySite(Site):
    """A console whose keys are files of its own."""

    folder: Path = field(default_factory=Path)

    def lay(self, name: str = NEXT, *suffixes: str, of: str = "next") -> None:
        """Put files of a key on the node."""
        for suffix in suffixes or (".key", ".crt"):
            shutil.copy(key_stem(of).with_suffix(suffix), self.folder / f"{name}{suffix}")

    def states(self) -> dict[str, str]:
        """Every key with its state on the clock."""
        lines = OwnKeys(self.assembled).states(self.clock.at)
        return {line.key.name: line.state.value for line in lines}

    def announce(self) -> None:
        """Have the next key announced."""
        self.lay()
        assert self.post("/keys", name=NEXT).headers["Location"] == f"{PATH}?did=announced"


@pytest.fixture
def site(makelaar: Assembled, tmp_path: Path) -> Iterator[KeySite]:
    """The same makelaar, in a folder and a database of its own, with one dienstverlener, by a clock of ours."""
    shutil.copytree(makelaar.settings.data, tmp_path / "data", ignore=shutil.ignore_patterns("party.db*"))
    assembled, clock = assemble(Settings(data=tmp_path / "data", port=8440), MAKELAAR), Clock()
    register(
        assembled.registry,
        Role.DV,
        metadata_of("dv"),
        catalogue_of("dv"),
        makelaar_oin=MAKELAAR.oin,
        now=clock(),
    )
    own = replace(assembled.station.own, clock=clock)
    assembled = replace(assembled, station=replace(assembled.station, own=own))
    app = create_app(assembled, clock)
    app.testing = True
    operators = Operators(assembled.engine, assembled.state, clock)
    folder = assembled.settings.key_stem(MAKELAAR).parent
    yield KeySite(assembled, clock, operators, app.test_client(), folder=folder)
    assembled.engine.dispose()


def local(at: datetime) -> str:
    """A moment as the field of a form in the Netherlands holds it."""
    return at.astimezone(ZoneInfo("Europe/Amsterdam")).strftime("%Y-%m-%dT%H:%M")


def test_a_key_is_rolled_from_announced_to_retired_without_the_command_line(site: KeySite) -> None:
    site.log_in("anna", OperatorRole.OPERATOR)
    site.announce()
    metadata = (site.assembled.settings.folder(MAKELAAR) / "published" / "metadata.xml").read_bytes()
    assert len(read_metadata(metadata, Role.HM, site.clock.at)[0].signing) == 2
    assert "De sleutel staat in onze metadata" in site.text(f"{PATH}?did=announced")

    site.clock.forward(days=15)
    site.enter("anna")
    assert site.post(PATH, do="activate", reason="plan").status_code == 303
    assert site.states() == {"signing": "active", NEXT: "announced"}
    site.clock.forward(seconds=11)
    assert site.states() == {"signing": "retiring", NEXT: "active"}

    early = site.post("/keys/signing", do="retire")
    assert early.status_code == 422
    assert "Wat signing tekende, kan onderweg zijn" in early.text
    assert site.post("/keys/signing", do="retire", anyway="1").status_code == 303
    assert site.states() == {"signing": "retired", NEXT: "active"}
    assert [each for each in site.history() if each.startswith("key-")] == [
        "key-registered",
        "key-announced",
        "key-activated",
        "key-retired",
    ]


def test_who_would_break_stands_before_the_button_and_is_confirmed(site: KeySite) -> None:
    site.log_in("anna", OperatorRole.OPERATOR)
    site.announce()
    page = site.text(PATH)
    assert "1 partijen zijn nog niet met deze sleutel gezien" in page
    assert page.index(f'value="{DV}"') < page.index('value="activate"')

    assert site.post(f"{PATH}/confirm", PATH, reason="by mail").status_code == 422
    assert "Er is niemand aangesloten" in site.post(f"{PATH}/confirm", PATH, partner="urn:x").text
    assert site.post(f"{PATH}/confirm", PATH, partner=DV, reason="by mail").status_code == 303

    assert "Elke partij is met deze sleutel gezien." in site.text(PATH)
    assert site.history()[-1] == "key-confirmed"


def test_a_moment_is_taken_and_moved_until_it_is_there(site: KeySite) -> None:
    site.log_in("anna")
    site.announce()
    early = site.post(PATH, do="activate", at=local(site.clock.at.replace(second=0)))
    assert "minstens 10 seconden verder" in early.text
    for wrong in ("soon", "0001-01-01T00:00"):
        assert "Vul een datum en tijd in" in site.post(PATH, do="activate", at=wrong).text

    in_a_month = site.clock.at.replace(year=site.clock.at.year + 1, month=6, day=1)
    assert site.post(PATH, do="activate", at=local(in_a_month)).status_code == 303
    assert "Tekent vanaf 1 juni" in site.text("/keys")
    assert "Zie daar eerst van af" in site.post(PATH, do="retire").text
    assert site.post(PATH, do="delete").status_code == 400


def test_the_page_says_which_files_lie_where_and_what_is_missing(site: KeySite) -> None:
    site.log_in("anna")
    assert "geen bestanden van een volgende sleutel" in site.text("/keys")
    assert "makelaar keys announce signing-2027" in site.text("/keys")

    site.lay("half", ".key")
    site.lay("public", ".crt")
    site.lay("torn", ".key", of="next")
    site.lay("torn", ".crt", of="hm")
    page = site.text("/keys")
    assert re.findall(r"<li><code>([^<]+)</code> <span class=\"sub\">([^<]+)<", page) == [
        ("half", "De sleutel is er, het certificaat (.crt) niet."),
        ("public", "De sleutel (.key) is er niet."),
        ("torn", "Sleutel en certificaat zijn er."),
    ]
    assert str(site.folder) not in page
    assert "PRIVATE KEY" not in page
    refused = site.post("/keys", name="torn")
    assert refused.status_code == 422
    assert "het certificaat hoort niet bij de geheime sleutel" in refused.text


def test_what_cannot_be_announced_is_refused_and_no_path_is_told(site: KeySite) -> None:
    site.lay()
    site.log_in("anna")
    for name in ("../signing", "client", "listener", "/etc/passwd", "", "signing", "nowhere"):
        refused = site.post("/keys", name=name)
        assert refused.status_code == 422, name
        assert str(site.folder) not in refused.text
    assert site.states() == {"signing": "active"}


def test_rolling_takes_an_operator_and_a_fresh_proof(site: KeySite) -> None:
    site.lay()
    site.log_in("anna", OperatorRole.OPERATOR)
    site.clock.forward(minutes=11)
    assert site.post("/keys", name=NEXT).headers["Location"].startswith("/confirm?")
    assert site.states() == {"signing": "active"}
    site.post("/confirm", code=site.code("anna"))
    assert site.post("/keys", name=NEXT).headers["Location"].startswith(PATH)
    for path in (PATH, f"{PATH}/confirm"):
        site.clock.forward(minutes=11)
        assert "/confirm?" in site.post(path, PATH, do="retire", partner=DV).headers["Location"]
    site.post("/logout", "/keys")

    site.log_in("kees", OperatorRole.VIEWER)
    assert "<form" not in site.text(PATH).partition("<main")[2]
    for path in ("/keys", PATH, f"{PATH}/confirm"):
        assert site.post(path, "/account", name=NEXT, do="retire", partner=DV).status_code == 403
    assert site.states() == {"signing": "active", NEXT: "announced"}


def test_a_key_that_is_not_there_has_no_page(site: KeySite) -> None:
    site.log_in("anna")
    assert site.client.get("/keys/nowhere").status_code == 404
    assert site.client.get("/keys/..%2Fsigning").status_code == 404


def test_operators_notice_nothing_of_a_switch_on_whichever_node(site: KeySite) -> None:
    site.log_in("anna")
    site.announce()
    before = site.assembled.signer.key_name
    form = site.text(PATH)
    assert site.post(PATH, do="activate", anyway="1").status_code == 303
    site.clock.forward(seconds=50)

    station, settings = site.assembled.station, site.assembled.settings
    ring = open_key_ring(settings, site.assembled.engine, site.clock.at)
    other = replace(site.assembled, station=replace(station, own=replace(station.own, keys=ring)))
    assert other.signer.key_name == signer("next").key_name != before
    later = create_app(other, site.clock).test_client()
    cookie = site.client.get_cookie("console")
    assert cookie
    later.set_cookie("console", cookie.value)
    data = {"csrf_token": TOKEN.findall(form)[0], "do": "retire"}
    assert later.get("/keys").status_code == 200
    assert later.post("/keys/signing", data=data).status_code == 422, (
        "refused for its moment, not for its form"
    )

    site.post("/logout", "/keys")
    used = site.code("anna")
    for client, answer in ((site.client, 303), (later, 422)):
        node = replace(site, client=client)
        node.client.delete_cookie("console")
        assert node.post("/login", username="anna", password=PASSWORD).status_code == 303
        assert node.post("/login/code", code=used).status_code == answer


@pytest.mark.parametrize("language", ["nl", "en"])
def test_why_files_cannot_be_used_has_words_in_both_languages(language: Language, site: KeySite) -> None:
    stem, faults = site.folder / "other", set()
    for suffixes, of in (((), "next"), ((".key",), "next"), ((".crt",), "hm")):
        site.lay("other", *suffixes, of=of) if suffixes else None
        with pytest.raises(UnusableKey) as error:
            FileSigner.load(stem)
        faults.add((error.value.code, error.value.file))
    stem.with_suffix(".key").write_text("no key")
    with pytest.raises(UnusableKey) as error:
        FileSigner.load(stem)
    faults.add((error.value.code, error.value.file))

    assert faults == {
        ("missing", "other.key"),
        ("missing", "other.crt"),
        ("pair", ""),
        ("unreadable", "other.key"),
    }
    texts = load_texts(language)
    assert {f"console.key_fault.{code}" for code, _ in faults} <= set(texts)


def test_a_key_that_went_from_this_node_says_so_in_dutch(site: KeySite) -> None:
    site.log_in("anna")
    site.announce()
    (site.folder / f"{NEXT}.key").unlink()

    page = site.text(f"{PATH}?lang=nl")

    assert f"{NEXT}.key ontbreekt" in page
    assert "FileNotFoundError" not in page


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_reason_for_refusing_has_words_with_the_same_values(language: Language) -> None:
    texts = load_texts(language)

    def values(text: object) -> set[str]:
        return set(re.findall(r"{(\w+)", str(text)))

    for code, sentence in SENTENCES.items():
        assert values(texts[f"console.key_refused.{code}"]) <= values(sentence) | {"name"}, code
