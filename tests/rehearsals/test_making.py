"""Each wrong answer is wrong in the one way that it says, judged by our own verifier and by others."""

import base64
import hashlib
import re

import pytest
from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.network.dienstverlener.answers import Expectation
from broker.network.dienstverlener.answers import believe
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.making import ELSEWHERE
from broker.rehearsals.making import MADE_UP_KVK
from broker.rehearsals.making import MADE_UP_VESTIGING
from broker.rehearsals.wrapping import FORGED
from broker.saml import schema
from broker.saml.assertion import SIGNED_PREFIXES
from broker.saml.declaration import Declaration
from broker.saml.encryption import decrypt_identifier
from broker.saml.errors import SamlError
from broker.saml.parsing import parse
from broker.saml.response import open_response
from broker.saml.signature import canonicalise
from tests.judges import JUDGES
from tests.judges import Judge
from tests.judges import python_xmlsec_opens
from tests.judges import signatures_in
from tests.keys import certificate
from tests.keys import signer
from tests.rehearsals.answers import ACS
from tests.rehearsals.answers import ASKED
from tests.rehearsals.answers import KVK
from tests.rehearsals.answers import NOW
from tests.rehearsals.answers import THEM
from tests.rehearsals.answers import US
from tests.rehearsals.answers import spoiled

EXPECTED = Expectation(ASKED, THEM, US, ACS, frozenset({"urn:service"}), LevelOfAssurance.LOA3)
NS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion", "ds": "http://www.w3.org/2000/09/xmldsig#"}
XMLSEC1, PYTHON_XMLSEC, _ = JUDGES

WHY = {
    "expired": "not in force",
    "not-yet-valid": "not in force",
    "wrong-audience": "another audience",
    "wrong-recipient": "answers another request",
    "wrong-destination": "Destination",
    "wrong-issuer": "another Issuer",
    "wrong-in-response-to": "InResponseTo",
    "unsigned": "not signed",
    "wrong-key": "no key of the partner",
    "changed-after-signing": "not signed",
    "wrapped-beside": "not signed",
    "wrapped-inside": "not signed",
    "wrapped-extensions": "not signed",
    "wrapped-object": "not signed",
    "level-lowered": "level is lower",
    "no-assertion": "number of assertions",
}
"""Kinds that a good dienstverlener refuses, and what ours says of each."""
REFUSALS = {name for name, kind in KINDS.items() if kind.refusal}
BELIEVED = set(KINDS) - set(WHY) - REFUSALS
WRAPPED = sorted(name for name in KINDS if name.startswith("wrapped-"))


def believed(message: bytes) -> Declaration | None:
    opened = open_response(parse(message), [certificate("hm"), certificate("next")], THEM)
    return believe(opened, EXPECTED, NOW)


@pytest.mark.parametrize("kind", WHY)
def test_a_wrong_answer_is_refused_for_what_is_wrong_with_it(kind: str) -> None:
    with pytest.raises(SamlError) as refused:
        believed(spoiled(kind).message)
    assert re.search(WHY[kind], str(refused.value))


@pytest.mark.parametrize("kind", sorted(REFUSALS))
def test_a_refusal_declares_nothing_and_is_signed(kind: str) -> None:
    assert believed(spoiled(kind).message) is None


@pytest.mark.parametrize("kind", sorted(BELIEVED))
def test_an_answer_that_may_log_in_is_true_about_who_logs_in(kind: str) -> None:
    said = believed(spoiled(kind).message)
    assert said is not None
    assert decrypt_identifier(said.legal_subject[0], signer("dv"), US).value == KVK


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"unsigned", "no-assertion", *WRAPPED, *REFUSALS}))
def test_others_find_the_signatures_as_they_should_be(kind: str) -> None:
    message = spoiled(kind).message
    ours = [certificate("next" if kind == "next-key" else "hm"), certificate("ad")]
    found = [PYTHON_XMLSEC.accepts(message, at, ours) for at in range(len(signatures_in(message)))]
    # In document order: Response, Assertion, and the one in Advice, which nothing ever touches.
    expected = {"wrong-key": [False, False, True], "changed-after-signing": [False, True]}
    assert found == expected.get(kind, [True, True, True])


