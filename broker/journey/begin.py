"""The beginning: what a dienstverlener asks, held against its metadata and catalogue.

Interface specifications DV-HM. The order is that of the design: ACS, time and replay (both decided by the caller, who
has clock and store), things asked that cannot be, service, level.
"""

from dataclasses import replace

from broker.domain.connection import Tolerance
from broker.domain.identifiers import Oin
from broker.domain.references import new_reference
from broker.domain.services import LevelAboveCatalogue
from broker.domain.services import Service
from broker.journey.record import Journey
from broker.journey.table import State
from broker.saml.authn_request import AuthnRequest
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.partner import Partner
from broker.saml.reading import display_text


def begin(
    request: AuthnRequest,
    dienstverlener: Partner,
    *,
    makelaar: Oin,
    relay_state: str | None,
    language: str,
    randomness: bytes,
    deviations: frozenset[Tolerance] = frozenset(),
) -> Journey:
    """The record of a new login; in state REJECTED, with a code, when the request cannot be served.

    ``randomness`` is at least 24 bytes: the first five make the reference, the rest the id. ``deviations`` are those of
    the request; one that is forbidden to this dienstverlener is refused. Raises
    ``UnknownAssertionConsumerService`` when there is no proven place to answer at: then nothing may be sent.
    """
    consumer = dienstverlener.consumer(
        index=request.acs_index, url=request.acs_url, bindings=(BINDING_ARTIFACT,)
    )
    journey = Journey(
        id=randomness[5:].hex(),
        reference=new_reference(randomness[:5]),
        state=State.CHOOSING,
        dienstverlener=dienstverlener.entity_id,
        request_id=request.id,
        acs=consumer.location,
        relay_state=relay_state,
        language=language,
        force_authn=request.force_authn,
        provider_name=display_text(request.provider_name) or None,
    )
    if forbidden := deviations - dienstverlener.connection.tolerances:
        detail = ", ".join(sorted(forbidden))
        return replace(rejected(journey, "afwijking-niet-toegestaan"), detail=detail)
    if request.asks_impossible is not None:
        return rejected(journey, "passief-niet-mogelijk")
    service = requested_service(request, dienstverlener)
    if service is None:
        return rejected(journey, "dienst-onbekend")
    journey = replace(journey, service_id=service.service_id)
    if makelaar not in service.makelaars:
        return rejected(journey, "dienst-andere-makelaar")
    if not service.identifier_sets:
        return rejected(journey, "identificatie-niet-leverbaar")
    try:
        level = service.required_level(request.level)
    except LevelAboveCatalogue:
        return rejected(journey, "niveau-boven-catalogus")
    return replace(journey, level=level)


def rejected(journey: Journey, code: str) -> Journey:
    """The same login, not to be served: the dienstverlener is proven, so it will get an answer that says why."""
    return replace(journey, state=State.REJECTED, code=code)


def requested_service(request: AuthnRequest, dienstverlener: Partner) -> Service | None:
    """The service with the index that is asked, or the default one; None when there is no such service."""
    if request.service_index is None:
        service_id = dienstverlener.default_service
    else:
        service_id = dienstverlener.services.get(request.service_index)
    return dienstverlener.catalogue.get(service_id or "")
