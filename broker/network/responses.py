"""A signed Response to the makelaar, by whichever binding its metadata names."""

from broker.assembly.party import Assembled
from broker.exchange.sending import Delivery
from broker.saml.partner import Endpoint
from broker.saml.response import Response
from broker.saml.response import make_response
from broker.saml.status import SUCCESS
from broker.saml.status import Status
from broker.saml.status import authn_failed
from broker.saml.status import responder_unsupported
from broker.screens import refusal_text

NOT_DELIVERABLE = responder_unsupported(
    "none of the identifiers that the service accepts is known here", "identificatie-niet-leverbaar"
)


def answer(
    assembled: Assembled,
    makelaar: str,
    endpoint: Endpoint,
    *,
    request_id: str,
    relay_state: str | None,
    outcome: bytes | Status,
) -> Delivery:
    """Answer through the browser: ``outcome`` is a signed assertion, or the status that says why there is none."""
    message = sign_response(assembled, request_id, endpoint.location, outcome)
    return assembled.station.sender.send("SAMLResponse", message, endpoint, makelaar, relay_state)


def sign_response(
    assembled: Assembled, request_id: str, destination: str | None, outcome: bytes | Status
) -> bytes:
    """The signed Response; ``destination`` is None on a back channel."""
    own = assembled.station.own
    status, assertion = (outcome, None) if isinstance(outcome, Status) else (SUCCESS, outcome)
    response = Response(
        id=own.new_id(),
        in_response_to=request_id,
        issue_instant=own.clock(),
        issuer=own.entity_id,
        destination=destination,
        status=status,
    )
    return make_response(response, assertion, assembled.signer)


def refused(reason: str) -> Status:
    """The person's outcome, with the words of the catalogue of refusals as StatusMessage."""
    return authn_failed(refusal_text("nl", reason).title, reason)
