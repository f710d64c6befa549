"""Software that knows SAML but not eHerkenning logs people in (profile ``saml``)."""

import base64
import zlib
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lxml import etree

from broker.network import cast
from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from tests.attacks.differential import assert_all_judges_agree
from tests.box import Box
from tests.journeys import documents
from tests.journeys.network import all_certificates
from tests.journeys.plain_dv import PlainDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import NS
from tests.journeys.received import SUCCESS
from tests.journeys.received import UNDELIVERABLE
from tests.journeys.received import UNSUPPORTED
from tests.journeys.received import Posted
from tests.journeys.received import Received
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.judges import python_xmlsec_opens
from tests.judges import xmlsec1_opens

CORE = "urn:etoegang:core:assurance-class:"
EIDAS = "http://eidas.europa.eu/LoA/"
THEIRS = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
OPTIONS = ("--profile", "saml", "--context", f"{THEIRS}=loa4", "--attribute", "KvKnr=urn:x-municipality:kvk")


@contextmanager
def connected(box: Box, name: str, oin: str, **changes: Any) -> Iterator[PlainDv]:
    """A dienstverlener that is connected for a while."""
    values: dict[str, Any] = {"options": ("--profile", "saml"), **changes}
    values["options"] += ("--default-service", documents.service_id(oin, documents.DEFAULT))
    dv = PlainDv(box, name, oin, f"http://localhost:9/{name}", **values)
    dv.connect()
    yield dv
    dv.disconnect()


@pytest.fixture(scope="module")
def plain_dv(box: Box) -> Iterator[PlainDv]:
    """It takes its answers unencrypted, calls one attribute otherwise, and lists a class of its own."""
    with connected(box, "plain-dv", "00000099000000006300", options=OPTIONS) as dv:
        yield dv


@pytest.fixture
def visitor(box: Box, plain_dv: PlainDv, ledger: Ledger) -> Visitor:
    """A person with a fresh browser."""
    return Visitor(box, plain_dv, ledger)


def posted(visitor: Visitor) -> Posted:
    """The answer in the form that the makelaar shows."""
    assert visitor.answer is not None
    return Posted(visitor.answer, visitor.dv.name, base64.b64decode(visitor.posting["SAMLResponse"]))


def values(received: Received) -> dict[str, list[str | None]]:
    """The attributes by name; none stands there twice."""
    attributes = received.assertion.findall("saml:AttributeStatement/saml:Attribute", NS)
    found = {
        attribute.get("Name", ""): [each.text for each in attribute.findall("saml:AttributeValue", NS)]
        for attribute in attributes
    }
    assert len(found) == len(attributes)
    return found


def context(comparison: str, *classes: str) -> str:
    inside = "".join(f"<saml:AuthnContextClassRef>{each}</saml:AuthnContextClassRef>" for each in classes)
    return f'<samlp:RequestedAuthnContext Comparison="{comparison}">{inside}</samlp:RequestedAuthnContext>'


def class_ref(received: Received) -> str:
    return received.text("//saml:AuthnContextClassRef")


def test_the_answer_comes_by_post_and_says_everything_in_plain_strings(visitor: Visitor) -> None:
    received = posted(visitor.complete("werknemer", None))
    assert received.status == SUCCESS
    assert (visitor.posting["action"], visitor.posting["RelayState"]) == (f"{visitor.dv.url}/post", "state-1")
    found = values(received)
    assert found["urn:x-municipality:kvk"] == [cast.BAKKERIJ.kvk]
    assert found["RSIN"] == [cast.BAKKERIJ.rsin]
    assert found["LoA"] == [CORE + "loa3"]
    assert found["ServiceID"] == [documents.service_id(visitor.dv.oin, documents.DEFAULT)]
    assert not {"KvKnr", "Vestigingsnr", "IntermediateKvKnr"} & found.keys()
    for attribute in received.find("//saml:Attribute"):
        uri = ":" in attribute.get("Name", "")
        assert attribute.get("NameFormat", "").endswith("uri" if uri else "basic")
        assert [value.get("{http://www.w3.org/2001/XMLSchema-instance}type") for value in attribute] == [
            "xs:string"
        ] * len(attribute)


