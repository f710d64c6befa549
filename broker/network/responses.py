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
    outcome: bytes | tuple[bytes, ...] | Status,
) -> Delivery:
    """Answer through the browser: ``outcome`` is what was declared, or the status that says why nothing was.

    What is declared is one signed assertion, or several where the interface says so.
    """
    message = sign_response(assembled, request_id, endpoint.location, outcome)
    return assembled.station.sender.send("SAMLResponse", message, endpoint, makelaar, relay_state)


def sign_response(
    assembled: Assembled,
    request_id: str,
    destination: str | None,
    outcome: bytes | tuple[bytes, ...] | Status,
) -> bytes:
    """The signed Response; ``destination`` is None on a back channel."""
    own = assembled.station.own
    assertions = outcome if isinstance(outcome, tuple) else (outcome,) if isinstance(outcome, bytes) else ()
    response = Response(
        id=own.new_id(),
        in_response_to=request_id,
        issue_instant=own.clock(),
        issuer=own.entity_id,
        destination=destination,
        status=outcome if isinstance(outcome, Status) else SUCCESS,
    )
    return make_response(response, next(iter(assertions), None), assembled.signer, assertions[1:])


def refused(reason: str) -> Status:
    """The person's outcome, with the words of the catalogue of refusals as StatusMessage."""
    return authn_failed(refusal_text("nl", reason).title, reason)
