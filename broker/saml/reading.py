"""Small readers of values in verified elements; each refuses what the profile does not allow."""

import re
import unicodedata
from datetime import UTC
from datetime import datetime

from lxml import etree

from broker.domain.levels import EIDAS_LEVELS
from broker.domain.levels import LevelOfAssurance
from broker.saml.errors import MalformedMessage
from broker.saml.names import NAMEID_ENTITY
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.policy import LIMITS

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9._-]*")
_FRACTION = re.compile(r"\.\d+")


def message_id(element: etree._Element) -> str:
    """The ID of a message: an NCName that is not too long to remember (SAML core 1.3.4)."""
    value = element.get("ID", "")
    if len(value) > LIMITS.id_characters or not _ID.fullmatch(value):
        raise MalformedMessage("the ID is missing or not a name")
    return value


def require_version(element: etree._Element) -> None:
    """Raise ``MalformedMessage`` unless Version is 2.0."""
    if element.get("Version") != "2.0":
        raise MalformedMessage("only SAML 2.0 is spoken here")


def moment(text: str | None) -> datetime:
    """An xs:dateTime with a time zone, as UTC. Fractions of a second are dropped."""
    if not text:
        raise MalformedMessage("a moment is missing")
    try:
        value = datetime.fromisoformat(_FRACTION.sub("", text.strip()).replace("Z", "+00:00"))
        if value.tzinfo is None:
            raise MalformedMessage("a moment has no time zone")
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedMessage("a moment is not an xs:dateTime") from None


def display_text(text: str | None) -> str:
    """A name to show: on one line, without control characters or marks that turn the direction of what follows."""
    words = " ".join((text or "").split())
    return "".join(each for each in words if not unicodedata.category(each).startswith("C"))


def flag(text: str | None) -> bool:
    """An optional xs:boolean, in any of its four spellings; absent is false."""
    if text is None:
        return False
    value = {"true": True, "1": True, "false": False, "0": False}.get(text.strip())
    if value is None:
        raise MalformedMessage("a boolean is neither true nor false")
    return value


def number(text: str | None) -> int | None:
    """An optional xs:unsignedShort."""
    if text is None:
        return None
    if not re.fullmatch(r"\s*\+?\d{1,5}\s*", text) or int(text) > 65535:
        raise MalformedMessage("an index is not a number of at most 65535")
    return int(text)


def issuer(element: etree._Element) -> str:
    """The entityID in Issuer, byte for byte. An Issuer with a Format other than entity is refused."""
    found = element.findall(tag(SAML, "Issuer"))
    if len(found) != 1 or not found[0].text or len(found[0]):
        raise MalformedMessage("a message has exactly one Issuer")
    if found[0].get("NameQualifier") or found[0].get("SPNameQualifier") or found[0].get("SPProvidedID"):
        raise MalformedMessage("Issuer carries qualifiers")
    if found[0].get("Format", NAMEID_ENTITY) != NAMEID_ENTITY:
        raise MalformedMessage("Issuer has another Format than entity")
    text: str = found[0].text
    return text


def only(element: etree._Element, name: str) -> etree._Element:
    """The one child with this name; ``MalformedMessage`` when there is none or more."""
    found = element.findall(name)
    if len(found) != 1:
        raise MalformedMessage(f"expected exactly one {etree.QName(name).localname}, found {len(found)}")
    return found[0]


def text_of(element: etree._Element, name: str) -> str:
    """The text of the one child with this name; ``MalformedMessage`` when absent or empty."""
    text = only(element, name).text
    if not text or not text.strip():
        raise MalformedMessage(f"{etree.QName(name).localname} is empty")
    return str(text).strip()


def any_level(text: str | None) -> LevelOfAssurance:
    """A betrouwbaarheidsniveau by its URN or as a level of eIDAS; ``MalformedMessage`` for any other class."""
    return EIDAS_LEVELS.get((text or "").strip()) or level(text)


def level(text: str | None) -> LevelOfAssurance:
    """A betrouwbaarheidsniveau by its URN; ``MalformedMessage`` for any other class."""
    try:
        return LevelOfAssurance.from_urn((text or "").strip())
    except ValueError:
        raise MalformedMessage("this is no betrouwbaarheidsniveau of the afsprakenstelsel") from None