def test_the_assertion_is_what_saml_software_expects(visitor: Visitor) -> None:
    received = posted(visitor.complete("werknemer"))
    name_id = received.one("//saml:Subject/saml:NameID")
    assert name_id.get("Format") == PERSISTENT
    assert (name_id.get("NameQualifier"), name_id.get("SPNameQualifier")) == (
        MAKELAAR.entity_id,
        visitor.dv.entity_id,
    )
    assert values(received)["Pseudonym"] == [name_id.text]
    assert received.text("//saml:Conditions/saml:AudienceRestriction/saml:Audience") == visitor.dv.entity_id
    assert received.one("//saml:AuthnStatement").get("SessionIndex")
    assert not received.find("//saml:Advice")
    assert not received.find("//*[local-name()='EncryptedID']")
    for holder in (received.response, received.assertion):
        assert etree.QName(holder[1]).localname == "Signature"
        assert holder[0].text == MAKELAAR.entity_id
    data = received.one("//saml:SubjectConfirmationData")
    assert data.get("Recipient") == received.response.get("Destination") == f"{visitor.dv.url}/post"
    assert visitor.request is not None
    assert {data.get("InResponseTo"), received.response.get("InResponseTo")} == {visitor.request.id}


def test_every_judge_is_convinced(box: Box, visitor: Visitor) -> None:
    received = posted(visitor.complete("werknemer"))
    assert len(received.find("//ds:Signature")) == 2
    assert_all_judges_agree(received.raw, all_certificates(box))


def test_a_person_has_one_name_at_this_dienstverlener_and_another_elsewhere(
    box: Box, plain_dv: PlainDv, ledger: Ledger
) -> None:
    def name_at(dv: PlainDv) -> str:
        return posted(Visitor(box, dv, ledger).complete("werknemer", None)).text("//saml:NameID")

    with connected(box, "plain-other", "00000099000000006310") as other:
        assert name_at(plain_dv) == name_at(plain_dv)
        assert name_at(plain_dv) != name_at(other)


def test_in_a_chain_the_client_is_the_company_and_the_intermediary_stands_beside_it(visitor: Visitor) -> None:
    visitor.complete("accountant").choose_company(cast.BLOEMIST.name)
    found = values(posted(visitor))
    assert found["urn:x-municipality:kvk"] == [cast.BLOEMIST.kvk]
    assert found["RSIN"] == [cast.BLOEMIST.rsin]
    assert found["IntermediateKvKnr"] == [cast.KANTOOR.kvk]


def test_a_vestiging_is_passed_on(visitor: Visitor) -> None:
    visitor.complete("vestiging", documents.VESTIGING)
    assert values(posted(visitor))["Vestigingsnr"] == [cast.MARKTKRAAM.vestiging]


def test_cancelling_comes_back_by_the_same_way(visitor: Visitor) -> None:
    visitor.ask().press("cancel")
    received = posted(visitor)
    assert received.status == AUTHN_FAILED
    assert visitor.posting["RelayState"] == "state-1"
    assert not received.find("//saml:Assertion")


def test_a_refusal_comes_back_by_the_same_way(box: Box, visitor: Visitor) -> None:
    visitor.complete("verlopen").press("back").relay()
    visitor.press("back")
    received = posted(visitor)
    assert received.status == AUTHN_FAILED
    assert_all_judges_agree(received.raw, all_certificates(box))


