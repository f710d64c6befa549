"""A message as the browser brought it, before anybody has looked inside."""

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from urllib.parse import unquote_plus

from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.policy import LIMITS

_MESSAGE_FIELDS = ("SAMLRequest", "SAMLResponse", "SAMLart")
_KNOWN = frozenset({*_MESSAGE_FIELDS, "RelayState", "SigAlg", "Signature"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """What arrived at a browser endpoint: the binding, the value of its message field, RelayState, the raw query."""

    binding: str
    value: str = field(repr=False)
    relay_state: str | None
    query: str = field(repr=False)


def read_incoming(query: str, form: Iterable[tuple[str, str]], field: str) -> Incoming:
    """Find the one message in a request. ``field`` is SAMLRequest or SAMLResponse, whichever is expected here.

    ``form`` is the decoded form body, every pair of it; ``query`` the raw query string. Raises
    ``MalformedMessage`` for none, two, or a parameter in both places.
    """
    in_form = [(name, value) for name, value in form if name in _KNOWN]
    in_query = [pair.partition("=")[::2] for pair in query.split("&")]
    in_query = [(name, value) for name, value in in_query if name in _KNOWN]
    names = [name for name, _ in (*in_form, *in_query)]
    if len(names) != len(set(names)):
        raise MalformedMessage("a parameter occurs twice")
    present = [name for name in _MESSAGE_FIELDS if name in names]
    if len(present) != 1 or present[0] not in (field, "SAMLart"):
        raise MalformedMessage(f"expected one {field} or SAMLart")
    posted = dict(in_form)
    queried = dict(in_query)
    if posted and queried:
        raise MalformedMessage("parameters of the message stand in form and query string")
    if present[0] == "SAMLart":
        values = posted or {name: _unquote(value) for name, value in queried.items()}
        return _bounded(Incoming(BINDING_ARTIFACT, values["SAMLart"], values.get("RelayState"), query))
    if field in posted:
        return _bounded(Incoming(BINDING_POST, posted[field], posted.get("RelayState"), query))
    relay_state = queried.get("RelayState")
    unquoted = None if relay_state is None else _unquote(relay_state)
    return _bounded(Incoming(BINDING_REDIRECT, queried[field], unquoted, query))


def _unquote(value: str) -> str:
    try:
        return unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        raise MalformedMessage("a parameter is not UTF-8") from None


def _bounded(incoming: Incoming) -> Incoming:
    if len((incoming.relay_state or "").encode("utf-8")) > LIMITS.relay_state_bytes:
        raise MessageTooLarge("RelayState is over the limit")
    return incoming
