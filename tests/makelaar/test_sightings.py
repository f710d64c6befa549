"""Who is seen with which of our keys: once an hour, written outside of logins, and never on the word of a stranger."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from broker.assembly.personal_address import PersonalAddresses
from broker.domain.own_keys import OwnKey
from broker.domain.own_keys import published_keys
from broker.makelaar.sightings import Sightings
from broker.ports.sightings import Seen
from broker.ports.sightings import Sighting
from broker.ports.sightings import Unseen
from broker.saml.artifact import source_id
from broker.saml.policy import LIFETIMES

NOW = datetime(2026, 11, 22, 13, 10, tzinfo=UTC)
ACTIVE = OwnKey("signing", "0" * 64, b"", NOW - timedelta(days=9), active_at=NOW - timedelta(days=9))
NEXT = OwnKey("next", "1" * 64, b"", NOW)
PARTNER, OTHER = "urn:etoegang:AD:1:entities:1", "urn:etoegang:AD:2:entities:1"


class Kept:
    """What was written, and how often."""

    def __init__(self) -> None:
        self.writes: list[set[tuple[str, str, Seen]]] = []
        self.down = False

    def note(self, seen: Iterable[tuple[str, str, Seen]], at: datetime) -> None:
        if self.down:
            raise OperationalError("INSERT", None, Exception("down"))
        if found := set(seen):
            self.writes.append(found)

    def of_partner(self, entity_id: str) -> Sequence[Sighting]:
        raise NotImplementedError

    def counts(self) -> dict[tuple[str, Seen], int]:
        raise NotImplementedError

    def without(self, fingerprint: str, *, limit: int, after: str = "") -> Sequence[Unseen]:
        raise NotImplementedError

    def count_without(self, fingerprint: str) -> int:
        raise NotImplementedError


class Keys:
    """The keys of a moment."""

    def __init__(self, *keys: OwnKey) -> None:
        self.keys = keys

    def published(self, moment: datetime) -> tuple[OwnKey, ...]:
        return published_keys(self.keys, moment)


class Seeing:
    """Sightings whose writing waits for ``later``."""

    def __init__(self, *keys: OwnKey) -> None:
        self.kept = Kept()
        self.waiting: list[Callable[[], None]] = []
        self.sightings = Sightings(self.kept, Keys(*keys), self.waiting.append)

    def later(self) -> None:
        for call in self.waiting:
            call()
        self.waiting.clear()


@pytest.fixture
def seeing() -> Seeing:
    return Seeing(ACTIVE, NEXT)


def test_who_fetches_metadata_is_seen_with_every_key_in_it_at_once(seeing: Seeing) -> None:
    seeing.sightings.fetched(PARTNER, NOW)

    assert seeing.kept.writes == [
        {(PARTNER, ACTIVE.fingerprint, Seen.FETCHED), (PARTNER, NEXT.fingerprint, Seen.FETCHED)}
    ]


def test_what_a_login_shows_is_written_after_it_all_together(seeing: Seeing) -> None:
    seeing.sightings.accepted(PARTNER, NOW)
    seeing.sightings.received(OTHER, NOW)
    assert seeing.kept.writes == []
    assert len(seeing.waiting) == 1

    seeing.later()

    assert seeing.kept.writes == [
        {(PARTNER, ACTIVE.fingerprint, Seen.ACCEPTED), (OTHER, ACTIVE.fingerprint, Seen.RECEIVED)}
    ]


def test_the_same_is_written_once_an_hour(seeing: Seeing) -> None:
    for minutes in range(49):
        seeing.sightings.accepted(PARTNER, NOW + timedelta(minutes=minutes))
        seeing.later()
    assert len(seeing.kept.writes) == 1

    seeing.sightings.accepted(PARTNER, NOW + timedelta(minutes=50))
    seeing.later()
    assert len(seeing.kept.writes) == 2


def test_an_answer_just_after_the_switch_may_be_to_a_question_of_before(seeing: Seeing) -> None:
    switched = Seeing(replace(ACTIVE, retiring_at=NOW), replace(NEXT, active_at=NOW))
    switched.sightings.accepted(PARTNER, NOW + LIFETIMES.journey - timedelta(seconds=1))
    switched.later()
    assert switched.kept.writes == []

    switched.sightings.accepted(PARTNER, NOW + LIFETIMES.journey)
    switched.later()
    assert switched.kept.writes == [{(PARTNER, NEXT.fingerprint, Seen.ACCEPTED)}]


def test_a_database_that_is_down_ends_no_login(seeing: Seeing) -> None:
    seeing.kept.down = True
    seeing.sightings.accepted(PARTNER, NOW)
    seeing.later()
    seeing.sightings.fetched(OTHER, NOW)

    assert seeing.kept.writes == []


ADDRESSES = PersonalAddresses(b"a secret of this test")


def test_an_address_names_whom_it_was_given_to() -> None:
    url, _, value = ADDRESSES.address("https://makelaar.example.nl/metadata", PARTNER).partition("?voor=")

    assert url == "https://makelaar.example.nl/metadata"
    assert ADDRESSES.read(value) == source_id(PARTNER)


@pytest.mark.parametrize(
    "spoil", [str.upper, lambda value: value[:-1], lambda value: value.partition("-")[0]]
)
def test_an_address_that_we_did_not_give_names_nobody(spoil: Callable[[str], str]) -> None:
    _, _, value = ADDRESSES.address("", PARTNER).partition("?voor=")

    assert ADDRESSES.read(spoil(value)) is None


@pytest.mark.parametrize("value", ["", "-", "é-é", "zz-zz", source_id(PARTNER).hex() + "-" + "0" * 32])
def test_what_strangers_make_up_names_nobody(value: str) -> None:
    assert ADDRESSES.read(value) is None


def test_the_code_of_one_is_not_that_of_another() -> None:
    _, _, value = ADDRESSES.address("", PARTNER).partition("?voor=")
    code = value.partition("-")[2]

    assert ADDRESSES.read(f"{source_id(OTHER).hex()}-{code}") is None
    assert PersonalAddresses(b"another secret").read(value) is None
