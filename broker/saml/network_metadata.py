"""Reading the metadata of the network: everyone in it, by role, signed by the beheerorganisatie.

Afsprakenstelsel, Network metadata. What is read here was signed with a key that the operator named, never with one of
the document itself. Each entity is cut out and kept on its own, so that one bad descriptor harms nobody else.
"""

import copy
import hashlib
import re
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from lxml import etree

from broker.saml.build import instant
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.findings import Finding
from broker.saml.findings import Report
from broker.saml.keys import Certificate
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import NETWORK_NAME
from broker.saml.names import ROLE_GROUP
from broker.saml.names import ROLE_GROUPS
from broker.saml.names import XSI
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.policy import LIMITS
from broker.saml.reading import moment
from broker.saml.signature import verify

DOCUMENT = "network metadata"
"""How findings call the document."""

_ENTITIES, _ENTITY = tag(MD, "EntitiesDescriptor"), tag(MD, "EntityDescriptor")
_RULES = "Afsprakenstelsel, Network metadata"
_NAME = re.compile(NETWORK_NAME)
_DURATION = re.compile(
    r"P(?:(\d{1,2})Y)?(?:(\d{1,3})M)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d+)?S)?)?"
)
"""Not so long that it would end after the calendar does."""
_UNITS = tuple(
    timedelta(**unit)
    for unit in ({"days": 365}, {"days": 30}, {"days": 1}, {"hours": 1}, {"minutes": 1}, {"seconds": 1})
)


@dataclass(frozen=True, slots=True)
class Edition:
    """Which edition of the network metadata a Name says it is: version, environment (P, T, ... or none), number."""

    name: str
    version: tuple[int, ...]
    environment: str
    sequence: int

    @classmethod
    def of(cls, name: str) -> "Edition":
        """Read a Name; ValueError for another form."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError("the Name is not urn:etoegang:<version>:metadata:<environment>:<number>")
        version = tuple(int(part) for part in found["version"].split("."))
        return cls(name, version, found["environment"] or "", int(found["sequence"]))

    def precedes(self, other: "Edition") -> bool:
        """Whether the other is a later one; the version counts before the number."""
        return (self.version, self.sequence) < (other.version, other.sequence)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entity with its role, and its descriptors as a metadata document of their own."""

    entity_id: str
    role: str
    metadata: bytes


@dataclass(frozen=True, slots=True)
class NetworkMetadata:
    """A verified edition. ``keep`` is its cacheDuration; ``findings`` say who is in it but could not be placed."""

    edition: Edition
    content_hash: str
    valid_until: datetime | None
    keep: timedelta | None
    listed: tuple[Listed, ...]
    unplaced: frozenset[str]
    findings: tuple[Finding, ...]


def read_network_metadata(data: bytes, certificates: Sequence[Certificate], now: datetime) -> NetworkMetadata:
    """Verify an edition with the certificates of the beheerorganisatie, and sort out who is in it.

    Raises ``DocumentRefused`` for one that is not theirs, not whole, or past its validUntil.
    """
    report = Report(DOCUMENT)
    try:
        element = _verified(data, certificates, report)
    except SamlError as error:
        report.refuse(0, str(error), "Afsprakenstelsel, Digital signature")
    if element.tag != _ENTITIES:
        report.refuse(1, "this is no EntitiesDescriptor", _RULES)
    valid_until = _until(element, report)
    if valid_until is not None and valid_until <= now:
        report.refuse(1, "validUntil has passed", "SAML metadata 2.3.1")
    try:
        edition = Edition.of(element.get("Name", ""))
    except ValueError as error:
        report.refuse(1, str(error), _RULES)
    places, astray = _places(element, report)
    listed, unplaced = _listed(places, report)
    return NetworkMetadata(
        edition=edition,
        content_hash=hashlib.sha256(serialise(element)).hexdigest(),
        valid_until=valid_until,
        keep=_duration(element, report),
        listed=tuple(listed),
        unplaced=frozenset(unplaced | astray),
        findings=tuple(report.findings),
    )


def _verified(data: bytes, certificates: Sequence[Certificate], report: Report) -> etree._Element:
    if not certificates:
        report.refuse(0, "no certificate of the beheerorganisatie was given", _RULES)
    root = parse(data, maximum=LIMITS.network_metadata_bytes)
    return verify(root, certificates, "BO").element


