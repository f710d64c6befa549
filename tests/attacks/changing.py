"""AuthnRequests of a dienstverlener, changed first and then signed by it: the signature holds, the rest need not."""

from collections.abc import Callable

from lxml import etree

from tests.attacks.forging import forge
from tests.attacks.forging import identifier
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.saml.builders import signed_request


def signed_with(change: Callable[[etree._Element], None]) -> bytes:
    """An AuthnRequest after this change, signed."""
    root = etree.fromstring(signed_request())
    change(root)
    message = etree.tostring(root)
    return forge(message, "dv", template(reference(f"#{identifier(message)}")))


def inserted(text: str, position: int = 1) -> Callable[[etree._Element], None]:
    """Another child."""
    return lambda root: root.insert(position, etree.fromstring(text))


def attribute_set(name: str, value: str) -> Callable[[etree._Element], None]:
    """Another value of an attribute of the root."""
    return lambda root: root.set(name, value)
