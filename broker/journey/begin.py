"""The beginning: what a dienstverlener asks, held against its metadata and catalogue.

Interface specifications DV-HM. The order is that of the design: ACS, time and replay (both decided by the caller, who
has clock and store), things asked that cannot be, service, level.
"""

from collections.abc import Callable
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import replace

from broker.domain.attributes import AskedAttribute
from broker.domain.attributes import asked_attributes
from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.identifiers import Oin
from broker.domain.intermediation import may_intermediate
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.domain.portals import services_behind
from broker.domain.references import new_reference
from broker.domain.services import LevelAboveCatalogue
from broker.domain.services import Service
from broker.journey.answer import IN_CLEAR
from broker.journey.eidas import first_state
from broker.journey.eidas import objection
from broker.journey.record import Journey
from broker.journey.table import State
from broker.saml.authn_request import UNKNOWN_CONTEXT
from broker.saml.authn_request import AuthnRequest
from broker.saml.contexts import ContextUnsupported
from broker.saml.contexts import asked_level
from broker.saml.contexts import asked_of_the_stelsel
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.reading import display_text


@dataclass(frozen=True, slots=True)
class Provided:
    """A service that others take people to, and the entityID of its dienstaanbieder."""

    entity_id: str
    service: Service


def begin(
    request: AuthnRequest,
    dienstverlener: Partner,
    *,
    makelaar: Oin,
    relay_state: str | None,
    language: str,
    randomness: bytes,
    deviations: frozenset[Tolerance] = frozenset(),
    lowest: LevelOfAssurance = LOWEST_LEVEL,
    berichtenservices: Collection[str] = (),
    find_provided: Callable[[str], Provided | None] = lambda _: None,
) -> Journey:
    """The record of a new login; in state REJECTED, with a code, when the request cannot be served.

    ``randomness`` is at least 24 bytes: the first five make the reference, the rest the id. ``deviations`` are those of
    the request; one that is forbidden to this dienstverlener is refused; so is a level below ``lowest``.
    ``berichtenservices`` are the eIDAS-berichtenservices we know, by entityID; ``find_provided`` finds the service of a
    dienstaanbieder by the ServiceUUID of its instance. Raises
    ``UnknownAssertionConsumerService`` when there is no proven place to answer at: then nothing may be sent.
    """
    consumer = answer_endpoint(request, dienstverlener)
    journey = Journey(
        id=randomness[5:].hex(),
        reference=new_reference(randomness[:5]),
        state=State.CHOOSING,
        dienstverlener=dienstverlener.entity_id,
        request_id=request.id,
        acs=consumer.location,
        relay_state=relay_state,
        language=language,
        acs_binding=consumer.binding,
        force_authn=request.force_authn,
        provider_name=display_text(request.provider_name) or None,
        # One entry is the choice of the person, made elsewhere; after a cancel there it can be made anew, from all.
        scoped=request.idp_list if len(request.idp_list) > 1 else (),
    )
    if forbidden := deviations - dienstverlener.connection.tolerances:
        detail = ", ".join(sorted(forbidden))
        return replace(rejected(journey, "afwijking-niet-toegestaan"), detail=detail)
    if request.asks_impossible not in {None, *UNKNOWN_CONTEXT}:
        return rejected(journey, "passief-niet-mogelijk")
    service = requested_service(request, dienstverlener)
    if service is None or not _stands_for_something(service, dienstverlener):
        return rejected(journey, "dienst-onbekend")
    journey = replace(journey, service_id=service.service_id)
    if makelaar not in service.makelaars:
        return rejected(journey, "dienst-andere-makelaar")
    if service.intermediated_service:
        provided = find_provided(service.intermediated_service)
        if provided is None:
            return rejected(journey, "dienst-onbekend")
        journey = replace(journey, provider=provided.entity_id, provider_service=provided.service.service_id)
        offered = dienstverlener.catalogue.values()
        # In clear, identifiers of people at the dienstaanbieder would be for the dienstbemiddelaar to read.
        if dienstverlener.connection.profile in IN_CLEAR or not may_intermediate(
            provided.service, service, offered
        ):
            return rejected(journey, "bemiddeling-niet-toegestaan")
        service = provided.service
    return _at_its_level(journey, request, dienstverlener, service, lowest, berichtenservices)


