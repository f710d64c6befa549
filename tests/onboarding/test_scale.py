"""What a login, a connection and an onboarding ask of the database does not grow with the number of dienstverleners."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import pytest
import urllib3
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import event

from bench.cast import DV
from bench.cast import SERVICE
from broker.assembly import paths
from broker.assembly.onboarding import register
from broker.exchange.own import system_clock
from broker.makelaar.app import create_app
from broker.makelaar.trust import Trust
from broker.onboarding.partners import overview
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.partner_index import IndexedCertificate
from broker.ports.partner_index import IndexedExpiry
from broker.ports.partner_index import IndexedService
from broker.ports.partner_index import PartnerIndex
from broker.settings import MAKELAAR
from broker.storage.registry import SqlRegistry
from broker.storage.registry import save_partners
from broker.storage.sql_state import SqlStateStore
from tests.onboarding.place import Place
from tests.onboarding.place import in_place
from tests.reporting import Report

FEW, MANY = 10, 3_000
STEPS = 10
"""Instructions of SQLite between two calls of its progress handler."""

BY_THE_CLOCK = ("own_key", "key_sighting")
"""What is asked or noted every so many seconds, not every so many logins."""


class Effort:
    """What the database was asked while this counts: statements, and the work of SQLite in them."""

    def __init__(self) -> None:
        self.statements: Counter[str] = Counter()
        self.steps = 0
        self.ended = False

    def before(self, connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if any(table in statement for table in BY_THE_CLOCK):
            return
        self.statements[statement] += 1
        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(self.step, STEPS)

    def step(self) -> int:
        self.steps += not self.ended  # a connection keeps its handler
        return 0


@contextmanager
def counted() -> Iterator[Effort]:
    effort = Effort()
    event.listen(Engine, "before_cursor_execute", effort.before)
    yield effort
    effort.ended = True
    event.remove(Engine, "before_cursor_execute", effort.before)


@dataclass
class Filled(Place):
    """One with many dienstverleners."""

    def fill(self, first: int, last: int) -> None:
        """Connect dienstverleners in bulk: no login is theirs, so their documents are not read."""
        blob, der = b"x" * 6_000, self.stage.dv.signer.certificate_der
        end = system_clock()
        partners = [
            (
                PartnerRecord(
                    entity_id=f"urn:etoegang:DV:{number:020}:entities:0001",
                    role=Role.DV,
                    metadata=blob,
                    catalogue=blob,
                    content_hash=f"{number:064}",
                    added_at=end,
                ),
                PartnerIndex(
                    f"Gemeente {number}",
                    (
                        IndexedService(
                            f"urn:etoegang:DV:{number:020}:services:1", f"i{number}", "d", str(number)
                        ),
                    ),
                    (IndexedExpiry("signing", "f" * 64, "key", end),),
                    (IndexedCertificate("f" * 64, "an authority", der),),
                ),
            )
            for number in range(first, last)
        ]
        with self.engine.begin() as connection:
            save_partners(connection, partners)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with in_place(tmp_path_factory.mktemp("scale")) as place:
        yield Filled(place.settings, place.stage, place.engine)


def ask(place: Place) -> None:
    """One question for the list of authenticatiediensten."""
    address = f"http://127.0.0.1:{place.settings.port}{paths.AD_LIST}?ServiceUUID={SERVICE.instance_uuid}"
    assert urllib3.request("GET", address, timeout=10).status == 200


def connect(place: Place) -> None:
    """The dienstverlener hands its documents over once more."""
    record = next(each for each in place.stage.records() if each.entity_id == DV.entity_id)
    registry = SqlRegistry(place.engine)
    register(
        registry,
        Role.DV,
        record.metadata,
        record.catalogue,
        makelaar_oin=MAKELAAR.oin,
        now=system_clock(),
        connection=replace(record.connection, mutual_tls=False),
        new_keys=False,
    )


def test_nothing_grows_with_the_number_of_dienstverleners(place: Filled, report: Report) -> None:
    trust = Trust(place.settings, SqlRegistry(place.engine))
    trust.context()
    acts: dict[str, Callable[[], object]] = {
        "login": place.log_in_once,
        "listAD.xml": lambda: ask(place),
        "TLS connection": trust.context,
        "dv add": lambda: connect(place),
        "page of partners": lambda: overview(place.engine, size=5),
        "page of dienstverleners": lambda: overview(
            place.engine, role=Role.DV, after=DV.entity_id[:16], size=5
        ),
        "start": lambda: create_app(place.settings),
    }
    found: dict[tuple[str, int], Effort] = {}
    below = 1
    for number in (FEW, MANY):
        place.fill(below, number)
        below = number
        for name, act in acts.items():
            act()
            with counted() as effort:
                act()
            found[name, number] = effort
    for name in acts:
        few, many = found[name, FEW], found[name, MANY]
        columns = {f"statements, {number}": found[name, number].statements.total() for number in (FEW, MANY)}
        columns |= {f"steps of SQLite, {number}": found[name, number].steps * STEPS for number in (FEW, MANY)}
        report("What the database is asked with few and many dienstverleners", act=name, **columns)
        assert few.statements == many.statements
        assert many.steps <= few.steps * 1.2 + 20


def test_a_login_without_a_test_ticket_asks_nothing_about_tests(
    place: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def noting(name: str) -> Callable[..., Any]:
        original = getattr(SqlStateStore, name)

        def note(store: SqlStateStore, key: str, *values: Any) -> Any:
            asked.append(key)
            return original(store, key, *values)

        return note

    for name in ("put", "get", "take", "claim", "swap", "count", "drop"):
        monkeypatch.setattr(SqlStateStore, name, noting(name))
    with counted() as effort:
        place.log_in_once()

    assert any(key.startswith("journey:") for key in asked)
    assert any(key.startswith("artifact:") for key in asked)
    assert not [key for key in asked if "test" in key]
    assert not [each for each in effort.statements if "partner_version" in each or "rehearsal" in each]
