"""How one version of a partner differs from another, in what a login uses: data first, words after.

A test holds that every field of a partner, its services and its connection is compared here, or stands in
``NOT_COMPARED`` with the reason.
"""

import json
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any
from typing import Final

from broker.domain.attributes import AskedAttribute
from broker.domain.connection import Connection
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import RequestedAttribute
from broker.domain.services import Service
from broker.onboarding.points import Compare
from broker.onboarding.points import How
from broker.onboarding.points import Point
from broker.onboarding.points import about
from broker.onboarding.points import certificates
from broker.onboarding.points import changed
from broker.onboarding.points import endpoints
from broker.onboarding.points import entries
from broker.onboarding.points import flag
from broker.onboarding.points import members
from broker.saml.partner import Organisation
from broker.saml.partner import Partner
from broker.saml.partner import in_force
from broker.saml.reading import display_text
from broker.screens.language import Language
from broker.screens.texts import text


@dataclass(frozen=True, slots=True)
class Difference:
    """The points in which a version differs from what was in force when it came in."""

    points: tuple[Point, ...] = ()

    def in_words(self, language: Language) -> tuple[str, ...]:
        """A sentence for each point."""
        return tuple(display_text(_sentence(language, point)) for point in self.points)

    @property
    def shrinks(self) -> bool:
        """Whether something that people log in at would be gone: a service, or a way to be told the outcome."""
        return any(point.how is How.REMOVED and point.kind in {"service", "acs"} for point in self.points)

    def to_json(self) -> list[dict[str, str]]:
        """The points with what each has."""
        return [{name: value for name, value in asdict(each).items() if value} for each in self.points]

    @classmethod
    def from_json(cls, points: Iterable[Mapping[str, str]]) -> "Difference":
        """Read what ``to_json`` made."""
        found: list[Point] = []
        for each in points:
            values = dict(each)
            found.append(Point(values.pop("kind"), How(values.pop("how")), **values))
        return cls(tuple(found))


def difference(before: Sequence[Partner], after: Sequence[Partner], now: datetime) -> Difference:
    """From the descriptions that are in force to those that would be; ``before`` is empty for a new partner.

    What holds now is compared with what will hold; what its metadata announces for later is told with its date.
    """
    new = _at(after, now)
    if not before:
        return Difference((Point("partner", How.ADDED, after=new.organisation_name("nl")), *_of_new(new)))
    old = _at(before, now)
    points = [*_compared(PARTNER, old, new)]
    known = [each for each in before if _is_later(each, now)]
    for later in (each for each in after if _is_later(each, now)):
        if later not in known:
            points += [
                replace(point, since=f"{later.valid_from:%Y-%m-%d}")
                for point in _compared(PARTNER, new, later)
            ]
    for gone in known:
        if gone not in after:
            points.append(Point("announcement", How.REMOVED, before=f"{gone.valid_from:%Y-%m-%d}"))
    return Difference(tuple(points))


def _at(versions: Sequence[Partner], now: datetime) -> Partner:
    return in_force(versions, now) or versions[-1]


def _is_later(partner: Partner, now: datetime) -> bool:
    return partner.valid_from is not None and partner.valid_from > now


def _of_new(partner: Partner) -> Iterator[Point]:
    """What a new partner brings along, in short."""
    nothing = Partner(partner.entity_id, None, {}, (), ())
    for name in ("signing", "encryption", "assertion_consumers", "sign_on", "catalogue"):
        yield from PARTNER[name](getattr(nothing, name), getattr(partner, name))


def _compared(fields: Mapping[str, Compare], before: Any, after: Any) -> Iterator[Point]:
    return chain.from_iterable(
        compare(getattr(before, name), getattr(after, name)) for name, compare in fields.items()
    )


def _inside(fields: Mapping[str, Compare]) -> Compare:
    return lambda before, after: _compared(fields, before, after)


def _services(before: Mapping[str, Service], after: Mapping[str, Service]) -> Iterator[Point]:
    for service_id in sorted({*before, *after}):
        old, new = before.get(service_id), after.get(service_id)
        if old is None and new is not None:
            yield Point("service", How.ADDED, _name_of(new), after=new.level.label)
        elif old is not None and new is None:
            yield Point("service", How.REMOVED, _name_of(old))
        elif old is not None and new is not None:
            yield from about(_name_of(new), _compared(SERVICE, old, new))


def _name_of(service: Service) -> str:
    return f"{service.service_id.rpartition(':')[2]} ({service.name('nl')})"


def _asked(before: Mapping[int | None, Any], after: Mapping[int | None, Any]) -> Iterator[Point]:
    """The attributes of metadata, by index."""
    for index in sorted({*before, *after}, key=str):
        shown = entries("asked-attribute", lambda each: _required(each.is_required))
        points = shown(_by_name(before.get(index, ())), _by_name(after.get(index, ())))
        yield from points if index is None else about(f"index {index}", points)


def _attributes(before: Sequence[RequestedAttribute], after: Sequence[RequestedAttribute]) -> Iterator[Point]:
    """The attributes of the catalogue."""
    was, will_be = _by_name(before), _by_name(after)
    yield from entries("service-attribute", lambda each: _required(each))(
        {name: each.is_required for name, each in was.items()},
        {name: each.is_required for name, each in will_be.items()},
    )
    for name in sorted(was.keys() & will_be.keys()):
        purposes = entries("service-purpose")(was[name].purposes, will_be[name].purposes)
        yield from about(name, purposes)