def _at_its_level(
    journey: Journey,
    request: AuthnRequest,
    dienstverlener: Partner,
    service: Service,
    lowest: LevelOfAssurance,
    berichtenservices: Collection[str],
) -> Journey:
    """The same login with the level it needs and the attributes it asks, of a service that may be used here.

    ``service`` is that of the dienstaanbieder with dienstbemiddeling; the rest see ``begin``.
    """
    if not service.deliverable_sets:
        return rejected(journey, "identificatie-niet-leverbaar")
    try:
        level, contexts = _asked(request, dienstverlener, service)
    except LevelAboveCatalogue:
        return rejected(journey, "niveau-boven-catalogus")
    except ContextUnsupported:
        return rejected(journey, "passief-niet-mogelijk")
    if level < lowest:
        return rejected(journey, "niveau-ingetrokken")
    code = objection(service, request.idp_list, berichtenservices)
    if code is not None:
        return rejected(journey, code)
    if service.is_eidas_inbound and dienstverlener.connection.profile in IN_CLEAR:
        # An eIDAS-berichtenservice gives identifiers encrypted for the dienstverlener, and not in clear.
        return rejected(journey, "identificatie-niet-leverbaar")
    attributes = attributes_of(request, dienstverlener, service)
    return replace(journey, level=level, contexts=contexts, attributes=attributes, state=first_state(service))


def _stands_for_something(service: Service, dienstverlener: Partner) -> bool:
    # A portal of eIDAS is refused further on, for what it is.
    if not service.is_portal or service.is_eidas_inbound:
        return True
    return bool(services_behind(service, dienstverlener.catalogue.values()))


def answer_endpoint(request: AuthnRequest, dienstverlener: Partner) -> Endpoint:
    """The ACS at which the dienstverlener wants its answer. Raises ``UnknownAssertionConsumerService``.

    By artifact, as the afsprakenstelsel has it; the profile ``saml`` by POST too. ProtocolBinding counts there unless
    an index says it all (SAML core 3.4.1).
    """
    bindings: tuple[str, ...] = (BINDING_ARTIFACT,)
    if dienstverlener.connection.profile is Profile.SAML:
        bindings = (BINDING_POST, BINDING_ARTIFACT)
        if request.acs_index is None and request.protocol_binding is not None:
            bindings = tuple(each for each in bindings if each == request.protocol_binding)
    return dienstverlener.consumer(index=request.acs_index, url=request.acs_url, bindings=bindings)


def _asked(
    request: AuthnRequest, dienstverlener: Partner, service: Service
) -> tuple[LevelOfAssurance, tuple[str, ...]]:
    """The level this login needs, and the classes of which the answer names one.

    Raises ``LevelAboveCatalogue`` or ``ContextUnsupported``.
    """
    connection, context = dienstverlener.connection, request.context
    if context is None:
        return service.required_level(request.level), ()
    if connection.profile is not Profile.SAML:
        return service.required_level(asked_of_the_stelsel(context, service.level)), ()
    level = service.required_level(asked_level(context, connection.contexts, service.level))
    # What is better than all that were listed is none of them.
    return level, () if context.comparison == "better" else context.classes


def rejected(journey: Journey, code: str) -> Journey:
    """The same login, not to be served: the dienstverlener is proven, so it will get an answer that says why."""
    return replace(journey, state=State.REJECTED, code=code)


def requested_service(request: AuthnRequest, dienstverlener: Partner) -> Service | None:
    """The service with the index that is asked, or the default one; None when there is no such service.

    Of a dienstverlener with one service that knows SAML only, an index means a set of attributes, not a service.
    """
    service_id = dienstverlener.services.get(request.service_index or 0)
    if request.service_index is None:
        service_id = dienstverlener.default_service
    elif dienstverlener.connection.profile is Profile.SAML and len(dienstverlener.catalogue) == 1:
        service_id = next(iter(dienstverlener.catalogue))
    return dienstverlener.catalogue.get(service_id or "")


def attributes_of(
    request: AuthnRequest, dienstverlener: Partner, service: Service
) -> tuple[AskedAttribute, ...]:
    """The attributes this login asks for: those of the chosen AttributeConsumingService, and then of the request.

    None for the profile ``saml``, whose answers hold nothing encrypted: nobody is asked to consent to what would not
    arrive.
    """
    if dienstverlener.connection.profile is Profile.SAML:
        return ()
    listed = dienstverlener.requested_attributes.get(request.service_index, ())
    return asked_attributes(service.requested_attributes, (*listed, *request.requested_attributes))
