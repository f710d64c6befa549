"""The readers that a login uses, and the check that each of their findings belongs to.

A document is accepted when those readers accept it. Their findings are shown by `makelaar dv add` with the ids of the
checks, and what they refuse is never missing in a report.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from broker.checks.looking import Seen
from broker.domain.connection import Connection
from broker.saml.catalogue import read_catalogue
from broker.saml.errors import SamlError
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Severity
from broker.saml.metadata import read_metadata

_ANY_OIN: Final = "00000000000000000000"
"""In the place of an unknown OIN of the makelaar; what is found about it is left out again."""

_WORDS: Final = {
    "metadata": {
        "not well-formed XML": "MD-001",
        "document type declarations": "MD-002",
        "UTF-8": "MD-003",
        "at most": "MD-004",
        "more than": "MD-004",
        "one EntityDescriptor is needed": "MD-008",
        "exactly one SPSSODescriptor": "MD-009",
        "NameIDFormat is forbidden": "MD-014",
        "the entityID is empty": "MD-015",
    },
    "catalogue": {
        "not well-formed XML": "DC-001",
        "document type declarations": "DC-002",
        "UTF-8": "DC-003",
        "at most": "DC-004",
        "more than": "DC-004",
        "this is not a ServiceCatalogue": "DC-007",
        "one ServiceProvider is expected": "DC-008",
    },
}
"""Fixed words of a finding, and its check. The first that fit count."""
_SCHEMA: Final = {"metadata": "MD-006", "catalogue": "DC-006"}
_OTHERWISE: Final = {"metadata": "MD-000", "catalogue": "DC-000"}


def check_of(finding: Finding) -> str:
    """The id of the check that a finding belongs to; that of all others when it has none of its own."""
    if finding.rule == "XML schema":
        return _SCHEMA[finding.document]
    words = _WORDS[finding.document]
    return next((words[each] for each in words if each in finding.reason), _OTHERWISE[finding.document])


def refusals(seen: Seen) -> Iterator[tuple[str, Finding]]:
    """For what the readers refuse these documents, each with its check."""
    for finding in _read(seen):
        if finding.severity is Severity.ERROR:
            yield check_of(finding), finding


def _read(seen: Seen) -> tuple[Finding, ...]:
    subject, document = seen.subject, "metadata"
    if subject.metadata is None:
        return ()
    try:
        partner, report = read_metadata(subject.metadata.data, "DV", subject.now, seen.profile)
        if subject.catalogue is None:
            return tuple(report.findings)
        document = "catalogue"
        partner = replace(partner, connection=Connection(profile=seen.profile))
        makelaar = subject.makelaar_oin
        _, report = read_catalogue(subject.catalogue.data, partner, makelaar or _ANY_OIN, subject.lowest)
    except DocumentRefused as refused:
        return tuple(
            each
            for each in refused.findings
            if subject.makelaar_oin is not None or f"({_ANY_OIN})" not in each.reason
        )
    except (SamlError, ValueError) as error:
        return (Finding(Severity.ERROR, document, 0, str(error), ""),)
    return tuple(report.findings)
