"""Certificate weather: the calendar, the metric and the mails that come of it."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine

from broker.onboarding.weather import calendar
from broker.onboarding.weather import metrics
from broker.onboarding.weather import reminders
from broker.onboarding.weather import weather
from broker.ports import Role
from broker.ports.expiries import Expiring
from broker.ports.partner_index import IndexedExpiry
from broker.ports.work import Mail
from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from broker.storage.expiries import SqlExpiries
from broker.storage.migrations import upgrade

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
DV = "urn:etoegang:DV:00000001234567890000:entities:0001"


def ends_in(days: float, use: str = "signing", fingerprint: str = "1" * 64) -> Expiring:
    return Expiring(DV, Role.DV, "Gemeente", use, fingerprint, "certificaat", NOW + timedelta(days=days))


def told(days: float) -> list[Mail]:
    return list(reminders([ends_in(days)], NOW))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    upgrade(made)
    expiries = SqlExpiries(made)
    expiries.replace(
        DV,
        [
            IndexedExpiry("signing", "1" * 64, "a", NOW + timedelta(days=45)),
            IndexedExpiry("signing", "2" * 64, "b", NOW + timedelta(days=12)),
            IndexedExpiry("metadata", "", "validUntil", NOW - timedelta(days=1)),
            IndexedExpiry("encryption", "3" * 64, "c", NOW + timedelta(days=91)),
        ],
    )
    expiries.replace(
        MAKELAAR.entity_id, [IndexedExpiry("own", "4" * 64, "signing", NOW + timedelta(days=80))]
    )
    return made


def test_what_ends_within_ninety_days_is_shown_soonest_first(engine: Engine) -> None:
    found = weather(engine, NOW)

    assert [(each.use, each.days_left(NOW)) for each in found] == [
        ("metadata", -1),
        ("signing", 12),
        ("signing", 45),
        ("own", 80),
    ]
    assert found[-1].name == MAKELAAR.display_name("nl")
    assert [each.use for each in weather(engine, NOW, days=0)] == ["metadata"]


def test_the_metric_says_how_many_days_are_left_by_entity_and_use(engine: Engine) -> None:
    families = {each.name: each for each in text_string_to_metric_families(metrics(engine, NOW).decode())}
    days = {
        (sample.labels["entity_id"], sample.labels["use"]): sample.value
        for sample in families["makelaar_expires_days"].samples
    }

    assert days == {(DV, "metadata"): -1, (DV, "signing"): 12, (MAKELAAR.entity_id, "own"): 80}
    counts = {sample.labels["days"]: sample.value for sample in families["makelaar_expiring"].samples}
    assert counts == {"0": 1, "7": 1, "30": 2, "60": 3, "90": 4}


def test_a_calendar_reads_an_event_for_each_end_and_knows_it_the_next_time() -> None:
    first, again = (
        Calendar.from_ical(calendar([ends_in(12), ends_in(12, "encryption")], NOW + timedelta(days=later)))
        for later in (0, 1)
    )
    events = first.walk("VEVENT")

    assert [event.decoded("dtstart") for event in events] == [date(2026, 12, 4)] * 2
    assert [str(event["summary"]) for event in events] == [
        "Gemeente: signing certificate",
        "Gemeente: encryption certificate",
    ]
    uids = [str(event["uid"]) for event in events]
    assert len(set(uids)) == 2
    assert uids == [str(event["uid"]) for event in again.walk("VEVENT")]


@pytest.mark.parametrize(
    ("days", "threshold"), [(59.9, 60), (30, 60), (29.9, 30), (7, 30), (6.9, 7), (0.5, 7)]
)
def test_a_mail_is_due_once_at_each_of_the_last_days(days: float, threshold: int) -> None:
    (mail,) = told(days)

    assert mail.key.startswith(f"expires:{threshold}:")
    assert f"within {threshold} days" in mail.body
    assert len(mail.key) <= 300
    assert told(days)[0].key == mail.key


@pytest.mark.parametrize("days", [60, 89, -0.1, -30])
def test_nothing_is_mailed_too_early_or_about_what_has_ended(days: float) -> None:
    assert told(days) == []


def test_what_ends_of_one_partner_on_one_day_comes_in_one_mail() -> None:
    found = list(reminders([ends_in(12), ends_in(12, "encryption"), ends_in(20)], NOW))

    assert sorted(mail.body.count("\n- ") for mail in found) == [1, 2]
    assert all(DV in mail.body for mail in found)
