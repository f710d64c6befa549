"""The Response and Assertion a dienstverlener gets (Interface specifications DV-HM response)."""

import hashlib
from base64 import b64decode
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from lxml import etree

from broker.saml.keys import Certificate
from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.settings import Party
from broker.signers.files import FileSigner
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import NS
from tests.journeys.received import Received
from tests.journeys.received import moment
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.judges import JUDGES
from tests.judges import Judge
from tests.judges import signatures_in

CONFIRMATION = "//samlp:Response/saml:Assertion/saml:Subject/saml:SubjectConfirmation"
CONDITIONS = "//samlp:Response/saml:Assertion/saml:Conditions"


@pytest.fixture(scope="module")
def login(box: Box, dv: ForeignDv, ledger: Ledger) -> Visitor:
    """One login, of which each test looks at something else."""
    return Visitor(box, dv, ledger).complete("werknemer")


@pytest.fixture(scope="module")
def received(login: Visitor) -> Received:
    """What it gave the dienstverlener."""
    return login.received()


@pytest.mark.rule("3.1.03", "3.1.04", "3.1.05", "3.1.06", "3.8.01")
def test_the_artifact_has_the_form_of_type_four(login: Visitor) -> None:
    artifact = b64decode(login.landing["SAMLart"], validate=True)
    assert artifact[:4] == b"\x00\x04\x00\x01", "the front listener, since it was added without --mutual-tls"
    assert artifact[4:24] == hashlib.sha1(MAKELAAR.entity_id.encode()).digest()  # noqa: S324  # SAML bindings 3.6.4
    assert len(artifact) == 44


@pytest.mark.rule("3.1.17")
def test_the_answer_is_soap_in_text_xml(received: Received) -> None:
    assert received.http.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert "no-store" in received.http.headers["Cache-Control"]


@pytest.mark.rule("3.2.02", "3.3.08", "3.8.02")
def test_every_layer_answers_the_layer_that_asked(login: Visitor, received: Received) -> None:
    assert login.request is not None
    sent = etree.fromstring(received.sent)
    assert received.outer.get("InResponseTo") == sent[0][0].get("ID")
    assert received.response.get("InResponseTo") == login.request.id
    assert (
        received.one(f"{CONFIRMATION}/saml:SubjectConfirmationData").get("InResponseTo") == login.request.id
    )


@pytest.mark.rule("3.2.07", "3.3.01", "3.8.05")
def test_every_layer_names_the_makelaar_and_nothing_more(received: Received) -> None:
    for layer in (received.outer, received.response, received.assertion):
        (issuer,) = layer.findall("saml:Issuer", NS)
        assert (issuer.text, dict(issuer.attrib)) == (MAKELAAR.entity_id, {})


@pytest.mark.rule("3.2.05", "3.3.07", "3.3.09", "3.3.13", "3.8.03", "3.8.04")
def test_it_is_meant_for_one_dienstverlener_at_one_place(received: Received, dv: ForeignDv) -> None:
    assert received.text(f"{CONDITIONS}/saml:AudienceRestriction/saml:Audience") == dv.entity_id
    assert received.response.get("Destination") == f"{dv.url}/acs"
    assert received.one(f"{CONFIRMATION}/saml:SubjectConfirmationData").get("Recipient") == f"{dv.url}/acs"
    assert received.one(CONFIRMATION).get("Method") == "urn:oasis:names:tc:SAML:2.0:cm:bearer"


@pytest.mark.rule("3.3.10", "3.3.11", "3.3.12")
def test_it_holds_for_two_minutes(received: Received) -> None:
    issued = moment(received.assertion.get("IssueInstant", ""))
    conditions = received.one(CONDITIONS)
    assert moment(conditions.get("NotBefore", "")) == issued - timedelta(seconds=5)
    assert moment(conditions.get("NotOnOrAfter", "")) == issued + timedelta(minutes=2)
    data = received.one(f"{CONFIRMATION}/saml:SubjectConfirmationData")
    assert data.get("NotOnOrAfter") == conditions.get("NotOnOrAfter")
    assert data.get("NotBefore") is None
    assert abs(datetime.now(UTC) - issued) < timedelta(minutes=1)


