"""Where no personal data may ever be: looked through after all other journeys, and after those that are made here.

Left out, because it belongs there: persons.json and what ``makelaar run`` and the demo login page print of the test
persons; the databases of authenticatiediensten, registers and demo dienstverlener, which are their administration;
the pages on which a person reads about themselves, at authenticatiedienst and register.
"""

import base64
import binascii
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from broker.makelaar.outcomes import is_known
from broker.network import cast
from broker.network.foreigners import FOREIGNERS
from broker.network.foreigners import MUSTERWERK
from broker.network.people import KNOWN_OF
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from tests.box import Box
from tests.journeys import documents
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.walker import Walker

_TELLING = 6
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")


@pytest.fixture(scope="module", autouse=True)
def journeys(box: Box, dv: ForeignDv, ledger: Ledger) -> None:
    """Enough journeys, also when these tests run alone; with mistakes in them."""
    for username, service, company in (
        ("werknemer", 3, None),
        ("eigenaar", 3, cast.KLUSBEDRIJF),
        ("accountant", 3, cast.BLOEMIST),
        ("accountant", 3, cast.GARAGE),
        ("vestiging", 6, None),
        ("verlopen", 3, None),
    ):
        visitor = Visitor(box, dv, ledger).complete(username, service)
        if company:
            visitor.choose_company(company.name)
        if username != "verlopen" and company is not cast.GARAGE:
            visitor.received()
    given = (
        Visitor(box, dv, ledger).complete("werknemer", documents.ASKING).consent("first_name", "family_name")
    )
    given.consent("company_name").received()
    withheld = Visitor(box, dv, ledger).complete("eigenaar", documents.ASKING).consent("first_name")
    withheld.press("cancel").relay().press("back")
    for username in ("prokurist", "burger"):
        abroad = Visitor(box, dv, ledger).ask(documents.EIDAS)
        abroad.press("choose", person=username).relay()
        abroad.received()
    at_gemeente = Walker(box).start(23).press("choose", person="prokurist")
    at_gemeente.submit(_with="attribute", do="consent", attribute="family_name").relay()
    Walker(box).start(22).press("choose", person="burger").relay()
    person = box.persons["werknemer"]
    wrong = Visitor(box, dv, ledger).ask()
    wrong.choose_ad("werknemer").press("login", username="werknemer", password=person["password"] + "x")
    wrong.press("login", username=person["password"], password="werknemer")
    wrong.press("login", username="werknemer", password=person["password"]).press("login", otp="000000")
    wrong.press("cancel").relay()


@pytest.fixture(scope="module")
def markers(box: Box, dv: ForeignDv) -> dict[str, str]:
    """Values that belong to people or companies, by what they are."""
    found: dict[str, str] = {}
    for company in {grant.company for person in cast.PERSONAS for grant in person.grants} | {
        client for person in cast.PERSONAS for client in person.clients
    }:
        found |= {company.kvk: "KvK-nummer", company.name: "name", company.name.split(" B.V.")[0]: "name"}
        found |= {company.rsin: "RSIN"} if company.rsin else {}
        found |= {company.vestiging: "vestiging"} if company.vestiging else {}
    for foreigner in FOREIGNERS:
        found |= {foreigner.bsn: "BSN"} if foreigner.bsn else {}
        found |= {value: "attribute" for value in foreigner.known.values() if len(value) >= _TELLING}
    found |= {MUSTERWERK.identifier: "eIDASLegalIdentifier", MUSTERWERK.name: "name"}
    # Shorter ones, such as initials, stand in any text.
    for known in KNOWN_OF.values():
        found |= {value: "attribute" for value in known.values() if len(value) >= _TELLING}
    secrets = json.loads((box.settings.data / "persons.json").read_text("utf-8"))
    for drawn in secrets.values():
        found |= {drawn["password"]: "password", drawn["pseudonym"]: "internal pseudonym"}
        found |= {drawn["totp_secret"]: "TOTP secret"} if drawn["totp_secret"] else {}
    for received in dv.received:
        if not received.is_empty and received.status == SUCCESS:
            pseudonym = received.opened("ActingSubjectID")["Pseudo"]
            found |= dict.fromkeys((pseudonym, *pseudonym.split("@")), "specific pseudonym")
    return found


