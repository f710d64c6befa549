"""How a message is brought: its binding, and what else is in the HTTP request.

A case without any of these brings its message by HTTP-POST to where that hop goes.
"""

import base64
import hashlib
import secrets
import zlib
from urllib.parse import quote_plus

from broker.attacks.case import Hop
from broker.attacks.draft import CannotBeMade
from broker.attacks.draft import Delivery
from broker.attacks.draft import Draft
from broker.attacks.draft import Line
from broker.attacks.forging import Shape
from broker.attacks.forging import signature_value
from broker.attacks.steps import step
from broker.saml.policy import RSA_SHA256

ENDPOINTS = {
    Hop.REQUEST: "/sso/1.13",
    Hop.AD: "/acs/ad/1.13",
    Hop.MR: "/acs/mr/1.13",
    Hop.EB: "/acs/eb/1.13",
    Hop.RESOLVE: "/ars/1.13",
}
"""Where each message goes."""


def brought(draft: Draft, hop: Hop) -> Delivery:
    """The delivery of a draft: as its steps made it, else by HTTP-POST, or for the back channel as SOAP."""
    if draft.delivery is None:
        _post(draft, hop)
    if draft.delivery is None:
        raise CannotBeMade("nothing to bring")
    return draft.delivery


def _post(draft: Draft, hop: Hop) -> None:
    if hop is Hop.RESOLVE:
        draft.delivery = Delivery(
            ENDPOINTS[hop], body=draft.message, headers={"Content-Type": "text/xml; charset=utf-8"}
        )
        return
    field = "SAMLRequest" if hop is Hop.REQUEST else "SAMLResponse"
    draft.delivery = Delivery(ENDPOINTS[hop], form=[(field, base64.b64encode(draft.message).decode("ascii"))])
    if draft.scene.question.relay_state:
        draft.delivery.form.append(("RelayState", draft.scene.question.relay_state))


@step
def by_post(
    draft: Draft, path: str = "/sso/1.13", field: str = "SAMLRequest", relay: str | None = None
) -> None:
    """Bring the message by HTTP-POST."""
    draft.delivery = Delivery(path, form=[(field, base64.b64encode(draft.message).decode("ascii"))])
    state = draft.scene.question.relay_state if relay is None else relay
    if state:
        draft.delivery.form.append(("RelayState", state))


@step
def by_redirect(
    draft: Draft,
    path: str = "/sso/1.13",
    field: str = "SAMLRequest",
    relay: str | None = None,
    algorithm: str = RSA_SHA256,
    by: str | None = None,
) -> None:
    """Bring the message by HTTP-Redirect, the query string signed with RSA-SHA256, whatever ``algorithm`` says."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    deflated = compressor.compress(draft.message) + compressor.flush()
    pairs = [(field, quote_plus(base64.b64encode(deflated)))]
    if relay is not None:
        pairs.append(("RelayState", quote_plus(relay)))
    pairs.append(("SigAlg", quote_plus(algorithm)))
    draft.delivery = Delivery(path, method="GET", query=pairs)
    sign_query(draft, by)


@step
def sign_query(draft: Draft, by: str | None = None, method: str = RSA_SHA256) -> None:
    """Sign the query string as it stands, in the stead of the signature that it has."""
    delivery = _delivery(draft)
    pairs = [pair for pair in delivery.query if pair[0] != "Signature"]
    signed = "&".join(f"{name}={value}" for name, value in pairs).encode()
    actor = draft.said_by if by is None else draft.scene.actor(by)
    signature = signature_value(signed, actor, Shape(method=method))
    delivery.query = [*pairs, ("Signature", quote_plus(base64.b64encode(signature)))]


@step
def set_query(draft: Draft, name: str, value: str, add: bool = False) -> None:
    """Give the query string another value for a parameter, escaped already; or ``add`` one more."""
    delivery = _delivery(draft)
    delivery.query = _set(delivery.query, name, value, add)


@step
def set_form(draft: Draft, name: str, value: str, add: bool = False) -> None:
    """Give the form another value for a field; or ``add`` one more."""
    delivery = _delivery(draft)
    delivery.form = _set(delivery.form, name, value, add)


@step
def set_header(draft: Draft, name: str, value: str) -> None:
    """Send a header."""
    _delivery(draft).headers[name] = value


@step
def set_method(draft: Draft, method: str) -> None:
    """Use another HTTP method."""
    _delivery(draft).method = method


@step
def set_body(draft: Draft, text: str) -> None:
    """Send another body than the form."""
    _delivery(draft).body = text.encode()


@step
def visit(draft: Draft, path: str, method: str = "GET") -> None:
    """Ask for a page of the makelaar; what is behind the question mark goes along as it stands."""
    address, _, query = path.partition("?")
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)]
    draft.delivery = Delivery(address, method=method, query=pairs)


@step
def without_cookies(draft: Draft) -> None:
    """Bring it in a browser that has no cookies."""
    _delivery(draft).cookies = False


@step
def also_cookies(draft: Draft, text: str) -> None:
    """Bring it with more cookies than the browser has, as they stand in the header."""
    _delivery(draft).also_cookies = text


@step
def tamper_cookies(draft: Draft) -> None:
    """Bring it with another last sign in each cookie."""
    _delivery(draft).tampered = True


@step
def again(draft: Draft, times: int = 2, at_once: bool = False) -> None:
    """Bring it more than once; the reaction is judged of all but the first, or of all but one when at once."""
    delivery = _delivery(draft)
    delivery.times, delivery.at_once = times, at_once


def _delivery(draft: Draft) -> Delivery:
    if draft.delivery is None:
        raise CannotBeMade("say first how it is brought")
    return draft.delivery


def _set(pairs: list[tuple[str, str]], name: str, value: str, add: bool) -> list[tuple[str, str]]:
    kept = pairs if add else [pair for pair in pairs if pair[0] != name]
    return [*kept, (name, value)]


@step
def by_artifact(
    draft: Draft, by: str, index: int = 0, path: str = "/acs/ad/1.13", artifact: str | None = None
) -> None:
    """Bring an artifact of this actor, which leads to the message; another one when it is given."""
    scene = draft.scene
    source = hashlib.sha1(scene.actor(by).entity_id.encode(), usedforsecurity=False).digest()
    raw = b"\x00\x04" + index.to_bytes(2, "big") + source + secrets.token_bytes(20)
    value = base64.b64encode(raw).decode("ascii") if artifact is None else artifact
    draft.delivery = Delivery(path, method="GET", query=[("SAMLart", quote_plus(value))])
    draft.actor = draft.actor or scene.actor(by)
    draft.resolver = scene.actor(by)
    if scene.question.relay_state:
        draft.delivery.query.append(("RelayState", quote_plus(scene.question.relay_state)))


@step
def over_mutual_tls(draft: Draft, certificate: str = "issued", of: str | None = None) -> None:
    """Bring it to the listener with mutual TLS, with a client certificate of this kind, in the name ``of`` an actor.

    The kinds are those of ``live.lines``; without ``of`` it is who says the message.
    """
    delivery = brought(draft, Hop.RESOLVE)
    delivery.line = Line(certificate, draft.said_by.name if of is None else of)
