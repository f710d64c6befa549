"""What a register says in clear, on the wire: asked by name, read leniently, and absent unless asked."""

import pytest
from lxml import etree

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.identifiers import Rsin
from broker.domain.plain_identity import NOTHING_IN_CLEAR
from broker.domain.plain_identity import PlainIdentity
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import read_authorization
from broker.saml.authorization import write_authorization
from broker.saml.decision_query import write_decision_query
from broker.saml.names import PLAIN_IDENTIFIERS
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.schema import is_valid
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import a_query
from tests.saml.builders import an_authorization

SAID = PlainIdentity(
    Pseudonym("ab" * 32 + "@" + "cd" * 16),
    {IdentifierType.KVKNR: KvkNumber("90000001"), IdentifierType.RSIN: Rsin("900000028")},
    KvkNumber("90000003"),
)


def written(plain: PlainIdentity) -> etree._Element:
    return reparse(serialise(write_authorization(an_authorization(plain=plain), HM)))


def attribute(element: etree._Element, ending: str) -> etree._Element:
    every = element.iter(tag(XACML_CONTEXT, "Attribute"))
    (found,) = [each for each in every if each.get("AttributeId", "").endswith(ending)]
    return found


def test_what_is_said_is_read_back_and_valid() -> None:
    element = written(SAID)

    assert is_valid(element)
    assert read_authorization(element).plain == SAID
    for ending in ("ActingEntityID", "ConcernedID:KvKnr", "ConcernedID:RSIN", "IntermediateEntityID:KvKnr"):
        assert attribute(element, ending).get("Issuer") == MR


@pytest.mark.rule("3.6.05")
def test_a_register_that_was_not_asked_says_nothing() -> None:
    element = written(NOTHING_IN_CLEAR)

    assert read_authorization(element).plain == NOTHING_IN_CLEAR
    assert b"EntityConcernedID" not in serialise(element).replace(b"EntityConcernedID:Pseudo", b"")


def spoilt(ending: str, text: str | None) -> AuthorizationAssertion:
    element = written(SAID)
    value = attribute(element, ending)[0]
    if text is None:
        attribute(element, ending).append(etree.fromstring(etree.tostring(value)))
    else:
        value.text = text
    return read_authorization(element)


@pytest.mark.parametrize("text", ["9000001", "9000000A", "", None])
def test_a_number_of_another_form_is_as_good_as_absent_and_spoils_nothing_else(text: str | None) -> None:
    said = spoilt("EntityConcernedID:KvKnr", text).plain

    assert set(said.concerned) == {IdentifierType.RSIN}
    assert (said.pseudonym, said.intermediary) == (SAID.pseudonym, SAID.intermediary)


def test_a_pseudonym_of_another_form_is_as_good_as_absent() -> None:
    assert spoilt("core:ActingEntityID", "anna").plain.pseudonym is None


def test_no_assertion_shows_them_when_it_is_printed() -> None:
    assert "90000001" not in repr(an_authorization(plain=SAID))


@pytest.mark.parametrize("wanted", [True, False])
def test_the_question_asks_only_when_it_means_to(wanted: bool) -> None:
    message = serialise(write_decision_query(a_query(wants_plain=wanted)))

    assert (PLAIN_IDENTIFIERS.encode() in message) is wanted
    assert is_valid(reparse(message))