def hits(text: str, markers: dict[str, str]) -> set[str]:
    """What kinds of marker stand in a text; never the values, so that a failing test prints none."""
    return {
        kind
        for value, kind in markers.items()
        if value in text and re.search(rf"(?<![0-9A-Za-z]){re.escape(value)}(?![0-9A-Za-z])", text)
    }


def _rows(box: Box) -> Iterator[tuple[str, bytes]]:
    """Every value in the database of the makelaar, and what it holds in base64, thrice over."""
    database = box.settings.folder(MAKELAAR) / "party.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    yield from ((table, layer) for layer in _layers(data, 3))


def _layers(data: bytes, depth: int) -> Iterator[bytes]:
    yield data
    if depth:
        for found in _BASE64.findall(data):
            try:
                yield from _layers(base64.b64decode(found, validate=True), depth - 1)
            except binascii.Error:
                continue


def test_the_scan_finds_what_it_looks_for(box: Box, ledger: Ledger, markers: dict[str, str]) -> None:
    told = "\n".join(text for origin, text in ledger.pages if origin != box.url(MAKELAAR))
    assert {"KvK-nummer", "name", "password", "attribute"} <= hits(told, markers)
    assert {
        "BSN",
        "eIDASLegalIdentifier",
        "specific pseudonym",
        "TOTP secret",
        "internal pseudonym",
        "RSIN",
        "vestiging",
    } <= set(markers.values())


@pytest.mark.rule("3.6.04")
def test_no_party_has_logged_any(box: Box, markers: dict[str, str]) -> None:
    logs = box.logs()
    assert "login_outcome" in logs
    assert not hits(logs, markers)


def test_no_address_has_held_any(ledger: Ledger, markers: dict[str, str]) -> None:
    assert not hits("\n".join(ledger.addresses), markers)


def test_no_page_of_the_makelaar_has_shown_any(box: Box, ledger: Ledger, markers: dict[str, str]) -> None:
    pages = [text for origin, text in ledger.pages if origin == box.url(MAKELAAR)]
    assert len(pages) > 10
    assert not hits("\n".join(pages), markers)


@pytest.mark.rule("3.6.04")
def test_the_makelaar_keeps_none_in_audit_state_or_anywhere(box: Box, markers: dict[str, str]) -> None:
    found = {
        (table, kind) for table, data in _rows(box) for kind in hits(data.decode("utf-8", "replace"), markers)
    }
    assert not found


def test_no_party_keys_its_state_by_any(box: Box, markers: dict[str, str]) -> None:
    names = dict.fromkeys(box.persons, "username")
    for party in PARTIES:
        database = box.settings.folder(party) / "party.db"
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            keys = "\n".join(row[0] for row in connection.execute("SELECT key FROM state"))
        assert not hits(keys, markers | names), party.name


@pytest.mark.rule("9.36")
def test_every_login_that_was_given_is_on_record_once(dv: ForeignDv, recorded: Recorded) -> None:
    for received in dv.received:
        if received.is_empty:
            continue
        outcomes = [
            outcome for _, outcome in recorded("request_id", received.response.get("InResponseTo", ""))
        ]
        granted = received.status == SUCCESS
        assert outcomes.count("granted") == granted
        assert outcomes


@pytest.mark.rule("9.36")
def test_no_outcome_is_on_record_that_is_not_of_the_vocabulary(box: Box) -> None:
    database = box.settings.folder(MAKELAAR) / "party.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        words = {row[0] for row in connection.execute("SELECT DISTINCT outcome FROM audit")}
    assert len(words) > 10
    assert {word for word in words if not is_known(word)} == set()
