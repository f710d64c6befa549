"""How a party that misbehaves sends what it says through the browser."""

from dataclasses import replace
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from broker.exchange.artifacts import Artifacts
from broker.exchange.own import OneKey
from broker.exchange.sending import Delivery
from broker.exchange.sending import Redirect
from broker.exchange.sending import Sender
from broker.network.nasty.answers import is_response
from broker.network.nasty.conduct import Conduct
from broker.network.nasty.guard import require_local
from broker.network.nasty.requests import ASKS
from broker.network.nasty.requests import ask_otherwise
from broker.network.nasty.requests import is_request
from broker.network.nasty.requests import send_otherwise
from broker.network.nasty.requests import sign_wrongly
from broker.ports import Role
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_REDIRECT
from broker.saml.parsing import parse
from broker.saml.partner import Endpoint


class NastySender(Sender):
    """Sends answers, and the AuthnRequests of a dienstverlener, as the conduct has it; all else as it should."""

    def __init__(self, role: Role, conduct: Conduct, artifacts: Artifacts) -> None:
        """``artifacts`` holds what goes by artifact."""
        own = conduct.hands.own
        super().__init__(own, artifacts)
        self._role = role
        self._conduct = conduct
        self._forging = Sender(replace(own, keys=OneKey(conduct.hands.wrong)), artifacts)

    def send(
        self,
        field: str,
        message: bytes,
        endpoint: Endpoint,
        partner: str,
        relay_state: str | None,
        version: str | None = None,
        note: str = "",
        in_test: str | None = None,
    ) -> Delivery:
        """Deliver something to a partner's endpoint. Raises ``NotForProduction`` unless that is on this machine."""
        require_local(endpoint.location)
        if field == "SAMLResponse" and self._role is not Role.DV and is_response(message):
            return self._answer(message, endpoint, partner, relay_state)
        if field == "SAMLRequest" and self._role is Role.DV and is_request(message):
            return self._ask(message, endpoint, partner, relay_state)
        return super().send(field, message, endpoint, partner, relay_state, version, note, in_test)

    def _answer(self, message: bytes, endpoint: Endpoint, partner: str, relay_state: str | None) -> Delivery:
        by_artifact = endpoint.binding == BINDING_ARTIFACT
        given, line = self._conduct.answer(message, "answer", has_line=by_artifact)
        delivery = super().send("SAMLResponse", given, endpoint, partner, relay_state)
        if line is not None and isinstance(delivery, Redirect):
            (artifact,) = parse_qs(urlsplit(delivery.url).query)["SAMLart"]
            self._conduct.remember_line(artifact, line)
        return delivery

    def _ask(self, message: bytes, endpoint: Endpoint, partner: str, relay_state: str | None) -> Delivery:
        chosen = self._conduct.request()
        name, hands, said = "" if chosen is None else chosen.name, self._conduct.hands, message
        if name == "replayed-request":
            said = self.sign_for(endpoint, parse(hands.said[0]))
        elif name in ASKS:
            said = ask_otherwise(name, message, hands)
        elif name in {"unsigned-request", "wrong-key-request"}:
            said = sign_wrongly(name, message, hands)
        elif name != "garbage-request" and endpoint.binding == BINDING_REDIRECT:
            # Only what the makelaar has seen is a replay when it comes again. This one carries no signature of its own.
            hands.said.append(message)
        if name == "wrong-key-request":
            return self._forging.send("SAMLRequest", said, endpoint, partner, relay_state)
        delivery = super().send("SAMLRequest", said, endpoint, partner, relay_state)
        return send_otherwise(name, delivery)