def _by_name(attributes: Sequence[Any]) -> dict[str, Any]:
    return {_short(each.name): each for each in attributes}


def _required(is_required: bool | None) -> str:
    return {True: "*", False: "-", None: "?"}[is_required]


def _classifiers(before: frozenset[str], after: frozenset[str]) -> Iterator[Point]:
    # Our own Classifier says no to something; a reader thinks of the thing itself.
    yield from flag("service-chain")(NO_CHAIN_CLASSIFIER not in before, NO_CHAIN_CLASSIFIER not in after)
    yield from members("service-classifier")(before - {NO_CHAIN_CLASSIFIER}, after - {NO_CHAIN_CLASSIFIER})


def _short(urn: str) -> str:
    return urn.rpartition(":")[2]


def _sets(sets: Sequence[Sequence[str]]) -> str:
    return ", ".join(" + ".join(_short(each) for each in one) for one in sets) or "-"


def _level(level: LevelOfAssurance) -> str:
    return level.label


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


ORGANISATION: Final[Mapping[str, Compare]] = {
    "names": entries("organisation-name"),
    "urls": entries("organisation-url"),
}

CONNECTION: Final[Mapping[str, Compare]] = {
    "profile": changed("profile"),
    "tolerances": members("tolerance"),
    "mutual_tls": flag("mutual-tls"),
    "encrypt_assertion": flag("encrypted-assertion"),
    "attribute_names": entries("attribute-name"),
    "contexts": entries("context", _level),
    "default_service": changed("default-service"),
    "name": changed("button"),
    "subject": changed("subject"),
    "register": changed("register"),
    "key_overlap_days": changed("key-overlap"),
}

SERVICE: Final[Mapping[str, Compare]] = {
    "names": entries("service-name"),
    "level": changed("service-level", _level),
    "identifier_sets": changed("service-identifiers", _sets),
    "acting_sets": changed("service-acting", _sets),
    "restrictions_allowed": members("service-restriction", _short),
    "classifiers": _classifiers,
    "requested_attributes": _attributes,
    "sso_support": flag("service-sso"),
    "is_portal": flag("service-portal"),
    "portal_for": members("service-portal-for"),
    "intermediation": changed("service-intermediation"),
    "intermediaries": members("service-intermediary"),
    "intermediated_service": changed("service-intermediated"),
    "makelaars": members("service-makelaar"),
    "dienstverlener": changed("service-oin"),
    "dienstverlener_names": entries("service-owner"),
    "service_uuid": changed("service-uuid"),
    "instance_uuid": changed("service-instance"),
}

PARTNER: Final[Mapping[str, Compare]] = {
    "role": changed("role"),
    "oin": changed("oin"),
    "display_names": entries("name"),
    "organisation": _inside(ORGANISATION),
    "signing": certificates("signing-key"),
    "encryption": certificates("encryption-key"),
    "assertion_consumers": endpoints("acs"),
    "sign_on": endpoints("sign-on"),
    "artifact_resolution": endpoints("artifact-resolution"),
    "logout": endpoints("logout"),
    "catalogue": _services,
    "services": entries("index"),
    "default_service": changed("default-service"),
    "requested_attributes": _asked,
    "level": changed("level", _level),
    "identifier_types": members("identifier-type", _short),
    "catalogue_location": changed("catalogue-location"),
    "valid_from": changed("valid-from", _moment),
    "valid_until": changed("valid-until", _moment),
    "connection": _inside(CONNECTION),
}

COMPARED: Final[Mapping[type, Mapping[str, Compare]]] = {
    Partner: PARTNER,
    Service: SERVICE,
    Connection: CONNECTION,
    Organisation: ORGANISATION,
}
"""What is compared, by type and field."""

NOT_COMPARED: Final[Mapping[type, Mapping[str, str]]] = {
    Partner: {"entity_id": "versions of one partner have it in common"},
    Service: {"service_id": "services are found by it: another one is another service"},
    Connection: {},
    Organisation: {},
    AskedAttribute: {},
}
"""What is not, and why."""


def _sentence(language: Language, point: Point) -> str:
    nothing = text(language, "difference.nothing").unescape()
    values = {"about": point.about, "before": point.before or nothing, "after": point.after or nothing}
    if point.kind in {"service-attribute", "asked-attribute"}:
        for name in ("before", "after"):
            values[name] = text(
                language, f"difference.required.{_REQUIRED.get(values[name], 'open')}"
            ).unescape()
    sentence = text(language, f"difference.{point.kind}.{point.how}", **values).unescape()
    if point.since is None:
        return sentence
    return text(language, "difference.since", date=point.since, sentence=sentence).unescape()


_REQUIRED: Final = {"*": "yes", "-": "no", "?": "open"}


def difference_of(kept: str | None) -> Difference:
    """The difference in the column of a version; none when it was not kept."""
    return Difference() if kept is None else Difference.from_json(json.loads(kept)["points"])