@pytest.mark.rule("3.3.16", "3.3.18", "3.7.04")
def test_it_names_who_authenticated_and_when(received: Received) -> None:
    statement = received.one("//samlp:Response/saml:Assertion/saml:AuthnStatement")
    assert (
        statement.findtext("saml:AuthnContext/saml:AuthenticatingAuthority", "", NS) == AD_SLEUTEL.entity_id
    )
    assert statement.get("SessionIndex")
    declared = received.advice[0].find("saml:AuthnStatement", NS)
    assert declared is not None
    assert statement.get("AuthnInstant") == declared.get("AuthnInstant")


@pytest.mark.rule("3.6.01", "3.6.02", "3.6.03")
def test_identifiers_are_copied_as_ciphertext_under_ids_of_their_own(received: Received) -> None:
    def ciphers(element: etree._Element) -> set[str]:
        return {each.text or "" for each in element.iterfind(".//xenc:CipherValue", NS)}

    ours = received.one("//samlp:Response/saml:Assertion/saml:AttributeStatement")
    assert len(ciphers(ours)) == 6  # KvK-nummer, RSIN and pseudonym, each with its key
    assert ciphers(ours) <= ciphers(received.advice[1])
    marks = [value for name in ("ID", "Id") for value in received.envelope.xpath(f"//@{name}")]
    assert len(marks) == len(set(marks))


@pytest.mark.rule("3.4.04", "3.4.05", "3.6.04")
def test_nothing_in_the_answer_names_the_company_or_the_person_in_the_clear(received: Received) -> None:
    secrets = {*received.opened("LegalSubjectID").values(), *received.opened("ActingSubjectID").values()}
    assert not [secret for secret in secrets if secret.encode() in received.http.content]


@pytest.mark.rule("3.3.14", "3.3.15")
def test_the_assertions_of_others_stand_in_advice_byte_for_byte(login: Visitor, received: Received) -> None:
    from_ad, from_mr, _ = (passing.message for passing in login.passed if passing.kind == "Response")
    # The envelope in which each came to the makelaar has left its namespace in scope; nothing else may differ.
    given = received.http.content.replace(f' xmlns:soap="{NS["s"]}"'.encode(), b"")
    for message in (from_ad, from_mr):
        start, end = (
            message.index(b"<saml:Assertion"),
            message.rindex(b"</saml:Assertion>") + len(b"</saml:Assertion>"),
        )
        assert message[start:end] in given
    assert [each.findtext("saml:Issuer", "", NS) for each in received.advice] == [
        AD_SLEUTEL.entity_id,
        MR_EEN.entity_id,
    ]


@pytest.mark.rule("3.3.14", "3.3.15")
@pytest.mark.parametrize(("position", "party"), [(0, AD_SLEUTEL), (1, MR_EEN)], ids=["AD", "MR"])
@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.name)
def test_the_assertions_of_others_verify_where_they_stand(
    box: Box, received: Received, position: int, party: Party, judge: Judge
) -> None:
    signatures = [each.getparent() for each in signatures_in(received.http.content)]
    paths = [each.getroottree().getpath(each) for each in signatures if each is not None]
    place = paths.index(received.envelope.getroottree().getpath(received.advice[position]))
    signer = FileSigner.load(box.settings.key_stem(party))
    other = FileSigner.load(box.settings.key_stem(MAKELAAR))
    right, wrong = (Certificate.from_der(each.certificate_der, each.key_name) for each in (signer, other))
    assert judge.accepts(received.http.content, place, [right])
    assert not judge.accepts(received.http.content, place, [wrong])


@pytest.mark.rule("6.4.04", "6.4.05")
def test_the_register_rests_on_the_assertion_of_the_authenticatiedienst(received: Received) -> None:
    from_ad, from_mr = received.advice
    assert from_mr.findtext("saml:Advice/saml:AssertionIDRef", "", NS) == from_ad.get("ID")
    value = from_ad.findtext("ds:Signature/ds:SignatureValue", "", NS)
    assert "".join(value.split()) in etree.tostring(from_mr).decode()
