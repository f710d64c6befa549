"""The query string of HTTP-Redirect in other spellings and another order (SAML bindings 3.4.4.1)."""

import re
from collections.abc import Callable
from urllib.parse import quote
from urllib.parse import quote_plus
from urllib.parse import unquote_plus

from broker.attacks.draft import CannotBeMade
from broker.attacks.draft import Delivery
from broker.attacks.draft import Draft
from broker.attacks.steps import step

_HEX = re.compile("%[0-9A-F]{2}")
_STYLES: dict[str, Callable[[str], str]] = {
    "lower-case": lambda text: _HEX.sub(lambda found: found.group().lower(), quote_plus(text)),
    "percent-20": lambda text: quote(text, safe=""),
    "java": lambda text: quote_plus(text, safe="*").replace("~", "%7E"),
    "everything": lambda text: "".join(f"%{octet:02X}" for octet in text.encode()),
    "little": lambda text: quote(text, safe="/:=").replace("#", "%23"),
}
"""How values are escaped: lower-case hexadecimal as .NET does, a space as ``%20``, as java.net.URLEncoder does, every
character, or no more than must be."""


@step
def escape(draft: Draft, style: str) -> None:
    """Escape every value of the query string in another way; sign it again afterwards."""
    delivery = _delivery(draft)
    delivery.query = [(name, _STYLES[style](unquote_plus(value))) for name, value in delivery.query]


@step
def order_query(draft: Draft, names: list[str]) -> None:
    """Put the parameters in this order."""
    delivery = _delivery(draft)
    delivery.query = [pair for name in names for pair in delivery.query if pair[0] == name]


@step
def drop_query(draft: Draft, name: str) -> None:
    """Leave a parameter out."""
    delivery = _delivery(draft)
    if not any(pair[0] == name for pair in delivery.query):
        raise CannotBeMade(f"there is no {name} in the query string")
    delivery.query = [pair for pair in delivery.query if pair[0] != name]


def _delivery(draft: Draft) -> Delivery:
    if draft.delivery is None:
        raise CannotBeMade("say first how it is brought")
    return draft.delivery
