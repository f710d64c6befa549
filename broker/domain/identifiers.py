"""The numbers by which companies, branches, persons and parties are known; digits are ASCII digits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from stdnum.nl import bsn

from broker.domain.personal import PersonalData


class IdentifierType(StrEnum):
    """What an EncryptedID holds: its NameQualifier, and EntityConcernedTypesAllowed in the catalogue."""

    KVKNR = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
    RSIN = "urn:etoegang:1.9:EntityConcernedID:RSIN"
    PSEUDO = "urn:etoegang:1.13:EntityConcernedID:Pseudo"
    PSEUDO_1_9 = "urn:etoegang:1.9:EntityConcernedID:Pseudo"
    EIDAS_LEGAL = "urn:etoegang:1.11:EntityConcernedID:eIDASLegalIdentifier"
    BSN = "urn:etoegang:1.9:EntityConcernedID:BSN"
    BSN_POLYMORPHIC = "urn:etoegang:1.12:EntityConcernedID:BSN"
    PSEUDO_ID = "urn:etoegang:1.12:EntityConcernedID:PseudoID"


BSN_TYPES: Final = frozenset({IdentifierType.BSN, IdentifierType.BSN_POLYMORPHIC})
"""What only a dienstverlener on the BSN authorisation list may ask."""

HANDELSREGISTER_TYPES: Final = frozenset({IdentifierType.KVKNR, IdentifierType.RSIN})
"""What registers know of a company; of a person there is a pseudonym beside it."""

EIDAS_TYPES: Final = frozenset(
    {IdentifierType.EIDAS_LEGAL, IdentifierType.PSEUDO_1_9, IdentifierType.PSEUDO_ID, *BSN_TYPES}
)
"""What an eIDAS-berichtenservice knows of a company or a person of another member state."""


class KvkNumber(PersonalData):
    """A KvK-nummer: eight digits, leading zeros kept, no check digit (Handelsregister)."""

    __slots__ = ()
    _form = re.compile(r"[0-9]{8}")


class Rsin(PersonalData):
    """An RSIN: nine digits that pass the elfproef, which is that of the BSN; not all zero."""

    __slots__ = ()
    _form = re.compile(r"[0-9]{9}")

    @classmethod
    def _is_well_formed(cls, value: str) -> bool:
        # The form first: stdnum alone would drop separators and fill up with zeros.
        return super()._is_well_formed(value) and bsn.is_valid(value)


class Bsn(PersonalData):
    """A burgerservicenummer: nine digits that pass the elfproef, not all zero."""

    __slots__ = ()
    _form = re.compile(r"[0-9]{9}")

    @classmethod
    def _is_well_formed(cls, value: str) -> bool:
        return super()._is_well_formed(value) and bsn.is_valid(value)


class PolymorphicIdentifier(PersonalData):
    """A polymorphic BSN or PseudoID of the BSN-koppelregister: base64, which only its dienstverlener can open."""

    __slots__ = ()
    _form = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})")


class EidasLegalIdentifier(PersonalData):
    """A company of another member state: two countries and a number, such as ``NL/DE/HRB12345``.

    The number is as its own country writes it, so only its length and that it is printable are checked.
    """

    __slots__ = ()
    _form = re.compile(r"[A-Z]{2}/[A-Z]{2}/[!-~]{1,250}")


class Vestigingsnummer(PersonalData):
    """The number of a branch: twelve digits (Handelsregister); means something only beside a KvK-nummer."""

    __slots__ = ()
    _form = re.compile(r"[0-9]{12}")


class Subdossiernummer(PersonalData):
    """The number of a part of a dossier: four digits; like a Vestigingsnummer it needs the KvK-nummer beside it."""

    __slots__ = ()
    _form = re.compile(r"[0-9]{4}")


class InternalPseudonym(PersonalData):
    """How an authenticatiedienst calls an acting person towards a machtigingenregister.

    Opaque: made by the authenticatiedienst, unique there and always the same for one middel
    (Afsprakenstelsel, Pseudonyms). 1 to 256 characters, as SAML core 8.3.7 allows a persistent identifier,
    none of them a control.
    """

    __slots__ = ()
    _form = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,256}")


class Pseudonym(PersonalData):
    """A specific pseudonym: an acting person as one dienstverlener knows them.

    64 hex digits; with representation ``@`` and 32 hex digits for the represented side (Afsprakenstelsel,
    Specific pseudonym). Suppliers differ in case, so it is kept exactly as it was made.
    """

    __slots__ = ()
    _form = re.compile(r"[0-9a-fA-F]{64}(@[0-9a-fA-F]{32})?")


FORMS: Final[Mapping[IdentifierType, type[PersonalData]]] = {
    IdentifierType.KVKNR: KvkNumber,
    IdentifierType.RSIN: Rsin,
    IdentifierType.PSEUDO: Pseudonym,
    IdentifierType.PSEUDO_1_9: Pseudonym,
    IdentifierType.EIDAS_LEGAL: EidasLegalIdentifier,
    IdentifierType.BSN: Bsn,
    IdentifierType.BSN_POLYMORPHIC: PolymorphicIdentifier,
    IdentifierType.PSEUDO_ID: PolymorphicIdentifier,
}
"""How a value of each type must look."""


@dataclass(frozen=True, slots=True, order=True)
class Oin:
    """An Organisatie-identificatienummer: twenty digits. It names a party of the network and is public.

    Only the length is checked: numbers that break the rules of the OIN-stelsel for prefix and suffix are in
    use on the test network. ValueError when ``value`` is not twenty ASCII digits.
    """

    value: str

    def __post_init__(self) -> None:
        if re.fullmatch(r"[0-9]{20}", self.value) is None:
            raise ValueError("not an OIN: expected twenty digits")

    def __str__(self) -> str:
        return self.value
