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

_CERTIFICATES: Final = {
    "not an X.509 certificate": "CE-001",
    "the certificate is not base64": "CE-001",
    "holds no RSA key": "CE-002",
    "RSA key of": "CE-003",
    "small exponent": "CE-004",
}
_OPENING: Final = {
    "not well-formed XML": "001",
    "document type declarations": "002",
    "UTF-8": "003",
    "more than": "004",
    "nested deeper": "004",
    "too many attributes": "004",
    "bytes, at most": "004",
    "processing instructions": "005",
    "an ID occurs twice": "005",
    "xml:id": "005",
    "XML 1.0": "005",
    "NUL in": "005",
}
_METADATA: Final = {
    "validUntil has passed": "MD-010",
    "validFrom or validUntil": "MD-011",
    "validFrom lies ahead": "MD-012",
    "must differ in validFrom": "MD-013",
    "NameIDFormat is forbidden": "MD-014",
    "the entityID is empty": "MD-015",
    "the entityID is not of the form": "MD-016",
    "the entityID is not one of": "MD-019",
    "the metadata is not signed": "MD-021",
    "algorithm is not allowed": "MD-023",
    "the signature does not hold": "MD-022",
    "no certificate to verify": "MD-026",
    "AuthnRequestsSigned is not": "MD-030",
    "WantAssertionsSigned is not": "MD-031",
    "with binding HTTP-POST or": "MD-033",
    "with binding HTTP-Artifact": "MD-032",
    "must be https": "MD-035",
    "is no URL": "MD-036",
    "is no absolute URL": "MD-036",
    "holds user information": "MD-039",
    "that no partner can have": "MD-040",
    "elements share an index": "MD-043",
    "there is no AttributeConsumingService": "MD-047",
    "must be its ServiceID": "MD-048",
    "AttributeConsumingServices have index": "MD-049",
    "one must be isDefault": "MD-050",
    "identifiers are not asked": "MD-057",
    "the name of an intermediary": "MD-058",
    "is not in the attribuutcatalogus": "MD-059",
    "validUntil counts now": "MD-066",
    "none of its signing keys": "MD-070",
    "holds markup": "MD-071",
    "cannot be seen": "MD-072",
    "is longer than": "MD-073",
    "every certificate for signing has expired": "CE-026",
    "one EntityDescriptor is needed": "MD-008",
    "exactly one SPSSODescriptor": "MD-009",
    " certificates for ": "MD-029",
}
_CATALOGUE: Final = {
    "this is not a ServiceCatalogue": "DC-007",
    "one ServiceProvider is expected": "DC-008",
    "the ID starts with a digit": "DC-009",
    "the catalogue is not signed": "DC-010",
    "algorithm is not allowed": "DC-013",
    "the signature does not hold": "DC-012",
    "the ServiceProviderID is not the OIN": "DC-014",
    "two definitions have the same ServiceUUID": "DC-017",
    "is registered by another": "DC-023",
    "the ServiceID is not urn": "DC-024",
    "the OIN in the ServiceID": "DC-025",
    "this ServiceID occurs twice": "DC-027",
    "InstanceOfService names no definition": "DC-028",
    "HerkenningsmakelaarId is not": "DC-030",
    "level of assurance": "DC-032",
    "loa1 was withdrawn": "DC-033",
    "none of the identifier sets": "DC-035",
    "a restriction needs the KvK-nummer": "DC-036",
    "there is no Dutch ServiceName": "DC-042",
    "identifiers are not asked": "DC-045",
    "the name of an intermediary": "DC-046",
    "is not in the attribuutcatalogus": "DC-047",
    "PortalForService names": "DC-049",
    "the portal stands for no service": "DC-050",
    "in this profile identifiers": "DC-051",
    "IntermediatedService is of no": "DC-052",
    "eHerkenning and eIDAS services": "DC-055",
    "which the catalogue does not hold": "DC-057",
    "which the catalogue does not declare": "DC-059",
    "it is optional": "DC-060",
    "no certificate to encrypt": "DC-061",
    "a dienstverlener needs a dienstencatalogus": "DC-070",
    "registered one of these services": "DC-023",
    "the OIN is also that of": "DC-071",
    "holds markup": "DC-072",
    "cannot be seen": "DC-073",
}
_WORDS: Final = {
    "metadata": _METADATA | _CERTIFICATES | {words: f"MD-{number}" for words, number in _OPENING.items()},
    "catalogue": _CATALOGUE | _CERTIFICATES | {words: f"DC-{number}" for words, number in _OPENING.items()},
}
"""Fixed words of a finding, and its check. The first that fit count."""
_SCHEMA: Final = {"metadata": "MD-006", "catalogue": "DC-006"}
_OTHERWISE: Final = {"metadata": "MD-000", "catalogue": "DC-000"}


def check_of(finding: Finding) -> str:
    """The id of the check that a finding belongs to; that of all others when it has none of its own."""
    document = finding.document if finding.document in _WORDS else "metadata"
    if finding.rule == "XML schema":
        return _SCHEMA[document]
    words = _WORDS[document]
    return next((words[each] for each in words if each in finding.reason), _OTHERWISE[document])


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
