"""Checks of an AuthnRequest: who sends it, to whom, and where the answer goes."""

import re
from collections.abc import Iterator
from typing import Final

from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_asked
from broker.checks.looking import on_message
from broker.saml.errors import MalformedMessage
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import CONSENT_UNSPECIFIED
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.policy import LIFETIMES
from broker.saml.policy import LIMITS
from broker.saml.reading import message_id
from broker.saml.reading import moment

_TRUE: Final = frozenset({"true", "1"})
_VERSION: Final = re.compile(r"/(1\.\d+)/?$")
_URL: Final = "AssertionConsumerServiceURL"
_INDEX: Final = "AssertionConsumerServiceIndex"


@on_message("RQ-008")
def another_version(message: Element, _seen: Seen) -> Iterator[Found]:
    """Not SAML 2.0."""
    if message.get("Version") != "2.0":
        yield Found(message, message.get("Version", ""), "Version")


@on_message("RQ-009")
def no_id(message: Element, _seen: Seen) -> Iterator[Found]:
    """Nothing that an answer could refer to."""
    try:
        message_id(message)
    except MalformedMessage:
        yield Found(message, message.get("ID", "–"), "ID", f"≤ {LIMITS.id_characters}")


@on_message("RQ-010")
def not_utc(message: Element, _seen: Seen) -> Iterator[Found]:
    """A moment with another time zone, which not all software compares well."""
    written = message.get("IssueInstant", "").strip()
    if _is_moment(written) and not written.endswith("Z"):
        yield Found(message, written, "IssueInstant")


@on_message("RQ-011")
def no_moment(message: Element, _seen: Seen) -> Iterator[Found]:
    """A moment that could be any, for want of a time zone."""
    written = message.get("IssueInstant", "")
    if not _is_moment(written):
        yield Found(message, written, "IssueInstant")


@on_message("RQ-012")
def no_destination(message: Element, _seen: Seen) -> Iterator[Found]:
    """A message that could be meant for anybody."""
    if not message.get("Destination"):
        yield Found(message)


@on_message("RQ-013")
def another_destination(message: Element, seen: Seen) -> Iterator[Found]:
    """A message for another address."""
    written, known = message.get("Destination"), seen.subject.destinations
    if written and known and written not in known:
        yield Found(message, written, "Destination", ", ".join(known))


@on_message("RQ-014")
def destination_of_another_version(message: Element, seen: Seen) -> Iterator[Found]:
    """The address of one interface version, from software of another."""
    version = _VERSION.search(message.get("Destination", ""))
    if version is not None and version.group(1) != seen.profile.value:
        yield Found(message, message.get("Destination", ""), "Destination", f"…/{seen.profile.value}")


@on_asked("RQ-015")
def another_issuer(message: Element, _descriptor: Element, seen: Seen) -> Iterator[Found]:
    """Somebody else than the metadata describes."""
    issuer, own = _issuer(message), _entity_id(seen)
    if issuer != own and issuer.rstrip("/") != own.rstrip("/"):
        yield Found(message.find(tag(SAML, "Issuer")), issuer, expected=own)


@on_asked("RQ-016")
def slash_in_issuer(message: Element, _descriptor: Element, seen: Seen) -> Iterator[Found]:
    """Nearly the same, which is another party."""
    issuer, own = _issuer(message), _entity_id(seen)
    if issuer != own and issuer.rstrip("/") == own.rstrip("/"):
        yield Found(message.find(tag(SAML, "Issuer")), issuer, expected=own)


@on_message("RQ-017")
def qualified_issuer(message: Element, _seen: Seen) -> Iterator[Found]:
    """An Issuer with more to it than a name."""
    for found in message.iterfind(tag(SAML, "Issuer")):
        named = [
            name for name in ("Format", "NameQualifier", "SPNameQualifier", "SPProvidedID") if found.get(name)
        ]
        # An entity it is anyhow: who says so departs from the text, and is let through.
        wrong = [name for name in named if name != "Format" or not found.get(name, "").endswith(":entity")]
        if wrong:
            yield Found(found, ", ".join(f"{name}={found.get(name)}" for name in wrong))


@on_message("RQ-022")
def index_and_url(message: Element, _seen: Seen) -> Iterator[Found]:
    """Two answers to one question."""
    if message.get(_URL) is not None and message.get(_INDEX) is not None:
        yield Found(message, f"{message.get(_INDEX)}, {message.get(_URL)}", _URL)


@on_message("RQ-023")
def consumer_by_url(message: Element, _seen: Seen) -> Iterator[Found]:
    """An address in the place of its number."""
    if message.get(_URL) is not None:
        yield Found(message, message.get(_URL, ""), _URL)


