"""How two values differ, as points: data that can be kept and told in either language."""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from enum import StrEnum
from typing import Any

from broker.saml.keys import Certificate
from broker.saml.partner import Endpoint


class How(StrEnum):
    """What became of something."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that differs.

    ``kind`` is what it is, a key of the texts; ``about`` says of which (a service, a language), ``before`` and
    ``after`` are its values. ``since`` is the date from which it holds, when that is not at once.
    """

    kind: str
    how: How
    about: str = ""
    before: str | None = None
    after: str | None = None
    since: str | None = None


Compare = Callable[[Any, Any], Iterator[Point]]
"""From what was and what will be to the points in which they differ."""


def changed(kind: str, shown: Callable[[Any], str] = str) -> Compare:
    """A single value; None is nothing."""

    def compare(before: Any, after: Any) -> Iterator[Point]:
        if before != after:
            yield Point(kind, How.CHANGED, before=_text(before, shown), after=_text(after, shown))

    return compare


def flag(kind: str) -> Compare:
    """Something that is or is not so."""

    def compare(before: bool, after: bool) -> Iterator[Point]:
        if before != after:
            yield Point(kind, How.ADDED if after else How.REMOVED)

    return compare


def members(kind: str, shown: Callable[[Any], str] = str) -> Compare:
    """A set of which the order means nothing."""

    def compare(before: Collection[Any], after: Collection[Any]) -> Iterator[Point]:
        for each in sorted(map(shown, set(before) - set(after))):
            yield Point(kind, How.REMOVED, before=each)
        for each in sorted(map(shown, set(after) - set(before))):
            yield Point(kind, How.ADDED, after=each)

    return compare


def entries(kind: str, shown: Callable[[Any], str] = str) -> Compare:
    """Values under keys; the key is what a point is about."""

    def compare(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterator[Point]:
        for key in sorted({*before, *after}, key=str):
            was, will_be = before.get(key), after.get(key)
            if was == will_be:
                continue
            how = How.ADDED if was is None else How.REMOVED if will_be is None else How.CHANGED
            yield Point(kind, how, "" if key is None else str(key), _text(was, shown), _text(will_be, shown))

    return compare


def certificates(kind: str) -> Compare:
    """Keys: who comes, who goes, and whose certificate or name is another."""

    def compare(before: Sequence[Certificate], after: Sequence[Certificate]) -> Iterator[Point]:
        was = {each.public_key.public_numbers(): each for each in before}
        will_be = {each.public_key.public_numbers(): each for each in after}
        for number in was.keys() - will_be.keys():
            yield Point(kind, How.REMOVED, before=was[number].key_name)
        for number in will_be.keys() - was.keys():
            yield Point(kind, How.ADDED, after=will_be[number].key_name)
        for number in was.keys() & will_be.keys():
            old, new = was[number], will_be[number]
            name = new.key_name
            yield from about(name, changed(f"{kind}-name")(old.key_name, new.key_name))
            if old.der != new.der:
                ends = (f"{each.not_after:%Y-%m-%d}" for each in (old, new))
                yield Point(f"{kind}-certificate", How.CHANGED, name, *ends)
            yield from about(name, changed(f"{kind}-algorithm", _last_part)(old.asked, new.asked))

    return compare


def endpoints(kind: str) -> Compare:
    """Addresses: which come and go, and what else is said of one that stays."""

    def compare(before: Sequence[Endpoint], after: Sequence[Endpoint]) -> Iterator[Point]:
        was, will_be = ({_place(each): each for each in some} for some in (before, after))
        yield from members(kind, _place_text)(was.keys(), will_be.keys())
        for place in sorted(was.keys() & will_be.keys(), key=str):
            old, new, name = was[place], will_be[place], _place_text(place)
            yield from about(name, flag("endpoint-default")(old.is_default, new.is_default))
            yield from about(name, changed("endpoint-response")(old.response_location, new.response_location))

    return compare


def about(what: str, points: Iterator[Point]) -> Iterator[Point]:
    """The same points, of this."""
    for point in points:
        yield replace(point, about=f"{what}: {point.about}" if point.about else what)


def _place(endpoint: Endpoint) -> tuple[str, str, int | None]:
    return endpoint.location, _last_part(endpoint.binding), endpoint.index


def _place_text(place: tuple[str, str, int | None]) -> str:
    location, binding, index = place
    return f"{location} ({binding})" if index is None else f"{location} ({binding}, index {index})"


def _last_part(uri: str) -> str:
    return uri.rpartition("#")[2].rpartition(":")[2]


def _text(value: Any, shown: Callable[[Any], str]) -> str | None:
    return None if value is None else shown(value)
