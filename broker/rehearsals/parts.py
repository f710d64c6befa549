"""Parts of a Response that is taken apart to be spoiled."""

from typing import Final

from lxml import etree

from broker.saml.names import DS
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.policy import EXC_C14N

ASSERTION: Final = tag(SAML, "Assertion")
SIGNATURE: Final = tag(DS, "Signature")
_REFERENCE: Final = "/".join(tag(DS, name) for name in ("SignedInfo", "Reference", "Transforms", "Transform"))


def the_assertion(response: etree._Element) -> etree._Element:
    """The one assertion of a true answer. Raises ValueError when there is none, or more."""
    (assertion,) = response.findall(ASSERTION)
    return assertion


def unsign(element: etree._Element) -> None:
    """Take away the Signature of an element."""
    for signature in element.findall(SIGNATURE):
        element.remove(signature)


def prefixes_of(element: etree._Element) -> tuple[str, ...]:
    """The PrefixList that its own Signature has, for another one like it."""
    for method in element.findall(f"{SIGNATURE}/{_REFERENCE}"):
        inclusive = method.find(tag(EXC_C14N, "InclusiveNamespaces"))
        if inclusive is not None:
            return tuple(inclusive.get("PrefixList", "").split())
    return ()
