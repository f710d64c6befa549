"""What the makelaar asks an authenticatiedienst and a register, attribute by attribute (HM-AD, HM-MR)."""

from urllib.parse import urlsplit

import pytest
from lxml import etree

from broker.assembly import paths
from broker.saml import names
from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import NS
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

ALL = {**NS, "xc": names.XACML_CONTEXT, "md": names.MD}


@pytest.fixture(scope="module")
def login(box: Box, dv: ForeignDv, ledger: Ledger) -> Visitor:
    """One login at a level that was asked, with a name to show."""
    return Visitor(box, dv, ledger).complete("werknemer", level="loa2", ProviderName="Omgevingsloket")


@pytest.fixture(scope="module")
def request_to_ad(login: Visitor) -> etree._Element:
    return etree.fromstring(login.last("AuthnRequest").message)


@pytest.fixture(scope="module")
def query(login: Visitor) -> etree._Element:
    return etree.fromstring(login.last("XACMLAuthzDecisionQuery").message)


def texts(element: etree._Element, path: str) -> list[str]:
    """The results of an XPath, as text."""
    found = element.xpath(path, namespaces=ALL)
    assert isinstance(found, list)
    return [str(each.text if isinstance(each, etree._Element) else each) for each in found]


def value(element: etree._Element, place: str, attribute_id: str) -> str:
    """The one value of an XACML attribute."""
    (found,) = texts(element, f"{place}/xc:Attribute[@AttributeId='{attribute_id}']/xc:AttributeValue")
    return found


@pytest.mark.rule("6.1.01", "6.1.02", "6.1.03", "6.1.04", "6.1.05", "6.1.06", "6.1.08")
def test_the_request_to_an_authenticatiedienst_has_these_attributes_and_no_others(
    box: Box, login: Visitor, request_to_ad: etree._Element
) -> None:
    attributes = dict(request_to_ad.attrib)
    assert attributes.pop("ID") == login.last("AuthnRequest").id
    assert attributes.pop("IssueInstant").endswith("Z")
    assert attributes == {
        "Version": "2.0",
        "Destination": box.url(AD_SLEUTEL) + paths.AD_SSO,
        "ForceAuthn": "true",
        "AssertionConsumerServiceIndex": "1",
        "ProviderName": "Omgevingsloket",
    }


@pytest.mark.rule("6.1.09", "6.1.10", "9.02", "9.03", "9.04", "9.10")
@pytest.mark.parametrize("kind", ["AuthnRequest", "XACMLAuthzDecisionQuery"])
def test_a_question_is_of_the_makelaar_and_signed_by_the_profile(login: Visitor, kind: str) -> None:
    question = etree.fromstring(login.last(kind).message)
    (issuer,) = question.findall("saml:Issuer", NS)
    assert (issuer.text, dict(issuer.attrib)) == (MAKELAAR.entity_id, {})
    (signature,) = question.findall("ds:Signature", NS)
    assert texts(signature, "ds:SignedInfo/ds:Reference/@URI") == [f"#{question.get('ID')}"]
    assert texts(signature, ".//ds:Transform/@Algorithm") == [
        "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
        "http://www.w3.org/2001/10/xml-exc-c14n#",
    ]
    assert texts(signature, ".//ds:SignatureMethod/@Algorithm | .//ds:DigestMethod/@Algorithm") == [
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
    ]
    assert texts(signature, "ds:KeyInfo/*") == texts(signature, "ds:KeyInfo/ds:KeyName")


@pytest.mark.rule("5.05", "6.1.12")
def test_the_level_that_was_asked_is_asked_of_the_authenticatiedienst(request_to_ad: etree._Element) -> None:
    assert texts(request_to_ad, "samlp:RequestedAuthnContext/@Comparison") == ["minimum"]
    assert texts(request_to_ad, "samlp:RequestedAuthnContext/*") == ["urn:etoegang:core:assurance-class:loa2"]


@pytest.mark.rule("6.1.13")
def test_service_and_dienstverlener_are_named_in_extensions(
    dv: ForeignDv, request_to_ad: etree._Element
) -> None:
    place = "/samlp:AuthnRequest/samlp:Extensions"
    uuid = documents.service_uuid(dv.oin, documents.DEFAULT)
    assert value(request_to_ad, place, names.EXTENSION_SERVICE_UUID) == uuid
    assert value(request_to_ad, place, names.EXTENSION_INTENDED_AUDIENCE) == dv.entity_id


