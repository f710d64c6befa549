"""The portaalfunctie: one login for several services of one dienstverlener (Afsprakenstelsel, GUC4.3)."""

from collections.abc import Iterable
from collections.abc import Sequence

from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service


def services_behind(portal: Service, services: Iterable[Service]) -> tuple[Service, ...]:
    """The services that ``portal`` stands for, of all ``services`` in a catalogue; none for another service.

    Those that it lists, by the ServiceUUID of their instance or by ServiceID, else all of its dienstverlener. Never
    another portal, a service of the eIDAS-berichtenservice, where portals are not possible, or one that belongs to a
    dienstaanbieder.
    """
    if not portal.is_portal:
        return ()
    return tuple(
        service
        for service in services
        if service.dienstverlener == portal.dienstverlener
        and not (service.is_portal or service.is_eidas_inbound or service.intermediated_service)
        and (not portal.portal_for or {service.instance_uuid, service.service_id} & set(portal.portal_for))
    )


def within_reach(behind: Iterable[Service], login: LevelOfAssurance) -> tuple[Service, ...]:
    """Those of the services behind a portal for which a login of this level is strong enough."""
    return tuple(service for service in behind if service.level <= login)


def services_in_answer(
    service: Service, behind: Sequence[Service], service_ids: Sequence[str]
) -> tuple[Service, ...] | None:
    """The services in an answer about ``service``; None when the answer is about anything else.

    At a portal they are those behind it that may be used, perhaps none; otherwise it is the service itself.
    """
    possible = {each.service_id: each for each in (behind if service.is_portal else (service,))}
    if len(set(service_ids)) != len(service_ids) or not set(service_ids) <= possible.keys():
        return None
    if not service_ids and not service.is_portal:
        return None
    return tuple(possible[service_id] for service_id in service_ids)
