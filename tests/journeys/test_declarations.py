"""What authenticatiedienst, register and makelaar declare, part by part (HM-AD, HM-MR, DV-HM response)."""

from base64 import b64decode
from base64 import b64encode
from datetime import timedelta

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
from tests.journeys.network import Forger
from tests.journeys.received import NS
from tests.journeys.received import SUCCESS
from tests.journeys.received import Received
from tests.journeys.received import moment
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.judges import python_xmlsec_opens
from tests.keys import certificate

ALL = {**NS, "xc": names.XACML_CONTEXT}
OURS = "//samlp:Response/saml:Assertion"


@pytest.fixture(scope="module")
def login(box: Box, dv: ForeignDv, ledger: Ledger) -> Visitor:
    """One login of somebody whose middel and machtiging are better than what is asked."""
    return Visitor(box, dv, ledger).complete("directeur", documents.PLAIN)


@pytest.fixture(scope="module")
def received(login: Visitor) -> Received:
    """What it gave the dienstverlener."""
    return login.received()


@pytest.fixture(scope="module")
def from_ad(login: Visitor) -> etree._Element:
    """The Response of the authenticatiedienst."""
    return etree.fromstring(login.passed[1].message)


@pytest.fixture(scope="module")
def from_mr(login: Visitor) -> etree._Element:
    """The Response of the register."""
    return etree.fromstring(login.passed[3].message)


def texts(element: etree._Element, path: str) -> list[str]:
    """The results of an XPath, as text."""
    found = element.xpath(path, namespaces=ALL)
    assert isinstance(found, list)
    return [str(each.text if isinstance(each, etree._Element) else each) for each in found]


def xacml(element: etree._Element, attribute_id: str) -> etree._Element:
    """The one XACML attribute of this name."""
    found = element.xpath(f"//xc:Attribute[@AttributeId='{attribute_id}']", namespaces=ALL)
    assert isinstance(found, list)
    (attribute,) = found
    assert isinstance(attribute, etree._Element)
    return attribute


def lifetime(assertion: etree._Element) -> timedelta:
    """How long its Conditions hold."""
    (start,), (end,) = (
        texts(assertion, f"saml:Conditions/@{name}") for name in ("NotBefore", "NotOnOrAfter")
    )
    return moment(end) - moment(start)


@pytest.mark.rule("6.1.14", "9.10")
@pytest.mark.parametrize("position", [1, 3], ids=["AD", "MR"])
def test_a_partner_signs_response_and_assertion_and_names_its_key_only(login: Visitor, position: int) -> None:
    response = etree.fromstring(login.passed[position].message)
    for signed in (response, *response.findall("saml:Assertion", NS)):
        (signature,) = signed.findall("ds:Signature", NS)
        assert texts(signature, "ds:SignedInfo/ds:Reference/@URI") == [f"#{signed.get('ID')}"]
        assert [etree.QName(each).localname for each in signature.findall("ds:KeyInfo/*", NS)] == ["KeyName"]


@pytest.mark.rule("6.1.15", "6.1.16", "6.1.17")
def test_the_authenticatiedienst_declares_a_transient_bearer_for_a_few_minutes(
    box: Box, login: Visitor, from_ad: etree._Element
) -> None:
    (assertion,) = from_ad.findall("saml:Assertion", NS)
    assert texts(assertion, "saml:Subject/saml:NameID/@Format") == [names.NAMEID_TRANSIENT]
    confirmation = "saml:Subject/saml:SubjectConfirmation"
    assert texts(assertion, f"{confirmation}/@Method") == [names.CM_BEARER]
    assert texts(assertion, f"{confirmation}/saml:SubjectConfirmationData/@Recipient") == [
        box.url(MAKELAAR) + paths.HM_ACS_AD
    ]
    assert timedelta(minutes=2) <= lifetime(assertion) <= timedelta(minutes=20)


@pytest.mark.rule("3.7.04", "6.1.18")
def test_the_authenticatiedienst_names_itself_by_oin(from_ad: etree._Element) -> None:
    context = "saml:Assertion/saml:AuthnStatement/saml:AuthnContext"
    assert texts(from_ad, f"{context}/saml:AuthenticatingAuthority") == [AD_SLEUTEL.oin]
    assert texts(from_ad, f"{context}/saml:AuthnContextClassRef") == [
        "urn:etoegang:core:assurance-class:loa4"
    ]


