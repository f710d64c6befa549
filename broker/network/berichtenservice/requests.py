"""What a makelaar asks of the eIDAS-berichtenservice (Interface specifications HM-EB): the question HM-AD."""

from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.exchange.incoming import Incoming
from broker.exchange.receiving import require_destination
from broker.network.authenticatiedienst.requests import consumer
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.ports import Role
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.encryption import Recipient
from broker.saml.metadata import oin_of
from broker.saml.partner import Partner
from broker.saml.status import Status
from broker.saml.status import request_unsupported


@dataclass(frozen=True, slots=True)
class EidasFlow:
    """A request that is being answered, as the state store keeps it.

    ``service_id`` is that of the eIDAS service that is meant; ``notice`` the key of a text that the page shows.
    ``asked`` are the attributes, each with whether it is required; ``chosen`` is the username of who still has to let
    them go, and ``withheld`` are the labels of the required ones that they did not. ``catalogue`` is the one to
    go by in a test login.
    """

    makelaar: str
    request_id: str
    acs_index: int
    relay_state: str | None
    level: str
    service_id: str
    service_uuid: str
    intended_audience: str
    notice: str | None = None
    asked: dict[str, bool] = field(default_factory=dict)
    chosen: str | None = None
    withheld: tuple[str, ...] = ()
    catalogue: str | None = None

    @property
    def required(self) -> LevelOfAssurance:
        """The level that was asked."""
        return LevelOfAssurance.from_short(self.level)


def receive(assembled: Assembled, incoming: Incoming) -> tuple[Partner, AuthnRequest]:
    """A request that is proven to be the makelaar's, for us, and new. Raises a ``SamlError``."""
    receiver = assembled.station.receiver
    partner, verified = receiver.request(incoming, Role.HM)
    request = read_authn_request(verified.element)
    require_destination(request.destination, {assembled.public_url + paths.EB_SSO})
    receiver.require_fresh(request.id, request.issue_instant, request.issuer)
    consumer(partner, request.acs_index)
    return partner, request


def find_service(
    dienstencatalogus: Dienstencatalogus, makelaar: Partner, request: AuthnRequest
) -> Service | None:
    """The service that is asked for, None when the dienstencatalogus has none such.

    A definition may be that of an eHerkenning service as well: one that is classified for eIDAS comes first. Raises
    ``PartnerUnavailable`` without catalogue.
    """
    catalogue = dienstencatalogus.of(makelaar, service_uuid=request.service_uuid, in_test=request.catalogue)
    oin = oin_of(request.intended_audience or "")
    found = [
        service
        for service in catalogue.services.values()
        if request.service_uuid in (service.instance_uuid, service.service_uuid)
        and oin in (None, service.dienstverlener.value)
    ]
    return next((each for each in found if each.is_eidas_inbound), next(iter(found), None))


def find_recipient(
    dienstencatalogus: Dienstencatalogus, makelaar: Partner, flow: EidasFlow, now: datetime
) -> Recipient:
    """The dienstverlener to encrypt for. Raises ``NobodyToEncryptFor``, also when its service left the catalogue."""
    catalogue = dienstencatalogus.of(makelaar, flow.service_id, in_test=flow.catalogue)
    return catalogue.recipient(flow.service_id, flow.intended_audience, now)


def objection_to(service: Service | None, bsn_authorised: Collection[str]) -> Status | None:
    """Why nobody can be logged in for this service here, None when it can be tried.

    ``bsn_authorised`` are the OINs on the BSN authorisation list.
    """
    if service is None or not service.is_eidas_inbound:
        return request_unsupported("the service is not classified for eIDAS", "eidas-niet-mogelijk")
    if service.is_portal:
        return request_unsupported("a portal is not possible here", "eidas-geen-portaal")
    if service.asks_bsn and service.dienstverlener.value not in bsn_authorised:
        return request_unsupported("the dienstverlener is not authorised for the BSN", "bsn-niet-toegestaan")
    return None


def flow_of(request: AuthnRequest, service: Service, relay_state: str | None) -> EidasFlow:
    """The flow of a request to which there was no objection."""
    if request.level is None or request.intended_audience is None or request.acs_index is None:
        raise ValueError("the request is not complete")
    return EidasFlow(
        makelaar=request.issuer,
        request_id=request.id,
        acs_index=request.acs_index,
        relay_state=relay_state,
        level=request.level.short,
        service_id=service.service_id,
        service_uuid=request.service_uuid or service.instance_uuid,
        intended_audience=request.intended_audience,
        asked={each.name: bool(each.is_required) for each in request.requested_attributes},
        catalogue=request.catalogue,
    )
