"""The attributes that a message asks for: written and read as the schema has them."""

import pytest

from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import AskedAttribute
from broker.saml.authn_request import read_authn_request
from broker.saml.parsing import parse
from broker.saml.schema import is_valid
from tests.attacks.differential import assert_all_judges_agree
from tests.keys import certificate
from tests.saml.builders import signed_query
from tests.saml.builders import signed_request
from tests.saml.builders import verified

ASKED = (AskedAttribute(FIRST_NAME, False), AskedAttribute(FAMILY_NAME, True), AskedAttribute("urn:x", None))


@pytest.mark.rule("2.44", "6.1.11")
def test_a_request_asks_for_attributes_in_its_extensions() -> None:
    message = signed_request(requested_attributes=ASKED)
    assert is_valid(parse(message))
    assert read_authn_request(verified(message, "dv")).requested_attributes == ASKED
    assert_all_judges_agree(message, [certificate("dv")])


@pytest.mark.rule("6.3.06")
def test_so_does_a_question_to_a_register() -> None:
    message = signed_query(requested_attributes=ASKED)
    assert is_valid(parse(message))
    assert_all_judges_agree(message, [certificate("hm"), certificate("ad")])


def test_who_asks_nothing_says_nothing() -> None:
    assert b"RequestedAttributes" not in signed_request() + signed_query()
    assert read_authn_request(verified(signed_request(), "dv")).requested_attributes == ()


def test_an_extension_without_attributes_is_not_valid() -> None:
    message = signed_request(requested_attributes=ASKED[:1])
    start, end = message.index(b"<md:RequestedAttribute"), message.index(b"</esp:RequestedAttributes>")
    assert not is_valid(parse(message[:start] + message[end:]))
