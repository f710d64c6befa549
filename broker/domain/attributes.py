"""The attributes that a dienstverlener may ask for: who can give them, how long they may be, and which are asked.

Afsprakenstelsel, Attribuutcatalogus (natuurlijke personen, niet-natuurlijke personen) and Attribuutverstrekking.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from broker.domain.personal import PersonalData
from broker.domain.services import RequestedAttribute


class AttributeOwner(StrEnum):
    """Which party may give an attribute; it follows from the name."""

    AD = "AD"
    """Of the person: ``:attribute:``, from an authenticatiedienst only."""
    MR = "MR"
    """Of the company that is represented: ``:attribute-represented:``, from a machtigingenregister only."""
    AUTOMATIC = "automatic"
    """Of the intermediary in a chain: ``:attribute-intermediate:``, comes by itself and is never asked for."""


class AttributeValue(PersonalData):
    """The value of an attribute of a person or a company."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class AttributeKind:
    """A row of the attribuutcatalogus. ``label`` is the key of its name on screens; ``longest`` in characters."""

    name: str
    label: str
    owner: AttributeOwner
    longest: int


@dataclass(frozen=True, slots=True)
class AskedAttribute:
    """An attribute that one login asks for. ``is_required`` None leaves that to the dienstencatalogus."""

    name: str
    is_required: bool | None = None


FIRST_NAME: Final = "urn:etoegang:1.9:attribute:FirstName"
INITIALS: Final = "urn:etoegang:1.9:attribute:Initials"
FAMILY_NAME_INFIX: Final = "urn:etoegang:1.9:attribute:FamilyNameInfix"
FAMILY_NAME: Final = "urn:etoegang:1.9:attribute:FamilyName"
DATE_OF_BIRTH: Final = "urn:etoegang:1.9:attribute:DateOfBirth"
COMPANY_NAME: Final = "urn:etoegang:1.11:attribute-represented:CompanyName"
COMPANY_KVK: Final = "urn:etoegang:1.11:attribute-represented:KvKnr"
INTERMEDIATE_COMPANY_NAME: Final = "urn:etoegang:1.13:attribute-intermediate:CompanyName"

_NAME_OF_A_COMPANY = 500
"""The attribuutcatalogus that was seen gives no length for names of companies; the Handelsregister stops at 500."""

ATTRIBUTE_KINDS: Final[Mapping[str, AttributeKind]] = {
    kind.name: kind
    for kind in (
        AttributeKind(FIRST_NAME, "first_name", AttributeOwner.AD, 200),
        AttributeKind(INITIALS, "initials", AttributeOwner.AD, 35),
        AttributeKind(FAMILY_NAME_INFIX, "family_name_infix", AttributeOwner.AD, 10),
        AttributeKind(FAMILY_NAME, "family_name", AttributeOwner.AD, 200),
        AttributeKind(DATE_OF_BIRTH, "date_of_birth", AttributeOwner.AD, 10),
        AttributeKind(COMPANY_NAME, "company_name", AttributeOwner.MR, _NAME_OF_A_COMPANY),
        AttributeKind(COMPANY_KVK, "company_kvk", AttributeOwner.MR, 8),
        AttributeKind(
            INTERMEDIATE_COMPANY_NAME, "intermediate_name", AttributeOwner.AUTOMATIC, _NAME_OF_A_COMPANY
        ),
    )
}
"""What can be delivered here, in the order in which screens list it."""


def owner_of(name: str) -> AttributeOwner | None:
    """Who may give the attribute with this name; None for one that the attribuutcatalogus does not have."""
    kind = ATTRIBUTE_KINDS.get(name)
    return None if kind is None else kind.owner


def asked_attributes(
    declared: Iterable[RequestedAttribute], wanted: Iterable[AskedAttribute]
) -> tuple[AskedAttribute, ...]:
    """What a login asks for: what is ``wanted``, as far as it is known and ``declared`` for the service.

    What the dienstencatalogus declares is the most that may be asked: an attribute it calls optional is optional,
    whatever the dienstverlener says. What is wanted twice counts as it was wanted first.
    """
    in_catalogue = {attribute.name: attribute.is_required for attribute in declared}
    asked: dict[str, AskedAttribute] = {}
    for attribute in wanted:
        name = attribute.name
        if name in in_catalogue and owner_of(name) in {AttributeOwner.AD, AttributeOwner.MR}:
            required = in_catalogue[name] and attribute.is_required is not False
            asked.setdefault(name, AskedAttribute(name, required))
    return tuple(asked.values())


def asked_of(owner: AttributeOwner, asked: Iterable[AskedAttribute]) -> tuple[AskedAttribute, ...]:
    """Those among ``asked`` that this party may give, in the same order."""
    return tuple(attribute for attribute in asked if owner_of(attribute.name) is owner)