@pytest.mark.rule("3.4.07", "6.1.19")
def test_the_authenticatiedienst_declares_four_attributes(from_ad: etree._Element) -> None:
    attributes = "saml:Assertion/saml:AttributeStatement/saml:Attribute"
    assert set(texts(from_ad, f"{attributes}/@Name")) == {
        names.REPRESENTATION,
        names.SERVICE_UUID,
        names.AUTHORIZATION_REGISTRY_ID,
        names.ACTING_SUBJECT_ID,
    }
    representation = f"{attributes}[@Name='{names.REPRESENTATION}']/saml:AttributeValue"
    assert texts(from_ad, representation) == ["true"]


@pytest.mark.rule("6.4.01", "6.4.03")
def test_the_register_declares_a_transient_name_of_its_own_for_two_minutes(from_mr: etree._Element) -> None:
    (assertion,) = from_mr.findall("saml:Assertion", NS)
    assert texts(assertion, "saml:Subject/saml:NameID/@Format") == [names.NAMEID_TRANSIENT]
    assert texts(assertion, "saml:Subject/saml:NameID/@NameQualifier") == [MR_EEN.entity_id]
    assert timedelta(minutes=2) <= lifetime(assertion) <= timedelta(minutes=3)


@pytest.mark.rule("6.4.06", "6.4.09")
def test_the_register_puts_its_name_to_what_it_adds(from_mr: etree._Element) -> None:
    assert xacml(from_mr, names.LINKED_SIGNATURE_VALUE).get("Issuer") == MR_EEN.entity_id
    assert dict(xacml(from_mr, names.LEGAL_SUBJECT_ID).attrib) == {
        "AttributeId": names.LEGAL_SUBJECT_ID,
        "DataType": "urn:oasis:names:tc:SAML:2.0:assertion#EncryptedID",
        "Issuer": MR_EEN.entity_id,
    }


@pytest.mark.rule("5.10", "6.4.08")
def test_the_level_that_was_asked_and_the_level_that_was_used_are_two(
    from_mr: etree._Element, received: Received
) -> None:
    (asked,), (used,) = (
        texts(xacml(from_mr, name), "xc:AttributeValue")
        for name in (names.LEVEL_OF_ASSURANCE, names.LEVEL_OF_ASSURANCE_USED)
    )
    assert (asked[-4:], used[-4:]) == ("loa2", "loa4")
    assert received.level == "loa4"


@pytest.mark.rule("6.4.07")
@pytest.mark.parametrize("issuer", [f' Issuer="{AD_SLEUTEL.entity_id}"', ""], ids=["the AD", "nobody"])
def test_a_link_in_the_name_of_another_is_no_reason_to_refuse(
    box: Box, visitor: Visitor, issuer: str
) -> None:
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_ACS_MR)
    visitor.complete("werknemer")
    visitor.browser.stops.pop()
    answer = visitor.passed[-1]
    link = etree.tostring(xacml(etree.fromstring(answer.message), names.LINKED_SIGNATURE_VALUE)).decode()
    head = link[link.index("AttributeId=") : link.index(">")]
    message = Forger(box, MR_EEN).change(
        answer.message, {}, {head: head.replace(f' Issuer="{MR_EEN.entity_id}"', issuer)}
    )
    form = {"SAMLResponse": b64encode(message).decode(), "RelayState": answer.relay_state}
    visitor.post(box.url(MAKELAAR) + paths.HM_ACS_MR, form).relay()
    assert visitor.received().status == SUCCESS


@pytest.mark.rule("3.2.01", "3.2.03", "3.2.04", "3.2.06", "3.2.09", "3.2.10", "3.2.11")
def test_the_response_has_these_parts_and_no_others(received: Received, dv: ForeignDv) -> None:
    attributes = dict(received.response.attrib)
    assert len(attributes.pop("ID")) >= 33
    moment(attributes.pop("IssueInstant"))
    assert attributes.pop("InResponseTo")
    assert attributes == {"Version": "2.0", "Destination": f"{dv.url}/acs"}
    assert [etree.QName(each).localname for each in received.response] == [
        "Issuer",
        "Signature",
        "Status",
        "Assertion",
    ]


@pytest.mark.rule("3.1.01")
def test_the_browser_brings_the_artifact_by_a_redirect(login: Visitor) -> None:
    assert login.answer is not None
    assert login.answer.status_code in {302, 303}
    assert b64decode(login.landing["SAMLart"])[:2] == b"\0\x04"


@pytest.mark.rule("3.2.10", "3.2.12", "8.05")
def test_a_refusal_has_the_same_parts_but_the_assertion(visitor: Visitor) -> None:
    received = visitor.ask().press("cancel").received()
    assert [etree.QName(each).localname for each in received.response] == ["Issuer", "Signature", "Status"]


