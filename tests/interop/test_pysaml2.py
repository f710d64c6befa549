"""pysaml2's Saml2Client as a dienstverlener, by HTTP-Redirect with artifact resolution over SOAP."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from saml2 import extension_elements_to_elements
from saml2 import saml
from saml2 import samlp
from saml2 import soap
from saml2.response import StatusAuthnFailed
from saml2.sigver import SignatureError

from broker.assembly import paths
from broker.settings import MAKELAAR
from tests.box import Box
from tests.interop.landing import Arrivals
from tests.interop.landing import landing
from tests.interop.pysaml2_client import ENTITY_ID
from tests.interop.pysaml2_client import SERVICE_ID
from tests.interop.pysaml2_client import Dienstverlener
from tests.interop.pysaml2_client import response_in
from tests.keys import key_stem
from tests.walker import Walker

pytestmark = [
    pytest.mark.interop,
    # pysaml2 leaves the temporary files that it hands to xmlsec1 for the garbage collector to close.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

CATALOGUE = Path(__file__).parent / "catalogue.xml"
RELAY_STATE = "r" * 100 + " ü&=+"
KVK = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
RSIN = "urn:etoegang:1.9:EntityConcernedID:RSIN"
LOA3 = "urn:etoegang:core:assurance-class:loa3"


@dataclass(frozen=True)
class Connected:
    """A dienstverlener that the makelaar of the box knows, and its ACS."""

    dienstverlener: Dienstverlener
    arrivals: Arrivals
    lists_services: bool
    findings: str


@pytest.fixture(autouse=True)
def _close_what_pysaml2_leaves_open() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(scope="module", params=["services in metadata", "services in catalogue only"])
def connection(
    request: pytest.FixtureRequest, box: Box, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connected]:
    """pysaml2 lists the service in its metadata when it is told to; by default it lists none."""
    lists_services = request.param == "services in metadata"
    ours = requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).text
    with landing() as arrivals:
        stem = key_stem("pysaml2")
        dienstverlener = Dienstverlener(stem, arrivals.url, ours, lists_services=lists_services)
        metadata = tmp_path_factory.mktemp("pysaml2") / "metadata.xml"
        metadata.write_bytes(dienstverlener.metadata())
        added = box.command("dv", "add", str(metadata), "--catalogue", str(CATALOGUE))
        assert added.returncode == 0, added.stderr
        yield Connected(dienstverlener, arrivals, lists_services, added.stderr)
        removed = box.command("dv", "remove", ENTITY_ID)
        assert removed.returncode == 0, removed.stderr


@pytest.fixture
def connected(connection: Connected) -> Connected:
    """The same, with nothing arrived yet."""
    connection.arrivals.received.clear()
    return connection


def test_only_what_is_missing_is_remarked_on(connected: Connected) -> None:
    assert "error" not in connected.findings
    assert ("there is no AttributeConsumingService" in connected.findings) is not connected.lists_services


@pytest.mark.rule("2.12", "3.5.10", "3.8.08")
def test_a_login_by_redirect_ends_in_a_declaration_that_pysaml2_can_open(
    walker: Walker, connected: Connected
) -> None:
    dienstverlener = connected.dienstverlener
    request_id, url = dienstverlener.ask(RELAY_STATE)
    walker.open(url)
    assert "Lozing melden" in walker.text
    walker.choose_ad("werknemer").authenticate("werknemer")
    assert walker.text == "arrived"
    (arrived,) = connected.arrivals.received
    assert arrived["RelayState"] == RELAY_STATE
    assert connected.arrivals.methods[-1] == "GET"

    answer = dienstverlener.resolve(arrived["SAMLart"])

    resolved = samlp.artifact_response_from_string(soap.open_soap_envelope(answer)["body"])
    assert resolved.status.status_code.value == samlp.STATUS_SUCCESS
    (response,) = extension_elements_to_elements(resolved.extension_elements, [samlp, saml])
    assert response.in_response_to == request_id
    assert response.destination == connected.arrivals.url
    (assertion,) = response.assertion
    for element in (resolved, response, assertion):
        assert dienstverlener.verified(answer, type(element), element.id), element.c_tag
    assert _audiences(assertion) == [ENTITY_ID]
    assert assertion.authn_statement[0].authn_context.authn_context_class_ref.text == LOA3
    assert _texts(assertion)["urn:etoegang:core:ServiceID"] == SERVICE_ID
    legal = dienstverlener.decrypted(answer, "urn:etoegang:core:LegalSubjectID")
    assert legal == {RSIN: "900000028", KVK: "90000011"}
    assert len(dienstverlener.decrypted(answer, "urn:etoegang:core:ActingSubjectID")) == 1
    # The day that pysaml2 reads XACML in Advice, it should read the whole Response here.
    with pytest.raises(SignatureError):
        dienstverlener.client.parse_authn_request_response(
            response_in(answer), None, outstanding={request_id: "/"}
        )


@pytest.mark.rule("3.7.02")
def test_a_cancel_is_read_whole_by_pysaml2_as_authn_failed(walker: Walker, connected: Connected) -> None:
    client = connected.dienstverlener.client
    request_id, url = connected.dienstverlener.ask(RELAY_STATE)
    walker.open(url).press("cancel")
    (arrived,) = connected.arrivals.received
    assert arrived["RelayState"] == RELAY_STATE
    assert connected.arrivals.methods[-1] == "GET"
    answer = connected.dienstverlener.resolve(arrived["SAMLart"])

    resolved = samlp.artifact_response_from_string(soap.open_soap_envelope(answer)["body"])
    assert resolved.status.status_code.value == samlp.STATUS_SUCCESS
    assert connected.dienstverlener.verified(answer, samlp.ArtifactResponse, resolved.id)
    with pytest.raises(StatusAuthnFailed, match="geannuleerd"):
        client.parse_authn_request_response(response_in(answer), None, outstanding={request_id: "/"})


@pytest.mark.rule("9.04")
def test_the_sha1_signature_that_pysaml2_makes_by_default_is_refused_with_a_page(
    walker: Walker, connected: Connected
) -> None:
    _, url = connected.dienstverlener.ask(RELAY_STATE, algorithm=None)

    walker.open(url)

    assert walker.status == 400
    assert "EH-" in walker.text
    assert not connected.arrivals.received


def _audiences(assertion: saml.Assertion) -> list[str]:
    (restriction,) = assertion.conditions.audience_restriction
    return [audience.text for audience in restriction.audience]


def _texts(assertion: saml.Assertion) -> dict[str, str]:
    (statement,) = assertion.attribute_statement
    return {attribute.name: attribute.attribute_value[0].text for attribute in statement.attribute}
