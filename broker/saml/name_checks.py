"""Names that somebody else will have to read: refused when they were made to mislead or to break a page."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from lxml import etree

from broker.saml.findings import Report
from broker.saml.names import CATALOGUE
from broker.saml.names import MD
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.policy import LIMITS
from broker.saml.reading import display_text

_NAMES: Final = {
    tag(MD, "OrganizationName"): "OrganizationName",
    tag(MD, "OrganizationDisplayName"): "OrganizationDisplayName",
    tag(CATALOGUE, "OrganizationDisplayName"): "OrganizationDisplayName",
    tag(CATALOGUE, "ServiceName"): "ServiceName",
}
_RULES: Final = "SAML metadata 2.3.2.1, names for people"


class Misleading(StrEnum):
    """How a name misleads whoever reads it, in the words that follow it."""

    MARKUP = "holds markup"
    UNSEEN = "holds characters that cannot be seen, or that turn the direction of the text"
    LONG = f"is longer than {LIMITS.name_characters} characters"


def misleading_names(root: etree._Element) -> Iterator[tuple[etree._Element, Misleading]]:
    """Each name in a document that misleads, and how."""
    for element in root.iter(*_NAMES):
        text = element.text or ""
        if "<" in text:
            yield element, Misleading.MARKUP
        elif display_text(text) != " ".join(text.split()):
            yield element, Misleading.UNSEEN
        elif len(text) > LIMITS.name_characters:
            yield element, Misleading.LONG


def check_names(data: bytes, document: str) -> None:
    """Judge the names in a document that was read before. Raises ``DocumentRefused``.

    Only when it is handed over: what is registered is shown cleaned, whatever it holds.
    """
    report = Report(document)
    for element, misleading in misleading_names(parse(data, maximum=LIMITS.metadata_bytes)):
        report.error(element.sourceline or 0, f"{_NAMES[str(element.tag)]} {misleading}", _RULES)
    report.raise_if_refused()
