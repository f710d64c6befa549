"""What the software of dienstverleners needs of a makelaar's metadata, as two of them read it."""

import pytest
import requests
from lxml import etree
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from saml2 import BINDING_HTTP_POST
from saml2 import BINDING_HTTP_REDIRECT
from saml2.attribute_converter import ac_factory
from saml2.mdstore import InMemoryMetaData

from broker.assembly import paths
from broker.settings import MAKELAAR
from tests.box import Box

pytestmark = pytest.mark.interop

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture(scope="module")
def document(box: Box) -> bytes:
    """Our metadata, over HTTP."""
    answer = requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10)
    answer.raise_for_status()
    return answer.content


@pytest.fixture
def descriptor(document: bytes) -> etree._Element:
    """The one IDPSSODescriptor in the one EntityDescriptor."""
    root = etree.fromstring(document)
    assert root.tag == f"{MD}EntityDescriptor"
    (descriptor,) = root.findall(f"{MD}IDPSSODescriptor")
    assert root.find(f"{MD}SPSSODescriptor") is None
    return descriptor


@pytest.mark.rule("7.4.02")
def test_it_says_in_words_that_every_reader_knows_that_requests_must_be_signed(
    descriptor: etree._Element,
) -> None:
    assert descriptor.get("WantAuthnRequestsSigned") == "true"


@pytest.mark.rule("7.4.10")
def test_redirect_and_post_have_one_location_that_accepts_both(descriptor: etree._Element) -> None:
    services = descriptor.findall(f"{MD}SingleSignOnService")
    locations = {service.get("Binding"): service.get("Location", "") for service in services}

    assert locations[BINDING_HTTP_REDIRECT] == locations[BINDING_HTTP_POST]
    for method in ("GET", "POST"):
        answer = requests.request(method, locations[BINDING_HTTP_REDIRECT], timeout=10)
        assert answer.status_code == 400, "a message is missing, but the method is allowed"


def test_the_signing_key_is_there_as_a_certificate_and_not_by_name_only(descriptor: etree._Element) -> None:
    uses = {
        key.get("use"): key.findtext(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
        for key in descriptor.iterfind(f"{MD}KeyDescriptor")
    }

    assert uses["signing"]


@pytest.mark.rule("7.4.04")
def test_the_artifact_resolution_service_has_an_index(descriptor: etree._Element) -> None:
    services = descriptor.findall(f"{MD}ArtifactResolutionService")

    assert [service.get("index") for service in services] == ["0", "1"]
    assert [service.get("isDefault") for service in services] == ["true", None]
    assert {service.get("Binding") for service in services} == {OneLogin_Saml2_Constants.BINDING_SOAP}


@pytest.mark.rule("7.4.06")
@pytest.mark.parametrize("binding", [BINDING_HTTP_REDIRECT, BINDING_HTTP_POST])
def test_python3_saml_finds_all_it_needs(box: Box, document: bytes, binding: str) -> None:
    found = OneLogin_Saml2_IdPMetadataParser.parse(
        document, required_sso_binding=binding, required_slo_binding=binding
    )

    identity_provider = found["idp"]
    assert identity_provider["entityId"] == MAKELAAR.entity_id
    assert identity_provider["singleSignOnService"]["url"] == box.url(MAKELAAR) + paths.HM_SSO
    assert identity_provider["x509cert"]
    found_at = {each["index"]: each["url"] for each in identity_provider["artifactResolutionService"]}
    assert found_at == {
        "0": box.settings.back_channel_address + paths.ARS,
        "1": box.url(MAKELAAR) + paths.ARS,
    }
    assert found["security"]["authnRequestsSigned"] is True


@pytest.mark.rule("7.4.06")
def test_pysaml2_finds_all_it_needs(box: Box, document: bytes) -> None:
    store = InMemoryMetaData(ac_factory(), document.decode("utf-8"))
    store.load()

    assert list(store.keys()) == [MAKELAAR.entity_id]
    for binding in (BINDING_HTTP_REDIRECT, BINDING_HTTP_POST):
        (service,) = store.service(MAKELAAR.entity_id, "idpsso_descriptor", "single_sign_on_service", binding)
        assert service["location"] == box.url(MAKELAAR) + paths.HM_SSO
    assert len(store.certs(MAKELAAR.entity_id, "idpsso", "signing")) == 1
    assert store.construct_source_id()
