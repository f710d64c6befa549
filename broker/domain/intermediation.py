"""Dienstbemiddeling: a dienstbemiddelaar takes people to a service of a dienstaanbieder (AUC1; Service catalog)."""

from collections.abc import Iterable

from broker.domain.services import Intermediation
from broker.domain.services import Service


def find_intermediated(instance_uuid: str, services: Iterable[Service]) -> Service | None:
    """The one service whose instance has this ServiceUUID; None when there is none, or more than one.

    UUIDs are compared without regard to case (RFC 9562, 4).
    """
    wanted = instance_uuid.casefold()
    found = [service for service in services if service.instance_uuid.casefold() == wanted]
    return found[0] if len(found) == 1 else None


def may_intermediate(provided: Service, intermediary: Service, services: Iterable[Service]) -> bool:
    """Whether the dienstbemiddelaar of the service ``intermediary`` may take people to the service ``provided``.

    What the catalogue of the dienstaanbieder says decides, and silence means no. ``services`` are all those of the
    dienstbemiddelaar: serviceProviderOnly asks for one of its own among them. A portal, a service of the
    eIDAS-berichtenservice and a service that is itself intermediated are never intermediated.
    """
    if provided.is_portal or provided.is_eidas_inbound or provided.intermediated_service:
        return False
    own = intermediary.dienstverlener
    return {
        Intermediation.NONE: False,
        Intermediation.GENERAL: True,
        Intermediation.PROVIDERS: any(
            service.dienstverlener == own and not service.intermediated_service for service in services
        ),
        Intermediation.APPROVAL: own in provided.intermediaries,
    }[provided.intermediation]
