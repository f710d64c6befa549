"""A sighting is written once an hour, however often it is made."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

from broker.domain.connection import Tolerance
from broker.makelaar.conformance import Conformance
from broker.ports import Deviation

NOW = datetime(2026, 11, 22, 13, 10, tzinfo=UTC)


class Kept:
    """A log that remembers what was written."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str, datetime]] = []

    def note(self, entity_id: str, tolerance: str, at: datetime, reference: str | None) -> None:
        self.written.append((entity_id, tolerance, at))

    def of(self, entity_id: str) -> list[Deviation]:
        raise NotImplementedError


def test_the_second_sighting_of_an_hour_is_not_written() -> None:
    kept = Kept()
    conformance = Conformance(kept)
    for minutes in (0, 10, 49, 50):
        conformance.note("dv", {Tolerance.ACS_URL}, NOW + timedelta(minutes=minutes), None)
    assert kept.written == [("dv", "acs-url", NOW), ("dv", "acs-url", NOW + timedelta(minutes=50))]


def test_another_partner_and_another_habit_are_written() -> None:
    kept = Kept()
    conformance = Conformance(kept)
    conformance.note("dv", {Tolerance.ACS_URL}, NOW, None)
    conformance.note("dv", {Tolerance.TIME_ZONE}, NOW, None)
    conformance.note("other", {Tolerance.ACS_URL}, NOW, None)
    assert [(entity_id, tolerance) for entity_id, tolerance, _ in kept.written] == [
        ("dv", "acs-url"),
        ("dv", "tijdzone"),
        ("other", "acs-url"),
    ]
