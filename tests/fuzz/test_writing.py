"""What we write reads back the same, whatever people, partners and messages are called; expat and a browser's parser
read it, not ours. A value that could add an element, an attribute or a field could say anything in our name.
"""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask import render_template
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree
from lxml import html

from broker.exchange.sending import Redirect
from broker.saml.ad_list import ListFrame
from broker.saml.ad_list import make_ad_list
from broker.saml.authentication import write_authentication
from broker.saml.authn_request import write_authn_request
from broker.saml.authorization import write_authorization
from broker.saml.decision_query import write_decision_query
from broker.saml.declaration import write_declaration
from broker.saml.encryption import Recipient
from broker.saml.encryption import decrypt_identifier
from broker.saml.encryption import encrypt_identifier
from broker.saml.logout import write_logout_request
from broker.saml.metadata import read_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.parsing import serialise
from broker.saml.partner import Endpoint
from broker.saml.policy import LIFETIMES
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import encode_redirect
from broker.saml.response import make_response
from broker.saml.status import authn_failed
from tests.exchange.builders import metadata_of
from tests.fuzz.doors import network
from tests.fuzz.vocabulary import WORDS
from tests.keys import certificate
from tests.keys import signer
from tests.saml import builders
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import NOW
from tests.saml.builders import new_id
from tests.saml.test_logout import a_request as a_logout_request
from tests.screens.pages import make_app

_XML = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
_HOSTILE = st.sampled_from([word for word in WORDS if word.strip()])
VALUE = st.text(st.sampled_from("<>&\"'=/!-[]{}%;\t\n\r ") | _XML, min_size=1, max_size=40) | _HOSTILE
"""Any text that XML can hold: what came in by XML, and leaves again."""
RELAY_STATE = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(WORDS)
"""Any text at all: a form can hold it."""

WRITERS: dict[str, Callable[[str], etree._Element]] = {
    "AuthnRequest": lambda value: write_authn_request(
        builders.an_authn_request(
            provider_name=value, service_uuid=value, intended_audience=value, idp_list=(value,), acs_url=value
        )
    ),
    "assertion of an AD": lambda value: write_authentication(
        builders.an_authentication(
            frame=builders.a_frame(value, name_id=value, name_qualifier=value, audiences=(value,)),
            authority=value,
            registry=value,
            session_index=value,
        )
    ),
    "assertion of an MR": lambda value: write_authorization(
        builders.an_authorization(
            assertion_id_ref=value, service_id=value, vestiging=value, subdossier=value, confirm_at=value
        ),
        value,
    ),
    "declaration": lambda value: write_declaration(
        builders.a_declaration(
            frame=builders.a_frame(HM, name_id=value, audiences=(DV,), recipient=value, in_response_to=value),
            session_index=value,
            service_id=value,
            vestiging=value,
        ),
        DV,
        new_id,
    ),
    "question to an MR": lambda value: write_decision_query(
        builders.a_query(subject_id=value, destination=value, assertions=(b"<a/>",), intended_audience=value)
    ),
    "LogoutRequest": lambda value: write_logout_request(
        a_logout_request(name_id=value, session_indexes=(value, value), name_qualifier=value)
    ),
}


def shape(element: ElementTree.Element) -> object:
    """The names of elements and attributes, nothing of what is in them."""
    return element.tag, sorted(element.attrib), [shape(each) for each in element]


def values(element: ElementTree.Element) -> set[str]:
    """All text and all attribute values."""
    return {each for node in element.iter() for each in (node.text or "", *node.attrib.values())}


@settings(max_examples=60)
@given(st.sampled_from(sorted(WRITERS)), VALUE)
def test_no_value_adds_anything_to_a_message(name: str, value: str) -> None:
    plain = ElementTree.fromstring(serialise(WRITERS[name]("word")))
    written = ElementTree.fromstring(serialise(WRITERS[name](value)))

    assert shape(written) == shape(plain)
    assert value in values(written)
    assert len(values(written)) <= len(values(plain)) + 3  # IDs and ciphertexts are new each time


@settings(max_examples=40)
@given(VALUE, VALUE)
def test_a_refusal_says_in_its_answer_what_it_means(message: str, reason: str) -> None:
    def refusal(text: str, code: str) -> ElementTree.Element:
        response = builders.a_response(status=authn_failed(text, code))
        return ElementTree.fromstring(make_response(response, None, signer("hm")))

    written = refusal(message, reason)
    assert shape(written) == shape(refusal("word", "word"))
    assert {message, reason} <= values(written)


@settings(max_examples=60)
@given(VALUE)
def test_the_names_of_a_partner_add_nothing_to_the_list_of_ads(name: str) -> None:
    dienst, _ = read_metadata(metadata_of("ad"), "AD", NOW)
    frame = ListFrame("_list", NOW + LIFETIMES.ad_list, LIFETIMES.ad_list_kept)

    def listed(text: str) -> ElementTree.Element:
        known = replace(dienst, display_names={"nl": text}, entity_id=text)
        return ElementTree.fromstring(make_ad_list([known], frame, signer("hm")))

    assert shape(listed(name)) == shape(listed("word"))
    assert name in values(listed(name))


@settings(max_examples=40)
@given(VALUE, VALUE)
def test_an_identifier_is_opened_as_it_was_encrypted(qualifier: str, value: str) -> None:
    encrypted = encrypt_identifier(qualifier, value, [Recipient(DV, certificate("dv"))], new_id)
    opened = decrypt_identifier(encrypted, signer("dv"), DV)

    assert (opened.qualifier, opened.value) == (qualifier, value)


@settings(max_examples=60)
@given(RELAY_STATE)
def test_a_relay_state_adds_no_parameter_to_a_redirect(relay_state: str) -> None:
    query = encode_redirect("SAMLRequest", b"<a/>", relay_state, signer("hm"))

    assert decode_redirect(query).relay_state == relay_state
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    assert names == ["SAMLRequest", "RelayState", "SigAlg", "Signature"]


@settings(max_examples=40)
@given(RELAY_STATE)
def test_a_relay_state_adds_no_parameter_beside_an_artifact(relay_state: str) -> None:
    endpoint = Endpoint(BINDING_ARTIFACT, "https://dv.example/acs?kept=1")
    delivery = network()["hm"].sender.send("SAMLResponse", b"<a/>", endpoint, DV, relay_state)

    assert isinstance(delivery, Redirect)
    address = urlsplit(delivery.url)
    pairs = parse_qsl(address.query, keep_blank_values=True)
    assert (address.netloc, [name for name, _ in pairs]) == ("dv.example", ["kept", "SAMLart", "RelayState"])
    assert pairs[-1][1] == relay_state


@settings(max_examples=60)
@given(RELAY_STATE.filter(lambda value: "\0" not in value), VALUE)
def test_a_form_holds_the_fields_it_was_given_and_no_others(relay_state: str, name: str) -> None:
    fields = {"SAMLRequest": "QUFB", "RelayState": relay_state}
    with _app.test_request_context("/"):
        page = render_template("relay.html", name=name, url="https://ad.example/sso", fields=fields)

    form = html.document_fromstring(page).forms[0]
    assert form.action == "https://ad.example/sso"
    found = {str(each.get("name")): str(each.get("value", "")) for each in form.iter("input")}
    # A parser of HTML reads every end of a line as one sign, and control characters as it likes.
    assert found.keys() == fields.keys()
    assert _told(found["RelayState"]) == _told(relay_state)


_app = make_app()


def _told(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable())
