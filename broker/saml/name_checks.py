"""Names that somebody else will have to read: refused when they were made to mislead or to break a page."""

from typing import Final

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


def check_names(data: bytes, document: str) -> None:
    """Judge the names in a document that was read before. Raises ``DocumentRefused``.

    Only when it is handed over: what is registered is shown cleaned, whatever it holds.
    """
    report = Report(document)
    for element in parse(data, maximum=LIMITS.metadata_bytes).iter(*_NAMES):
        name, text, line = _NAMES[str(element.tag)], element.text or "", element.sourceline or 0
        if "<" in text:
            report.error(line, f"{name} holds markup", _RULES)
        elif display_text(text) != " ".join(text.split()):
            reason = "holds characters that cannot be seen, or that turn the direction of the text"
            report.error(line, f"{name} {reason}", _RULES)
        elif len(text) > LIMITS.name_characters:
            reason = f"{name} is longer than {LIMITS.name_characters} characters"
            report.error(line, reason, _RULES)
    report.raise_if_refused()
