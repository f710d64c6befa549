"""Checks of metadata: the entity itself, who it is and until when it holds."""

import re
from collections.abc import Iterator
from datetime import datetime
from datetime import timedelta
from typing import Final

from broker.checks.listed import key_of
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_descriptor
from broker.checks.looking import on_entity
from broker.checks.looking import on_known_entity
from broker.checks.looking import on_root
from broker.domain.connection import Profile
from broker.ports.neighbours import Neighbours
from broker.saml.errors import MalformedMessage
from broker.saml.metadata import oin_of
from broker.saml.names import MD
from broker.saml.names import SAMLP
from broker.saml.names import XML
from broker.saml.names import tag
from broker.saml.validity import validity

_ROLE: Final = re.compile(r"urn:etoegang:([A-Z]+):")
_OIN_PREFIX: Final = re.compile(r"000000(0[1-9]|1[01]|99)|99999999")
"""The prefixes of the OIN-stelsel, those of tests, and the one of the beheerorganisatie's own test OIN."""
_VERSION: Final = re.compile(r"\{urn:etoegang:[0-9.]+:metadata-extension\}version")
_OTHER_ROLES: Final = (
    "IDPSSODescriptor",
    "AttributeAuthorityDescriptor",
    "AuthnAuthorityDescriptor",
    "PDPDescriptor",
)
_SOON: Final = timedelta(days=30)


@on_root("MD-000")
def refused_otherwise(_root: Element, _seen: Seen) -> Iterator[Found]:
    """Found by the readers of a login alone; see ``readers``."""
    yield from ()


