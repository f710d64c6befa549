"""When metadata holds: validFrom of the stelsel, validUntil of SAML.

Afsprakenstelsel, Metadata for participants; SAML metadata 2.3.1 and 2.3.2.
"""

import re
from datetime import datetime

from lxml import etree

from broker.saml.names import MD
from broker.saml.names import VALID_FROM
from broker.saml.names import VALID_FROM_NAMESPACE
from broker.saml.names import tag
from broker.saml.reading import moment

_NAMESPACE = re.compile(VALID_FROM_NAMESPACE)


def validity(entity: etree._Element, descriptor: etree._Element) -> tuple[datetime | None, datetime | None]:
    """(validFrom, validUntil) of an EntityDescriptor, None for either that is not limited.

    What stands around it, and its own role ``descriptor``, limit validUntil too: the first to end counts. Raises
    ``MalformedMessage`` for what is no moment.
    """
    ends: list[datetime] = []
    element: etree._Element | None = descriptor
    while element is not None:
        until = element.get("validUntil")
        if until is not None:
            ends.append(moment(until))
        element = element.getparent()
    start = _valid_from(entity)
    return None if start is None else moment(start), min(ends, default=None)


def _valid_from(entity: etree._Element) -> str | None:
    """The attribute, or the element in Extensions: no public text shows which of the two is used."""
    for name, value in entity.attrib.items():
        if _is_valid_from(str(name)):
            return str(value)
    for element in entity.iterfind(f"{tag(MD, 'Extensions')}/{{*}}{VALID_FROM}"):
        if _is_valid_from(str(element.tag)):
            return element.text or ""
    return None


def _is_valid_from(name: str) -> bool:
    qualified = etree.QName(name)
    return qualified.localname == VALID_FROM and bool(_NAMESPACE.fullmatch(qualified.namespace or ""))