@pytest.mark.parametrize(
    ("wanted", "answered"),
    [
        (context("minimum", EIDAS + "low", EIDAS + "substantial"), EIDAS + "substantial"),
        (context("minimum", EIDAS + "low"), EIDAS + "low"),
        (context("exact", CORE + "loa2", CORE + "loa3"), CORE + "loa3"),
        (context("exact", THEIRS, EIDAS + "low"), EIDAS + "low"),
        (context("better", EIDAS + "low"), CORE + "loa3"),
        (context("maximum", EIDAS + "substantial"), EIDAS + "substantial"),
        (context("minimum", "urn:unheard-of", CORE + "loa2plus"), CORE + "loa2plus"),
        ("", CORE + "loa3"),
    ],
)
def test_the_answer_names_a_class_that_was_listed(visitor: Visitor, wanted: str, answered: str) -> None:
    received = posted(visitor.complete("werknemer", inside=wanted))
    assert class_ref(received) == answered
    assert values(received)["LoA"] == [CORE + "loa3"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (context("minimum", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"), "passief-niet-mogelijk"),
        (context("minimum", THEIRS), "niveau-boven-catalogus"),
        (context("better", CORE + "loa4"), "passief-niet-mogelijk"),
        (context("better", EIDAS + "substantial"), "niveau-boven-catalogus"),
    ],
)
def test_what_cannot_be_reached_is_refused_by_name(visitor: Visitor, wanted: str, code: str) -> None:
    visitor.ask(inside=wanted).press("back")
    received = posted(visitor)
    assert received.status == UNSUPPORTED
    assert code in received.message


def test_a_class_of_their_own_is_worth_what_the_operator_said(visitor: Visitor) -> None:
    received = posted(visitor.complete("directeur", documents.HIGH, inside=context("minimum", THEIRS)))
    assert class_ref(received) == THEIRS
    assert values(received)["LoA"] == [CORE + "loa4"]


@pytest.mark.parametrize(
    "policy",
    [
        '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient" AllowCreate="0"/>',
        '<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"/>',
        '<samlp:NameIDPolicy AllowCreate="1"/>',
        f'<samlp:NameIDPolicy Format="{PERSISTENT}" AllowCreate="true"/>',
    ],
    ids=["transient", "unspecified", "none", "persistent"],
)
def test_whatever_name_is_asked_it_is_the_lasting_one(visitor: Visitor, policy: str) -> None:
    received = posted(visitor.complete("werknemer", inside=policy))
    assert received.one("//saml:NameID").get("Format") == PERSISTENT


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"AssertionConsumerServiceIndex": "0"},
        {"AssertionConsumerServiceURL": "{url}/post"},
        {"AssertionConsumerServiceURL": "{url}/post", "ProtocolBinding": f"{BINDING}HTTP-POST"},
        {"ProtocolBinding": f"{BINDING}HTTP-POST"},
        {"ForceAuthn": None},
        {"ForceAuthn": "0", "IsPassive": "0"},
    ],
    ids=["nothing", "index", "URL", "URL and binding", "binding", "no ForceAuthn", "0 for false"],
)
def test_the_consumer_may_be_asked_in_every_way_of_saml(
    visitor: Visitor, attributes: dict[str, str | None]
) -> None:
    written: dict[str, Any] = {
        name: value and value.format(url=visitor.dv.url) for name, value in attributes.items()
    }
    received = posted(visitor.ask(**written).press("cancel"))
    assert received.response.get("Destination") == f"{visitor.dv.url}/post"


@pytest.mark.parametrize(
    "attributes",
    [
        {"AssertionConsumerServiceIndex": "1"},
        {"AssertionConsumerServiceURL": "{url}/art"},
        {"AssertionConsumerServiceURL": "{url}/art", "ProtocolBinding": f"{BINDING}HTTP-Artifact"},
        {"ProtocolBinding": f"{BINDING}HTTP-Artifact"},
    ],
    ids=["index", "URL", "URL and binding", "binding"],
)
def test_or_by_artifact(visitor: Visitor, attributes: dict[str, str]) -> None:
    written: dict[str, Any] = {name: value.format(url=visitor.dv.url) for name, value in attributes.items()}
    visitor.complete("werknemer", **written)
    assert visitor.location.startswith(f"{visitor.dv.url}/art?SAMLart=")
    received = visitor.received()
    assert received.status == SUCCESS
    assert values(received)["urn:x-municipality:kvk"] == [cast.BAKKERIJ.kvk]
    assert [etree.QName(each).localname for each in received.outer][:2] == ["Issuer", "Signature"]


@pytest.mark.parametrize(
    "attributes",
    [
        {"AssertionConsumerServiceURL": "http://localhost:9/elsewhere"},
        {"AssertionConsumerServiceURL": "{url}/post", "ProtocolBinding": f"{BINDING}HTTP-Artifact"},
        {"ProtocolBinding": f"{BINDING}PAOS"},
        {"AssertionConsumerServiceIndex": "7"},
    ],
    ids=["another place", "the other binding", "no binding of ours", "another index"],
)
def test_what_the_metadata_does_not_have_is_a_dead_end(visitor: Visitor, attributes: dict[str, str]) -> None:
    written: dict[str, Any] = {name: value.format(url=visitor.dv.url) for name, value in attributes.items()}
    visitor.ask(**written)
    assert visitor.status == 400
    assert "acs-onbekend" in visitor.text


