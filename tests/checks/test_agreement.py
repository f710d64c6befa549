"""The report and the registering of a dienstverlener agree."""

import pytest

from broker.assembly.onboarding import register
from broker.checks import Subject
from broker.checks.readers import check_of
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.ports import Role
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Severity
from tests.checks.examples import Example
from tests.checks.examples import good
from tests.checks.good import MAKELAAR
from tests.checks.good import NOW
from tests.checks.tables import EXAMPLES
from tests.checks.tables import report_of
from tests.docs.test_findings import findings
from tests.exchange.builders import MemoryRegistry

OF_DOCUMENTS = {
    check_id: example
    for check_id, example in EXAMPLES.items()
    if example.document != "request" and not {"known", "tls"} & set(example.others)
}


def registered(subject: Subject) -> DocumentRefused | None:
    """What registering these documents said against them."""
    assert subject.metadata is not None
    catalogue = None if subject.catalogue is None else subject.catalogue.data
    connection = Connection(profile=subject.profile or Profile.V1_13)
    try:
        register(
            MemoryRegistry(),
            Role.DV,
            subject.metadata.data,
            catalogue,
            makelaar_oin=MAKELAAR,
            now=NOW,
            connection=connection,
        )
    except DocumentRefused as refused:
        return refused
    return None


@pytest.mark.parametrize(("check_id", "example"), OF_DOCUMENTS.items(), ids=OF_DOCUMENTS)
def test_what_has_no_fout_is_accepted_and_what_is_refused_has_its_rows(
    check_id: str, example: Example
) -> None:
    subject = example.subject()
    refused = registered(subject)
    report = report_of(check_id)

    if subject.catalogue is None:
        return  # who hands over metadata alone is told that the other is missing, and need not be wrong
    assert refused is None or not report.is_good
    fouten = {row.id for row in report.rows if row.severity == "fout"}
    of_readers = (
        {check_of(each) for each in refused.findings if each.severity is Severity.ERROR} if refused else set()
    )
    assert of_readers - {"DC-057", "CE-001"} - _instead(fouten) <= fouten


def _instead(fouten: set[str]) -> set[str]:
    """What is not said of a document that is another than it should be."""
    return {f"{each[:2]}-00{number}" for each in fouten if each.endswith("-007") for number in range(1, 7)}


def test_good_documents_are_accepted() -> None:
    assert registered(good()) is None


PIECES = {"and until then the partner counts as unknown", "certificates for", 'is not "true"'}
"""Of longer texts, whose other words tell which check it is."""
OF_THE_OPERATOR = {"the default service that was chosen"}
"""What stands in no document."""


def test_every_finding_of_the_readers_has_a_check() -> None:
    others = {"MD-000", "DC-000"}
    without = {
        text
        for text in findings()
        if {check_of(Finding(Severity.ERROR, each, 0, text, "")) for each in ("metadata", "catalogue")}
        == others
    }

    assert without == PIECES | OF_THE_OPERATOR