@pytest.mark.parametrize("kind", sorted({*WRAPPED} - {"wrapped-object"}))
@pytest.mark.parametrize("judge", [PYTHON_XMLSEC, XMLSEC1], ids=lambda judge: judge.name)
def test_in_a_wrapped_answer_the_signature_of_the_true_assertion_holds(kind: str, judge: Judge) -> None:
    message = spoiled(kind).message
    places = range(len(signatures_in(message)))
    assert any(judge.accepts(message, at, [certificate("hm")]) for at in places)


def test_what_stands_in_the_object_of_a_signature_is_what_was_signed() -> None:
    """Libraries that take the whole Signature away, what it holds included, find nothing left to digest."""
    signature = parse(spoiled("wrapped-object").message).find("saml:Assertion/ds:Signature", NS)
    assert signature is not None
    (signed,) = signature.findall("ds:Object/saml:Assertion", NS)
    digest = base64.b64encode(hashlib.sha256(canonicalise(signed, SIGNED_PREFIXES)).digest()).decode()
    assert signature.findtext("ds:SignedInfo/ds:Reference/ds:DigestValue", "", NS) == digest


@pytest.mark.parametrize("kind", WRAPPED)
def test_a_wrapped_answer_is_of_the_schema_and_declares_nobody_where_software_looks(kind: str) -> None:
    message = spoiled(kind).message
    schema.validate(parse(message))
    first = parse(message).xpath("saml:Assertion/saml:Subject/saml:NameID", namespaces=NS)
    assert first[0].text == FORGED


def test_unsigned_means_no_signature_of_ours() -> None:
    message = spoiled("unsigned").message
    assert [PYTHON_XMLSEC.accepts(message, at, [certificate("hm")]) for at in range(1)] == [False]
    assert len(signatures_in(message)) == 1


def test_a_chain_names_an_intermediary_that_only_the_dienstverlener_can_read() -> None:
    said = believed(spoiled("chain").message)
    assert said is not None
    (intermediary,) = said.intermediate_subject
    assert decrypt_identifier(intermediary, signer("dv"), US).value == MADE_UP_KVK
    assert MADE_UP_KVK.encode() not in spoiled("chain").message


def test_a_vestiging_stands_beside_the_company() -> None:
    said = believed(spoiled("vestiging").message)
    assert said is not None
    assert said.vestiging == MADE_UP_VESTIGING


def test_a_comment_cuts_every_plain_value_and_no_signature() -> None:
    message = spoiled("comment-inside", in_clear=True).message
    values = etree.fromstring(message).xpath("//saml:NameID | //saml:AttributeValue[not(*)]", namespaces=NS)
    assert values
    for value in values:
        assert any(isinstance(each, etree._Comment) for each in value)
        assert (value.text or "") + "".join(each.tail or "" for each in value) != value.text
    assert PYTHON_XMLSEC.accepts(message, 0, [certificate("hm")])
    assert PYTHON_XMLSEC.accepts(message, 1, [certificate("hm")])


def test_relay_state_is_changed_or_left_out_and_else_comes_back() -> None:
    assert spoiled("relay-state-elsewhere").relay_state == ELSEWHERE
    assert spoiled("relay-state-absent").relay_state is None
    assert spoiled("expired").relay_state == "state"


def test_in_clear_the_level_is_lowered_in_the_attribute_too() -> None:
    message = spoiled("level-lowered", in_clear=True).message
    assert LevelOfAssurance.LOA3.urn.encode() + b"<" not in message
    assert message.count(LevelOfAssurance.LOA2PLUS.urn.encode()) == 2


@pytest.mark.parametrize("kind", ["right", "wrong-audience", "wrapped-beside"])
def test_whoever_wants_assertions_encrypted_gets_wrong_ones_so(kind: str) -> None:
    message = spoiled(kind, in_clear=True, sealed=True).message
    response = parse(message)
    assert response.find("saml:Assertion", NS) is None
    sealed = response.find("saml:EncryptedAssertion", NS)
    assert sealed is not None
    opened = python_xmlsec_opens(etree.tostring(sealed), "dv")
    assert opened is not None
    assert (FORGED.encode() in opened) == (kind == "wrapped-beside")