@on_descriptor("MD-010")
def metadata_expired(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """The end of an element around it has come, of each description of the entity."""
    ends = [_until(each) for each in _descriptors(descriptor)]
    if ends and all(end is not None and end <= seen.subject.now for end in ends):
        holder = next(each for each in (descriptor, *descriptor.iterancestors()) if each.get("validUntil"))
        yield Found(holder, holder.get("validUntil", ""), "validUntil", f"> {seen.subject.now:%Y-%m-%d}")


@on_descriptor("MD-011")
def unreadable_moment(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A validUntil or validFrom that is no moment."""
    for each in _descriptors(descriptor):
        try:
            validity(_entity_of(each), each)
        except MalformedMessage as error:
            yield Found(_entity_of(each), f"{error}: {_entity_of(each).get('validUntil') or ''}".strip(": "))


@on_descriptor("MD-012")
def not_yet(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """None of the descriptions is in force yet."""
    starts = [_from(each) for each in _descriptors(descriptor)]
    if starts and all(start is not None and start > seen.subject.now for start in starts):
        yield Found(
            _entity_of(descriptor),
            f"{starts[0]:%Y-%m-%dT%H:%M:%SZ}",
            expected=f"≤ {seen.subject.now:%Y-%m-%d}",
        )


@on_root("MD-013")
def same_beginning(root: Element, seen: Seen) -> Iterator[Found]:
    """Two descriptions of one entity that begin at the same time."""
    if seen.descriptor is None:
        return
    starts = [_from(each) for each in _descriptors(seen.descriptor)]
    if len(set(starts)) != len(starts):
        yield Found(root, f"{starts[0]:%Y-%m-%dT%H:%M:%SZ}" if starts[0] else "–")


@on_descriptor("MD-014")
def name_id_format(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A list of NameIDFormats, of which the stelsel knows none."""
    for found in descriptor.iterfind(tag(MD, "NameIDFormat")):
        yield Found(found, (found.text or "").strip())


@on_entity("MD-015")
def entity_id_with_space(entity: Element, _seen: Seen) -> Iterator[Found]:
    """An entityID that nobody can compare: signs of other alphabets look like those of ours."""
    name = entity.get("entityID", "")
    plain = "".join(each for each in name if "!" <= each <= "~")
    if not name or name != plain:
        yield Found(entity, ascii(name), "entityID", plain or "urn:etoegang:DV:…")


@on_entity("MD-016")
def entity_id_of_another_form(entity: Element, _seen: Seen) -> Iterator[Found]:
    """Neither the URN nor a web address, which is another check."""
    name = entity.get("entityID", "")
    if oin_of(name) is None and not _is_web_address(name):
        yield Found(entity, name, "entityID")


@on_entity("MD-017")
def trailing_slash(entity: Element, _seen: Seen) -> Iterator[Found]:
    """The slash that software adds, and that then differs from Issuer or Audience."""
    name = entity.get("entityID", "")
    if name.endswith("/"):
        yield Found(entity, name, "entityID", name.rstrip("/"))


@on_entity("MD-018")
def web_address(entity: Element, _seen: Seen) -> Iterator[Found]:
    """An entityID that became a URL."""
    name = entity.get("entityID", "")
    if _is_web_address(name):
        yield Found(entity, name, "entityID")


@on_entity("MD-019")
def another_role(entity: Element, _seen: Seen) -> Iterator[Found]:
    """The URN of somebody who is no dienstverlener."""
    name = entity.get("entityID", "")
    if oin_of(name) is not None and ":DV:" not in name:
        yield Found(entity, name, "entityID")


@on_entity("MD-020")
def unknown_oin(entity: Element, _seen: Seen) -> Iterator[Found]:
    """A prefix that nobody gives out."""
    oin = oin_of(entity.get("entityID", ""))
    if oin is not None and _OIN_PREFIX.match(oin) is None:
        yield Found(entity, oin, "entityID")


@on_entity("MD-061")
def other_roles(entity: Element, _seen: Seen) -> Iterator[Found]:
    """An identity provider in the same description."""
    for name in _OTHER_ROLES:
        for found in entity.iterfind(tag(MD, name)):
            yield Found(found, name)


@on_entity("MD-063")
def no_dutch_organisation(entity: Element, _seen: Seen) -> Iterator[Found]:
    """Nothing to call it by in Dutch."""
    names = entity.findall(f"{tag(MD, 'Organization')}/{tag(MD, 'OrganizationDisplayName')}")
    if not any(each.get(tag(XML, "lang"), "nl") == "nl" for each in names):
        languages = ", ".join(each.get(tag(XML, "lang"), "") for each in names)
        yield Found(names[0] if names else entity, languages or "–")


@on_entity("MD-064")
def named_person(entity: Element, _seen: Seen) -> Iterator[Found]:
    """A contact with the name of a person; the name itself is not repeated in the report."""
    for contact in entity.iter(tag(MD, "ContactPerson")):
        if contact.find(tag(MD, "GivenName")) is not None or contact.find(tag(MD, "SurName")) is not None:
            yield Found(contact, "GivenName, SurName")


@on_descriptor("MD-065")
def expires_soon(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """Still good, but not for long."""
    end, now = _until(descriptor), seen.subject.now
    if end is not None and now < end < now + _SOON:
        yield Found(_entity_of(descriptor), f"{end:%Y-%m-%d}", expected=f"> {now + _SOON:%Y-%m-%d}")


@on_descriptor("MD-066")
def judged_now(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Software of the profile saml that writes a validUntil."""
    end = _until(descriptor)
    if end is not None:
        yield Found(_entity_of(descriptor), f"{end:%Y-%m-%dT%H:%M:%SZ}")


@on_descriptor("MD-067")
def another_protocol(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A role of SAML 1.1, or of nothing."""
    protocols = descriptor.get("protocolSupportEnumeration", "")
    if SAMLP not in protocols.split():
        yield Found(descriptor, protocols or "–", "protocolSupportEnumeration")


@on_entity("MD-068")
def no_version(entity: Element, _seen: Seen) -> Iterator[Found]:
    """Which interface version it expects has to be guessed."""
    if _version_of(entity) is None:
        yield Found(entity)


@on_entity("MD-069")
def another_version(entity: Element, seen: Seen) -> Iterator[Found]:
    """The version says other answers than the profile gives."""
    version = _version_of(entity)
    if version is None or not re.fullmatch(r"\d+\.\d+", version):
        return
    numbers = tuple(int(part) for part in version.split("."))
    if (numbers < (1, 13)) is not (seen.profile is Profile.V1_11):
        yield Found(entity, version, expected=seen.profile.value)


@on_known_entity("MD-070")
def no_known_key(entity: Element, known: Neighbours, seen: Seen) -> Iterator[Found]:
    """Somebody who is connected, with none of the keys by which it is known."""
    keys = known.keys_of(entity.get("entityID", ""))
    own = {key_of(each.key) for each in seen.listed if each.key is not None and each.use != "encryption"}
    if keys and not keys & own:
        yield Found(entity, f"{len(own)} × new", expected="1 × known")


@on_descriptor("MD-030")
def unsigned_requests(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Metadata that does not promise signed requests."""
    yield from _not_true(descriptor, "AuthnRequestsSigned")


@on_descriptor("MD-031")
def unsigned_assertions(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """Metadata that does not want signed assertions."""
    yield from _not_true(descriptor, "WantAssertionsSigned")


def _not_true(descriptor: Element, name: str) -> Iterator[Found]:
    value = descriptor.get(name)
    if value is None or value.strip() not in {"true", "1"}:
        yield Found(descriptor, value or "–", name if value else None)


def _is_web_address(name: str) -> bool:
    return name.lower().startswith(("http://", "https://"))


def _version_of(entity: Element) -> str | None:
    return next(
        (str(text).strip() for name, text in entity.attrib.items() if _VERSION.fullmatch(str(name))), None
    )


def _entity_of(descriptor: Element) -> Element:
    parent = descriptor.getparent()
    return descriptor if parent is None else parent


def _descriptors(descriptor: Element) -> list[Element]:
    """The SPSSODescriptor of each description of the entity."""
    entities = descriptor.getroottree().getroot().iter(tag(MD, "EntityDescriptor"))
    found = (each.find(tag(MD, "SPSSODescriptor")) for each in entities)
    return [each for each in found if each is not None]


def _until(descriptor: Element) -> datetime | None:
    return _validity(descriptor)[1]


def _from(descriptor: Element) -> datetime | None:
    return _validity(descriptor)[0]


def _validity(descriptor: Element) -> tuple[datetime | None, datetime | None]:
    """What cannot be read is another check."""
    try:
        return validity(_entity_of(descriptor), descriptor)
    except MalformedMessage:
        return None, None