def test_by_redirect_the_query_is_signed(visitor: Visitor) -> None:
    visitor.send(visitor.dv.ask(None), "state-1", binding="redirect").choose_ad("werknemer")
    visitor.authenticate("werknemer")
    assert posted(visitor).status == SUCCESS


def deflated(visitor: Visitor, squeeze: Callable[[bytes], bytes]) -> Visitor:
    request = visitor.dv.ask()
    visitor.request = request
    field = base64.b64encode(squeeze(visitor.dv.sign(request.text, request.id))).decode()
    return visitor.post(visitor.dv.sso, {"SAMLRequest": field, "RelayState": "state-1"})


def raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


def test_a_request_that_was_deflated_before_it_was_posted_is_read(box: Box, visitor: Visitor) -> None:
    deflated(visitor, raw_deflate).choose_ad("werknemer").authenticate("werknemer")
    assert posted(visitor).status == SUCCESS
    listed = box.command("dv", "tolerances", visitor.dv.entity_id).stdout
    assert "EH-" in next(line for line in listed.splitlines() if "deflated-post" in line)


def test_but_not_one_that_bursts(visitor: Visitor) -> None:
    deflated(visitor, lambda _: raw_deflate(b"<x>" + b" " * 5_000_000))
    assert "bericht-te-groot" in visitor.text


@pytest.mark.parametrize("algorithm", [CBC, GCM], ids=["CBC", "GCM"])
def test_an_assertion_is_encrypted_as_the_metadata_asks(box: Box, ledger: Ledger, algorithm: str) -> None:
    with connected(box, "sealed-dv", "00000099000000006320", content_encryption=algorithm) as dv:
        received = posted(Visitor(box, dv, ledger).complete("werknemer", None))
    assert not received.find("//saml:Assertion")
    sealed = received.one("/samlp:Response/saml:EncryptedAssertion")
    method = received.one("//xenc:EncryptedData/xenc:EncryptionMethod")
    assert method.get("Algorithm") == algorithm
    assert received.find("//xenc:EncryptedData/ds:KeyInfo/xenc:EncryptedKey")
    assert cast.BAKKERIJ.kvk.encode() not in received.raw
    assert_all_judges_agree(received.raw, all_certificates(box))
    for opens in (xmlsec1_opens, python_xmlsec_opens):
        plain = opens(etree.tostring(sealed, with_tail=False), dv.name)
        assert plain is not None, opens.__name__
        (assertion,) = etree.fromstring(plain)
        assert assertion.findtext("saml:Issuer", "", NS) == MAKELAAR.entity_id
        assert cast.BAKKERIJ.kvk in [each.text for each in assertion.iter(f"{{{NS['saml']}}}AttributeValue")]
        assert_all_judges_agree(etree.tostring(assertion), all_certificates(box))


def test_nothing_is_sent_in_clear_instead_when_the_certificate_to_encrypt_for_has_expired(
    box: Box, ledger: Ledger
) -> None:
    with connected(box, "lapsed-dv", "00000099000000006330", content_encryption=CBC, lapsed=True) as dv:
        assert "no logins" in box.command("dv", "show", dv.entity_id).stdout
        visitor = Visitor(box, dv, ledger).complete("werknemer", None)
        assert "identificatie-niet-leverbaar" in visitor.text
        received = posted(visitor.press("back"))
    assert received.status == UNDELIVERABLE
    assert not received.find("//saml:Assertion")
    assert not received.find("//saml:EncryptedAssertion")


def test_an_operator_may_leave_it_unencrypted(box: Box, ledger: Ledger) -> None:
    options = ("--profile", "saml", "--no-encrypt-assertion")
    with connected(box, "sealed-dv", "00000099000000006320", content_encryption=CBC, options=options) as dv:
        assert values(posted(Visitor(box, dv, ledger).complete("werknemer", None)))["RSIN"]


def test_the_authenticatiedienst_is_named_as_authority(visitor: Visitor) -> None:
    received = posted(visitor.complete("werknemer"))
    assert received.text("//saml:AuthenticatingAuthority") == AD_SLEUTEL.entity_id