@dataclass(frozen=True, slots=True)
class _Place:
    role: str
    entity: etree._Element


def _places(root: etree._Element, report: Report) -> tuple[dict[str, list[_Place]], set[str]]:
    """Each entity of a role we work with, by entityID; and those of which the role is not clear."""
    found: dict[str, list[_Place]] = {}
    astray: set[str] = set()
    for count, entity in enumerate(root.iter(_ENTITY), start=1):
        if count > LIMITS.network_entities:
            report.refuse(0, f"more than {LIMITS.network_entities} entities", _RULES)
        entity_id = entity.get("entityID", "")
        groups = sorted(set(_groups(entity)))
        if len(groups) != 1 or groups[0] not in ROLE_GROUPS:
            where = (
                f"the group {groups[0]}, which is not known" if len(groups) == 1 else "no group of one role"
            )
            report.warn(entity.sourceline or 0, f"{entity_id} stands in {where}; it is left out", _RULES)
            astray.add(entity_id)
            continue
        role = ROLE_GROUPS[groups[0]]
        if role is not None:
            found.setdefault(entity_id, []).append(_Place(role, entity))
    return found, astray


def _groups(entity: etree._Element) -> Iterator[str]:
    """The names of roles among what surrounds the entity; participants' own groups have other names."""
    for element in entity.iterancestors(_ENTITIES):
        name = element.get("Name", "")
        if name.startswith(ROLE_GROUP):
            yield name


def _listed(places: dict[str, list[_Place]], report: Report) -> tuple[list[Listed], set[str]]:
    listed: list[Listed] = []
    unplaced: set[str] = set()
    for entity_id, found in places.items():
        roles = {place.role for place in found}
        if entity_id.startswith("urn:etoegang:EB:"):
            # An eIDAS-berichtenservice is both, and so listed as both; one description of it will do.
            first = next(role for role in ("EB", "AD", "MR") if role in roles)
            found, roles = [place for place in found if place.role == first], {"EB"}
        if len(roles) > 1:
            names = " and ".join(sorted(roles))
            report.warn(
                found[0].entity.sourceline or 0, f"{entity_id} is listed as {names}; it is left out", _RULES
            )
            unplaced.add(entity_id)
            continue
        listed.append(Listed(entity_id, roles.pop(), _document([place.entity for place in found])))
    return listed, unplaced


def _document(entities: Sequence[etree._Element]) -> bytes:
    """Descriptors in a document of their own, with the end of validity of all that surrounded them."""
    root = etree.Element(_ENTITIES, nsmap={"md": MD, "ds": DS})
    ends = [until for entity in entities for until in _surrounding_ends(entity)]
    if ends:
        root.set("validUntil", instant(min(ends)))
    for entity in entities:
        own = copy.deepcopy(entity)
        own.tail = None
        # The beheerorganisatie has vouched for it; the signature of the participant was over other surroundings.
        for signature in own.findall(tag(DS, "Signature")):
            own.remove(signature)
        _drop_unbound_types(own)
        root.append(own)
    return serialise(root)


def _surrounding_ends(entity: etree._Element) -> Iterator[datetime]:
    for element in entity.iterancestors(_ENTITIES):
        until = element.get("validUntil")
        if until is not None:
            try:
                yield moment(until)
            except MalformedMessage:
                continue  # at the root it was refused; an inner group without a moment limits nothing


def _drop_unbound_types(entity: etree._Element) -> None:
    """Take out an xsi:type of which the prefix was not signed: exclusive c14n leaves such a binding behind."""
    for element in entity.iter("*"):
        prefix, colon, _ = element.get(tag(XSI, "type"), "").partition(":")
        if colon and prefix.strip() not in element.nsmap:
            del element.attrib[tag(XSI, "type")]


def _until(root: etree._Element, report: Report) -> datetime | None:
    text = root.get("validUntil")
    try:
        return None if text is None else moment(text)
    except MalformedMessage as error:
        report.refuse(1, f"validUntil: {error}", "SAML core 1.3.3")


def _duration(root: etree._Element, report: Report) -> timedelta | None:
    text = (root.get("cacheDuration") or "").strip()
    found = _DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        if text:
            report.warn(1, "cacheDuration is no duration; it is ignored", "SAML metadata 2.3.1")
        return None
    return sum(
        (int(amount) * unit for amount, unit in zip(found.groups(), _UNITS, strict=True) if amount),
        timedelta(),
    )