@on_asked("RQ-024")
def unknown_url(message: Element, descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """An address that is not in the metadata: no answer is sent there."""
    known = [each.get("Location", "") for each in _consumers(descriptor)]
    if message.get(_URL) is not None and message.get(_URL) not in known:
        yield Found(message, message.get(_URL, ""), _URL, ", ".join(known))


@on_asked("RQ-025")
def unknown_index(message: Element, descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A number that is not in the metadata."""
    known = [each.get("index", "").strip() for each in _consumers(descriptor)]
    if message.get(_INDEX) is not None and message.get(_INDEX, "").strip() not in known:
        yield Found(message, message.get(_INDEX, ""), _INDEX, ", ".join(known))


@on_message("RQ-026")
def binding_asked(message: Element, _seen: Seen) -> Iterator[Found]:
    """The stelsel leaves no choice."""
    if message.get("ProtocolBinding") is not None:
        yield Found(message, message.get("ProtocolBinding", ""), "ProtocolBinding")


@on_message("RQ-027")
def impossible_binding(message: Element, _seen: Seen) -> Iterator[Found]:
    """A binding by which no answer leaves."""
    if message.get("ProtocolBinding", BINDING_ARTIFACT) not in {BINDING_ARTIFACT, BINDING_POST}:
        yield Found(message, message.get("ProtocolBinding", ""), "ProtocolBinding")


@on_message("RQ-028")
def name_id_policy(message: Element, _seen: Seen) -> Iterator[Found]:
    """A wish about a NameID that is as it is."""
    for found in message.iterfind(tag(SAMLP, "NameIDPolicy")):
        yield Found(found, found.get("Format") or "NameIDPolicy")


@on_message("RQ-030")
def is_passive(message: Element, _seen: Seen) -> Iterator[Found]:
    """A login that nobody sees."""
    if message.get("IsPassive", "").strip() in _TRUE:
        yield Found(message, "true", "IsPassive")


@on_message("RQ-031")
def subject(message: Element, _seen: Seen) -> Iterator[Found]:
    """Somebody in particular; who that is is not repeated in the report."""
    for found in message.iterfind(tag(SAML, "Subject")):
        yield Found(found, "Subject")


@on_message("RQ-032")
def conditions(message: Element, _seen: Seen) -> Iterator[Found]:
    """Conditions of an answer."""
    for found in message.iterfind(tag(SAML, "Conditions")):
        yield Found(found, "Conditions")


@on_message("RQ-033")
def no_proxy(message: Element, _seen: Seen) -> Iterator[Found]:
    """That nobody else may authenticate."""
    for found in message.iterfind(tag(SAMLP, "Scoping")):
        if found.get("ProxyCount", "1").strip().lstrip("+0") == "":
            yield Found(found, found.get("ProxyCount", ""), "ProxyCount")


@on_message("RQ-043")
def consent(message: Element, _seen: Seen) -> Iterator[Found]:
    """Consent that was not asked for."""
    if message.get("Consent", CONSENT_UNSPECIFIED) != CONSENT_UNSPECIFIED:
        yield Found(message, message.get("Consent", ""), "Consent")


@on_message("RQ-047")
def long_name(message: Element, _seen: Seen) -> Iterator[Found]:
    """A name that is cut short on the screen."""
    length = len(message.get("ProviderName", "").strip())
    if length > LIMITS.provider_name_characters:
        yield Found(message, str(length), "ProviderName")


@on_message("RQ-049")
def nobody_to_choose(message: Element, _seen: Seen) -> Iterator[Found]:
    """A choice of somebody who cannot log people in."""
    for found in message.iter(tag(SAMLP, "IDPEntry")):
        if not found.get("ProviderID", "").startswith(("urn:etoegang:AD:", "urn:etoegang:EB:")):
            yield Found(found, found.get("ProviderID", ""), "ProviderID")


@on_message("RQ-050")
def ahead(message: Element, seen: Seen) -> Iterator[Found]:
    """A clock that is ahead."""
    written, latest = message.get("IssueInstant", ""), seen.subject.now + LIFETIMES.clock_skew
    if _is_moment(written) and moment(written) > latest:
        yield Found(message, written, "IssueInstant", f"≤ {latest:%Y-%m-%dT%H:%M:%SZ}")


def _is_moment(text: str) -> bool:
    try:
        moment(text)
    except MalformedMessage:
        return False
    return True


def _issuer(message: Element) -> str:
    return message.findtext(tag(SAML, "Issuer")) or ""


def _entity_id(seen: Seen) -> str:
    return "" if seen.entity is None else seen.entity.get("entityID", "")


def _consumers(descriptor: Element) -> list[Element]:
    return descriptor.findall(tag(MD, "AssertionConsumerService"))
