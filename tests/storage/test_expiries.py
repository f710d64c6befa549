"""The contract of ``Expiries``, on SQLite and PostgreSQL."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy import update

from broker.ports import Role
from broker.ports.expiries import Expiries
from broker.ports.partner_index import IndexedExpiry
from broker.storage.expiries import SqlExpiries
from broker.storage.registry import SqlRegistry
from broker.storage.tables import partner
from tests.exchange.builders import record_of
from tests.saml.builders import DV

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(days=10), NOW + timedelta(days=20)
US = "urn:etoegang:HM:1:entities:1"


@pytest.fixture
def expiries(engine: Engine) -> Expiries:
    SqlRegistry(engine).save(record_of("dv"))
    found = SqlExpiries(engine)
    found.replace(DV, [IndexedExpiry("signing", "1" * 64, "x" * 400, LATER)])
    found.replace(US, [IndexedExpiry("own", "0" * 64, "signing", SOON)])
    return found


def ends(expiries: Expiries, moment: datetime, limit: int = 10) -> list[tuple[str, Role | None, str]]:
    found = [(each.entity_id, each.role, each.use) for each in expiries.before(moment, limit=limit)]
    assert expiries.count_before(moment) >= len(found)
    return found


def test_the_soonest_comes_first_of_us_and_of_partners(expiries: Expiries) -> None:
    everything = NOW + timedelta(days=90)

    assert ends(expiries, everything) == [(US, None, "own"), (DV, Role.DV, "signing")]
    assert ends(expiries, everything, limit=1) == [(US, None, "own")]
    assert ends(expiries, LATER) == [(US, None, "own")]
    assert ends(expiries, SOON) == []


def test_what_is_kept_of_somebody_is_replaced_as_a_whole(expiries: Expiries) -> None:
    expiries.replace(US, [])

    assert ends(expiries, NOW + timedelta(days=90)) == [(DV, Role.DV, "signing")]


def test_who_is_suspended_is_left_in_peace(expiries: Expiries, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(partner).values(suspended_at=NOW))

    assert ends(expiries, NOW + timedelta(days=90)) == [(US, None, "own")]