@pytest.mark.rule("6.3.01", "6.3.02", "6.3.03", "6.3.04", "6.3.05")
def test_the_question_to_a_register_has_these_attributes_and_no_others(
    box: Box, login: Visitor, query: etree._Element
) -> None:
    attributes = dict(query.attrib)
    assert attributes.pop("ID") == login.last("XACMLAuthzDecisionQuery").id
    assert attributes.pop("IssueInstant").endswith("Z")
    assert attributes == {
        "Version": "2.0",
        "Destination": box.url(MR_EEN) + paths.MR_DECISION,
        "ReturnContext": "true",
    }
    assert texts(query, "saml:Issuer") == [MAKELAAR.entity_id]
    assert texts(query, "saml:Issuer/@*") == []
    assert len(query.findall("ds:Signature", NS)) == 1


@pytest.mark.rule("6.3.07", "6.3.08", "6.3.09")
def test_its_extensions_say_where_to_answer_for_whom_and_on_what_login(
    login: Visitor, dv: ForeignDv, query: etree._Element
) -> None:
    place = "/*/samlp:Extensions"
    assert value(query, place, names.EXTENSION_ACS_INDEX) == "2"
    assert value(query, place, names.EXTENSION_INTENDED_AUDIENCE) == dv.entity_id
    carried = f"{place}/xc:Attribute[@AttributeId='{names.EXTENSION_ASSERTIONS}']/xc:AttributeValue/*/@ID"
    answer = etree.fromstring(next(each.message for each in login.passed if each.kind == "Response"))
    assert texts(query, carried) == texts(answer, "saml:Assertion/@ID")


@pytest.mark.rule("6.3.11", "6.3.12")
def test_its_subject_is_the_transient_name_of_this_login(login: Visitor, query: etree._Element) -> None:
    answer = etree.fromstring(next(each.message for each in login.passed if each.kind == "Response"))
    (name_id,) = texts(answer, "saml:Assertion/saml:Subject/saml:NameID")
    assert value(query, "/*/xc:Request/xc:Subject", names.XACML_SUBJECT_ID) == name_id


@pytest.mark.rule("5.06", "6.3.13", "6.3.14", "6.3.15")
def test_its_resource_is_the_service_at_the_level_that_was_asked(
    dv: ForeignDv, query: etree._Element
) -> None:
    place = "/*/xc:Request/xc:Resource"
    assert value(query, place, names.SERVICE_ID) == documents.service_id(dv.oin, documents.DEFAULT)
    assert value(query, place, names.SERVICE_UUID) == documents.service_uuid(dv.oin, documents.DEFAULT)
    level = value(query, place, "urn:etoegang:core:LevelOfAssurance")
    assert level == "urn:etoegang:core:assurance-class:loa2"


@pytest.mark.rule("6.3.16", "6.3.17")
def test_its_action_is_to_authenticate_in_no_particular_environment(query: etree._Element) -> None:
    place = "/*/xc:Request/xc:Action"
    assert value(query, place, "urn:oasis:names:tc:xacml:1.0:action:action-id") == "Authenticate"
    assert texts(query, "/*/xc:Request/xc:Environment/*") == []
    assert len(query.findall("xc:Request/xc:Environment", ALL)) == 1


@pytest.mark.rule("2.03", "2.05")
def test_our_own_relay_state_is_short_and_says_nothing(login: Visitor) -> None:
    ours = {passing.relay_state for passing in login.passed[:4]}
    (relay_state,) = ours
    assert len(relay_state.encode()) <= 80
    assert set(relay_state) <= set("0123456789abcdef")


@pytest.mark.rule("2.01")
def test_no_message_holds_an_optional_part_that_is_empty(login: Visitor) -> None:
    for passing in login.passed:
        message = etree.fromstring(passing.message)
        assert texts(message, "//@*[. = '']") == []
        empty = message.xpath("//*[not(@*) and not(node()) and not(self::xc:Environment)]", namespaces=ALL)
        assert empty == [], passing.kind


@pytest.mark.rule("2.07", "2.08")
def test_every_address_carries_the_version_and_answers_to_no_other(box: Box, login: Visitor) -> None:
    published = [box.url(MAKELAAR) + path for path in (paths.METADATA, paths.NETWORK_METADATA)]
    stem = box.settings.client_stem(MAKELAAR)
    trusted, own = str(box.settings.server_bundle), (f"{stem}.crt", f"{stem}.key")
    for address in published:
        document = etree.fromstring(login.session.get(address, timeout=20).content)
        (version,) = texts(document, "/md:EntityDescriptor/@*[local-name() = 'version']")
        locations = texts(document, "//md:*[@Binding]/@Location")
        assert locations
        for location in locations:
            assert urlsplit(location).path.rpartition("/")[2] == version
            other = location.removesuffix(version) + "1.10"
            answer = login.session.post(other, timeout=20, verify=trusted, cert=own)
            assert answer.status_code == 404