@pytest.mark.rule("3.1.15", "8.04")
def test_the_envelope_says_success_whatever_the_outcome(visitor: Visitor, received: Received) -> None:
    refused = visitor.ask().press("cancel").received()
    assert refused.status != SUCCESS
    for each in (received, refused):
        code = "/s:Envelope/s:Body/samlp:ArtifactResponse/samlp:Status/samlp:StatusCode"
        assert each.one(code).get("Value") == names.STATUS_SUCCESS
        assert len(each.one(code)) == 0


@pytest.mark.rule("3.4.01", "3.4.03", "3.4.04", "3.4.05", "3.4.08")
def test_the_makelaar_declares_these_attributes_and_no_others(received: Received, dv: ForeignDv) -> None:
    attribute = f"{OURS}/saml:AttributeStatement/saml:Attribute"
    assert {each.get("Name") for each in received.find(attribute)} == {
        names.SERVICE_ID,
        names.SERVICE_UUID,
        names.ACTING_SUBJECT_ID,
        names.LEGAL_SUBJECT_ID,
    }
    assert len(received.find(attribute)) == 4
    for name in (names.SERVICE_ID, names.SERVICE_UUID):
        (value,) = received.attribute(name)
        assert value.get(f"{{{names.XSI}}}type") == "xs:string"
        assert value.nsmap["xs"] == names.XS
    assert received.plain(names.SERVICE_ID) == documents.service_id(dv.oin, documents.PLAIN)
    for name in (names.ACTING_SUBJECT_ID, names.LEGAL_SUBJECT_ID):
        for value in received.attribute(name):
            assert [each.tag for each in value] == [f"{{{names.SAML}}}EncryptedID"]


@pytest.mark.rule("3.5.02", "3.5.04", "3.5.05", "3.5.07", "3.5.08", "3.5.10")
def test_an_identifier_is_one_ciphertext_with_its_key_beside_it(received: Received, dv: ForeignDv) -> None:
    encrypted = received.find(f"{OURS}/saml:AttributeStatement//saml:EncryptedID")
    assert encrypted
    for each in encrypted:
        assert [etree.QName(part).localname for part in each] == ["EncryptedData", "EncryptedKey"]
        data, key = each
        assert data.get("Type") == "http://www.w3.org/2001/04/xmlenc#Element"
        assert texts(data, "ds:KeyInfo/ds:RetrievalMethod/@URI") == [f"#{key.get('Id')}"]
        assert texts(data, "ds:KeyInfo/ds:RetrievalMethod/@Type") == [
            "http://www.w3.org/2001/04/xmlenc#EncryptedKey"
        ]
        assert key.get("Recipient") == dv.entity_id
        assert texts(key, "ds:KeyInfo/ds:KeyName") == [certificate(dv.name).key_name]
        assert texts(key, "xenc:ReferenceList/xenc:DataReference/@URI") == [f"#{data.get('Id')}"]


@pytest.mark.rule("3.5.01", "4.16")
def test_an_identifier_is_a_persistent_name_with_its_type(received: Received, dv: ForeignDv) -> None:
    found = set()
    for value in received.find(f"{OURS}/saml:AttributeStatement//saml:EncryptedID"):
        plain = python_xmlsec_opens(etree.tostring(value, with_tail=False), dv.name)
        assert plain is not None
        (name_id,) = etree.fromstring(plain).findall("saml:NameID", NS)
        assert name_id.get("Format") == names.NAMEID_PERSISTENT
        assert name_id.text
        found.add(name_id.get("NameQualifier"))
    assert found == {
        "urn:etoegang:1.9:EntityConcernedID:KvKnr",
        "urn:etoegang:1.9:EntityConcernedID:RSIN",
        "urn:etoegang:1.13:EntityConcernedID:Pseudo",
    }


@pytest.mark.rule("1.6.01", "3.2.01")
def test_a_second_login_in_one_browser_has_a_declaration_of_its_own(visitor: Visitor) -> None:
    first = visitor.complete("werknemer").received()
    again = visitor.complete("werknemer").received()
    for name in ("response", "assertion", "outer"):
        assert getattr(first, name).get("ID") != getattr(again, name).get("ID")
    assert not {each.get("ID") for each in first.advice} & {each.get("ID") for each in again.advice}


@pytest.mark.rule("2.23")
def test_consent_that_says_nothing_is_accepted(visitor: Visitor) -> None:
    visitor.ask(Consent="urn:oasis:names:tc:SAML:2.0:consent:unspecified")
    assert "ad" in visitor.fields()


@pytest.mark.rule("2.36", "11.05")
def test_the_name_the_dienstverlener_gave_stands_in_brackets(visitor: Visitor) -> None:
    visitor.ask(ProviderName="Balie & co")
    (heading,) = visitor.page.xpath("//h1")
    assert heading.text_content().strip() == "Inloggen bij Waterschap Toets voor Dienst 3 (Balie & co)"
