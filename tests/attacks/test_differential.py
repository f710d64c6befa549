"""The runner itself: it must notice when one of us is wrong."""

import pytest

from broker.saml.authn_request import write_authn_request
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.parsing import serialise
from tests.attacks.differential import assert_all_judges_agree
from tests.attacks.differential import our_refusal
from tests.attacks.differential import verdicts
from tests.keys import certificate
from tests.saml.builders import ad_assertion
from tests.saml.builders import an_authn_request
from tests.saml.builders import artifact_response
from tests.saml.builders import envelope
from tests.saml.builders import hm_assertion
from tests.saml.builders import hm_response
from tests.saml.builders import mr_assertion
from tests.saml.builders import signed_query
from tests.saml.builders import signed_request

_EVERYBODY = [certificate(name) for name in ("dv", "hm", "ad", "mr")]


@pytest.mark.parametrize(
    "make", [signed_request, signed_query, ad_assertion, mr_assertion, hm_assertion, hm_response, envelope]
)
def test_all_judges_and_the_schemas_accept_every_kind_of_message_we_make(make: object) -> None:
    assert callable(make)
    assert_all_judges_agree(make(), _EVERYBODY)


def test_all_judges_accept_an_answer_without_a_message() -> None:
    assert_all_judges_agree(artifact_response(None), _EVERYBODY)


def test_a_changed_message_is_noticed() -> None:
    with pytest.raises(InvalidSignature):
        assert_all_judges_agree(signed_request().replace(b"/1.13", b"/1.14"), _EVERYBODY)


def test_a_message_by_a_stranger_is_noticed() -> None:
    with pytest.raises(InvalidSignature):
        assert_all_judges_agree(signed_request(), [certificate("mallory")])


def test_a_message_without_signature_is_noticed() -> None:
    with pytest.raises(AssertionError, match="no signature"):
        assert_all_judges_agree(serialise(write_authn_request(an_authn_request())), _EVERYBODY)


def test_a_document_outside_the_schemas_is_noticed() -> None:
    message = signed_request().replace(b'Version="2.0"', b'Version="2.0" Extra="1"')
    with pytest.raises(AssertionError, match="not valid"):
        assert_all_judges_agree(message, _EVERYBODY)


def test_what_is_no_xml_is_refused_by_everybody() -> None:
    assert isinstance(our_refusal(b"<a", _EVERYBODY), MalformedMessage)
    assert not any(verdicts(b"<a", _EVERYBODY).values())
