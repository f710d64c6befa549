"""Which identifiers of an organisation a dienstverlener gets (Afsprakenstelsel, Identificerende kenmerken)."""

from collections.abc import Mapping

from broker.domain.identifiers import IdentifierType
from broker.domain.organisations import Organisation
from broker.domain.services import Service


def choose_identifiers(
    service: Service, organisation: Organisation
) -> tuple[tuple[IdentifierType, str], ...]:
    """The first set of the service that the organisation can deliver whole, with its values; empty when none."""
    available = _available(organisation)
    for wanted in service.identifier_sets:
        if wanted and all(kind in available for kind in wanted):
            return tuple((kind, available[kind]) for kind in wanted)
    return ()


def _available(organisation: Organisation) -> Mapping[IdentifierType, str]:
    found = {IdentifierType.KVKNR: organisation.kvk.reveal()}
    if organisation.rsin is not None:
        found[IdentifierType.RSIN] = organisation.rsin.reveal()
    return found
