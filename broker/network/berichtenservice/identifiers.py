"""Which identifiers of a person or company of another member state a dienstverlener gets.

Identificerende kenmerken; Interface specifications HM-EB. As a register does, the EB delivers the first set of the
service of which it knows every type.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from broker.domain.identifiers import BSN_TYPES
from broker.domain.identifiers import FORMS
from broker.domain.identifiers import EidasLegalIdentifier
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import Pseudonym
from broker.domain.personal import PersonalData
from broker.domain.pseudonyms import personal_pseudonym
from broker.domain.pseudonyms import specific_pseudonym
from broker.domain.services import Service
from broker.network.foreigners import Foreigner

Values = tuple[tuple[IdentifierType, PersonalData], ...]
_Sets = tuple[tuple[IdentifierType, ...], ...]
_A_PSEUDONYM: _Sets = ((IdentifierType.PSEUDO_1_9,),)


class BsnUnknown(Exception):
    """The service needs a BSN, and none is known of this person."""


class NotDeliverable(Exception):
    """None of the sets of the service can be delivered of this person."""


@dataclass(frozen=True, slots=True)
class Identified:
    """Who it is: the person, and the company with representation."""

    acting: Values
    legal: Values = ()


def identify(person: Foreigner, service: Service, secret: bytes) -> Identified:
    """What this service gets of this person. Raises ``BsnUnknown`` or ``NotDeliverable``.

    Without representation the person is whom the service concerns, so one of its sets must be about a person.
    """
    known = _known_of(person, service, secret)
    if person.company is None:
        concerned = _of_person(service.identifier_sets, known)
        return Identified(acting=_of_person(service.acting_sets, known) if service.acting_sets else concerned)
    legal = _choose(service.identifier_sets, {IdentifierType.EIDAS_LEGAL: person.company.identifier})
    if not legal:
        raise NotDeliverable
    return Identified(acting=_of_person(service.acting_sets or _A_PSEUDONYM, known), legal=legal)


def _choose(sets: _Sets, known: Mapping[IdentifierType, str]) -> Values:
    for wanted in sets:
        if all(kind in known for kind in wanted):
            return tuple((kind, FORMS[kind](known[kind])) for kind in wanted)
    return ()


def _of_person(sets: _Sets, known: Mapping[IdentifierType, str]) -> Values:
    chosen = _choose(sets, known)
    if chosen:
        return chosen
    if any(BSN_TYPES.issuperset(set(wanted) - known.keys()) for wanted in sets):
        raise BsnUnknown
    raise NotDeliverable


def _known_of(person: Foreigner, service: Service, secret: bytes) -> dict[IdentifierType, str]:
    pseudonym = _pseudonym(person, service, secret).reveal()
    known = {IdentifierType.PSEUDO_1_9: pseudonym, IdentifierType.PSEUDO: pseudonym}
    if person.bsn is not None:
        known[IdentifierType.BSN] = person.bsn
    return known


def _pseudonym(person: Foreigner, service: Service, secret: bytes) -> Pseudonym:
    acting = InternalPseudonym(person.username)
    if person.company is None:
        return personal_pseudonym(secret, acting=acting, dienstverlener=service.dienstverlener)
    return specific_pseudonym(
        secret,
        acting=acting,
        represented=EidasLegalIdentifier(person.company.identifier),
        dienstverlener=service.dienstverlener,
    )
