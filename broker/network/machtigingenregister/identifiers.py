"""Which identifiers of an organisation a dienstverlener gets (Afsprakenstelsel, Identificerende kenmerken)."""

from collections.abc import Mapping

from broker.domain.identifiers import IdentifierType
from broker.domain.organisations import Organisation
from broker.domain.services import Service


def choose_identifiers(
    service: Service, organisation: Organisation, *, with_kvk_number: bool = False
) -> tuple[tuple[IdentifierType, str], ...]:
    """The first set of the service that the organisation can deliver whole, with its values; empty when none.

    ``with_kvk_number`` passes over sets without it: a vestiging or subdossier is never given alone.
    """
    available = _available(organisation)
    for wanted in service.identifier_sets:
        if with_kvk_number and IdentifierType.KVKNR not in wanted:
            continue
        if wanted and all(kind in available for kind in wanted):
            return tuple((kind, available[kind]) for kind in wanted)
    return ()


def _available(organisation: Organisation) -> Mapping[IdentifierType, str]:
    found = {IdentifierType.KVKNR: organisation.kvk.reveal()}
    if organisation.rsin is not None:
        found[IdentifierType.RSIN] = organisation.rsin.reveal()
    return found
