"""What a makelaar asks of the authenticatiedienst (Interface specifications HM-AD)."""

from dataclasses import dataclass
from dataclasses import field

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.domain.levels import LevelOfAssurance
from broker.domain.sessions import may_be_kept
from broker.exchange.incoming import Incoming
from broker.exchange.receiving import require_destination
from broker.exchange.sending import PREFERRED
from broker.ports import Role
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.errors import UnknownAssertionConsumerService
from broker.saml.metadata import oin_of
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.saml.status import Status
from broker.saml.status import request_unsupported


@dataclass(frozen=True, slots=True)
class LoginFlow:
    """A request that is being answered, as the state store keeps it.

    ``proven`` is the username whose password was right, None before that; ``too_low`` the level of a middel that
    was proven but is too weak; ``notice`` the key of a text that the next page shows, ``typed`` the username beside
    it. ``single_sign_on`` says that the service has joined it, ``stay`` that the person wants to stay logged in.
    ``asked`` are the attributes, each with whether it is required; ``consenting`` is the username of who has logged
    in and must still answer for those, ``by_session`` that an earlier login stands for this one, and ``withheld``
    are the labels of the required attributes to which they did not consent. ``delegated_to`` is the identity
    provider that was asked instead, with the ID and the moment of that request. ``catalogue`` is the one to go by in a
    test login.
    """

    makelaar: str
    request_id: str
    acs_index: int
    relay_state: str | None
    level: str
    service_uuid: str | None
    intended_audience: str
    provider_name: str | None
    proven: str | None = None
    too_low: str | None = None
    notice: str | None = None
    typed: str = ""
    delegated_to: str | None = None
    delegated_request: str | None = None
    delegated_at: str = ""
    single_sign_on: bool = False
    stay: bool = False
    asked: dict[str, bool] = field(default_factory=dict)
    consenting: str | None = None
    by_session: bool = False
    withheld: tuple[str, ...] = ()
    catalogue: str | None = None

    @property
    def offers_to_stay(self) -> bool:
        """Whether the login may stand for later ones."""
        return may_be_kept(self.required, sso_support=self.single_sign_on)

    @property
    def required(self) -> LevelOfAssurance:
        """The level that was asked."""
        return LevelOfAssurance.from_short(self.level)

    @property
    def dienstverlener(self) -> str | None:
        """The OIN of the dienstverlener, when its entityID holds one."""
        return oin_of(self.intended_audience)


def receive(assembled: Assembled, incoming: Incoming) -> tuple[Partner, AuthnRequest]:
    """A request that is proven to be the makelaar's, for us, and new. Raises a ``SamlError``."""
    receiver = assembled.station.receiver
    partner, verified = receiver.request(incoming, Role.HM)
    request = read_authn_request(verified.element)
    require_destination(request.destination, {assembled.public_url + paths.AD_SSO})
    receiver.require_fresh(request.id, request.issue_instant, request.issuer)
    consumer(partner, request.acs_index)
    return partner, request


def consumer(makelaar: Partner, index: int | None) -> Endpoint:
    """Where the answer goes. Raises ``UnknownAssertionConsumerService`` without an index: HM-AD requires one."""
    if index is None:
        raise UnknownAssertionConsumerService("HM-AD requires an AssertionConsumerServiceIndex")
    return makelaar.consumer(index=index, url=None, bindings=PREFERRED)


def objection(request: AuthnRequest, most: LevelOfAssurance | None) -> Status | None:
    """Why nobody can be logged in for this request, None when it can be tried. ``most`` is our own level."""
    if request.asks_impossible is not None:
        return request_unsupported(f"{request.asks_impossible} is not supported", "bericht-ongeldig")
    if request.level is None or request.intended_audience is None:
        return request_unsupported(
            "RequestedAuthnContext and IntendedAudience are required", "bericht-ongeldig"
        )
    if most is None or request.level > most:
        return request_unsupported("the level asked cannot be delivered here", "niveau-te-laag")
    return None


def flow_of(request: AuthnRequest, relay_state: str | None) -> LoginFlow:
    """The flow of a request to which ``objection`` had none."""
    if request.level is None or request.intended_audience is None or request.acs_index is None:
        raise ValueError("the request is not complete")
    return LoginFlow(
        makelaar=request.issuer,
        request_id=request.id,
        acs_index=request.acs_index,
        relay_state=relay_state,
        level=request.level.short,
        service_uuid=request.service_uuid,
        intended_audience=request.intended_audience,
        provider_name=request.provider_name,
        asked={each.name: bool(each.is_required) for each in request.requested_attributes},
        catalogue=request.catalogue,
    )
