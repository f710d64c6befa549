"""A Response, the assertion in it, and the ArtifactResponse around it: each proven by itself."""

from collections.abc import Callable

import pytest
from lxml import etree

from broker.saml.artifact_resolution import open_artifact_response
from broker.saml.artifact_resolution import read_artifact_resolve
from broker.saml.authentication import write_authentication
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.errors import UnexpectedAnswer
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.response import open_response
from broker.saml.response import signature_value
from broker.saml.status import SUCCESS
from broker.saml.status import Status
from broker.saml.status import authn_failed
from broker.saml.status import request_unsupported
from broker.saml.status import responder_failed
from tests.attacks.forging import forge
from tests.attacks.forging import identifier
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import AD
from tests.saml.builders import HM
from tests.saml.builders import a_response
from tests.saml.builders import ad_assertion
from tests.saml.builders import an_authentication
from tests.saml.builders import artifact_response
from tests.saml.builders import hm_assertion
from tests.saml.builders import hm_response
from tests.saml.builders import signed_request

_HM = [certificate("hm")]
_AD = [certificate("ad")]


def ad_response(
    assertion: bytes | None = None, issuer: str = AD, key: str = "ad", status: Status = SUCCESS
) -> bytes:
    return make_response(a_response(issuer=issuer, status=status), assertion, signer(key))


def resigned(message: bytes, change: Callable[[etree._Element], object], key: str = "hm") -> bytes:
    """Changed, and signed again by somebody who may."""
    root = etree.fromstring(message)
    change(root)
    text = etree.tostring(root)
    return forge(text, key, template(reference(f"#{identifier(text)}")))


def test_a_success_comes_with_its_assertion() -> None:
    opened = open_response(parse(ad_response(ad_assertion())), _AD, AD)
    assert opened.response.status.is_success
    assert opened.assertion is not None
    assert opened.assertion.signer == AD


@pytest.mark.parametrize("make", [authn_failed, request_unsupported, responder_failed])
def test_a_failure_comes_with_its_status_and_without_assertion(make: Callable[[str, str], Status]) -> None:
    status = make("<b>Geannuleerd</b> & EH-7K3Q-9TXM", "geannuleerd")
    opened = open_response(parse(ad_response(status=status)), _AD, AD)
    assert (opened.response.status, opened.assertion) == (status, None)
    assert status.is_authn_failed == (make is authn_failed)


@pytest.mark.rule("3.2.11")
def test_a_success_without_assertion_is_refused() -> None:
    with pytest.raises(MalformedMessage):
        open_response(parse(ad_response()), _AD, AD)


@pytest.mark.rule("3.2.12")
def test_a_failure_with_an_assertion_is_refused() -> None:
    with pytest.raises(MalformedMessage):
        open_response(parse(ad_response(ad_assertion(), status=authn_failed("x", "y"))), _AD, AD)


@pytest.mark.rule("3.2.11")
def test_two_assertions_are_refused_even_when_both_are_signed() -> None:
    both = resigned(
        ad_response(ad_assertion()), lambda root: root.append(etree.fromstring(ad_assertion())), "ad"
    )
    with pytest.raises(MalformedMessage):
        open_response(parse(both), _AD, AD)


def test_an_encrypted_assertion_is_refused() -> None:
    message = resigned(
        ad_response(ad_assertion()),
        lambda root: etree.SubElement(root, tag(SAML, "EncryptedAssertion")),
        "ad",
    )
    with pytest.raises(MalformedMessage):
        open_response(parse(message), _AD, AD)


@pytest.mark.parametrize(
    "message",
    [
        lambda: ad_response(ad_assertion(), issuer=HM),  # the envelope names another
        lambda: ad_response(ad_assertion(frame=_frame_of(HM))),  # the assertion names another
    ],
)
def test_each_issuer_must_be_the_partner(message: Callable[[], bytes]) -> None:
    with pytest.raises(UnexpectedAnswer):
        open_response(parse(message()), _AD, AD)


def _frame_of(issuer: str) -> object:
    from tests.saml.builders import a_frame

    return a_frame(issuer, in_response_to="_q", recipient="https://hm.example.nl/acs")


def test_an_assertion_that_another_partner_signed_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        open_response(parse(ad_response(hm_assertion(advice=()))), _AD, AD)


@pytest.mark.rule("9.08")
def test_an_unsigned_assertion_in_a_signed_response_is_refused() -> None:
    def strip(root: etree._Element) -> None:
        assertion = root.find(tag(SAML, "Assertion"))
        assert assertion is not None
        assertion.remove(assertion[1])

    with pytest.raises(InvalidSignature, match="not signed"):
        open_response(parse(resigned(ad_response(ad_assertion()), strip, "ad")), _AD, AD)


@pytest.mark.rule("9.08")
@pytest.mark.parametrize("name", ["InResponseTo", "Destination", "IssueInstant"])
def test_a_signed_assertion_proves_nothing_about_an_unsigned_response(name: str) -> None:
    root = etree.fromstring(ad_response(ad_assertion()))
    root.remove(root[1])
    root.set(name, "2025-03-03T09:16:00Z")
    with pytest.raises(InvalidSignature, match="not signed"):
        open_response(parse(etree.tostring(root)), _AD, AD)


@pytest.mark.rule("9.33")
def test_an_assertion_deeper_in_the_message_is_never_taken_for_the_answer() -> None:
    def hide(root: etree._Element) -> None:
        extensions = etree.Element(tag(SAMLP, "Extensions"))
        extensions.append(root[-1])
        root.insert(2, extensions)

    with pytest.raises(MalformedMessage):
        open_response(parse(resigned(ad_response(ad_assertion()), hide, "ad")), _AD, AD)


def test_another_message_is_no_response() -> None:
    with pytest.raises(MalformedMessage):
        open_response(parse(signed_request()), _AD, AD)


def test_a_response_carries_an_assertion_unchanged() -> None:
    assertion = ad_assertion()
    assert assertion in ad_response(assertion)
    assert make_assertion(etree.fromstring('<a ID="_1"/>'), signer("ad")).startswith(b"<a")


# Two assertions, where an interface says so


def two(*assertions: bytes) -> bytes:
    return make_response(a_response(issuer=AD), assertions[0], signer("ad"), assertions[1:])


@pytest.mark.rule("6.2.02")
def test_two_assertions_are_opened_where_two_are_expected() -> None:
    first, second = ad_assertion(), ad_assertion()
    opened = open_response(parse(two(first, second)), _AD, AD, most=2)
    assert opened.assertion is not None
    assert [each.raw.reveal_bytes() for each in (opened.assertion, *opened.further)] == [first, second]


def test_one_will_do_where_two_are_expected_and_three_will_not() -> None:
    opened = open_response(parse(two(ad_assertion())), _AD, AD, most=2)
    assert opened.further == ()
    with pytest.raises(MalformedMessage):
        open_response(parse(two(ad_assertion(), ad_assertion(), ad_assertion())), _AD, AD, most=2)


def test_two_are_refused_where_one_is_expected() -> None:
    with pytest.raises(MalformedMessage):
        open_response(parse(two(ad_assertion(), ad_assertion())), _AD, AD)


@pytest.mark.parametrize("place", [0, 1])
def test_each_of_two_must_be_signed_by_who_answers(place: int) -> None:
    unsigned = etree.fromstring(ad_assertion())
    unsigned.remove(unsigned[1])
    theirs = make_assertion(write_authentication(an_authentication()), signer("mr"))
    for wrong in (etree.tostring(unsigned), theirs):
        both = [ad_assertion(), ad_assertion()]
        both[place] = wrong
        with pytest.raises(InvalidSignature):
            open_response(parse(two(*both)), _AD, AD, most=2)


def test_the_signature_value_of_an_assertion_is_what_its_reader_sees() -> None:
    assertion = ad_assertion()
    opened = open_response(parse(two(assertion)), _AD, AD)
    assert opened.assertion is not None
    assert signature_value(assertion) == opened.assertion.signature_value


# The ArtifactResponse around it


def test_an_artifact_response_gives_up_its_message_still_to_be_verified() -> None:
    inside = open_artifact_response(parse(artifact_response(hm_response())), _HM, HM, "_resolve")
    assert inside is not None
    assert open_response(inside, _HM, HM).assertion is not None


def test_an_artifact_response_without_message_gives_none() -> None:
    assert open_artifact_response(parse(artifact_response(None)), _HM, HM, "_resolve") is None


@pytest.mark.rule("9.08")
def test_an_envelope_that_is_proven_does_not_prove_what_it_holds() -> None:
    stripped = etree.fromstring(hm_response())
    stripped.remove(stripped[1])
    inside = open_artifact_response(parse(artifact_response(etree.tostring(stripped))), _HM, HM, "_resolve")
    assert inside is not None
    with pytest.raises(InvalidSignature):
        open_response(inside, _HM, HM)


def test_a_response_of_another_partner_in_a_proven_envelope_is_refused() -> None:
    inside = open_artifact_response(
        parse(artifact_response(ad_response(ad_assertion()))), _HM, HM, "_resolve"
    )
    assert inside is not None
    with pytest.raises(InvalidSignature):
        open_response(inside, _HM, HM)


def test_an_answer_to_another_resolve_is_refused() -> None:
    with pytest.raises(UnexpectedAnswer):
        open_artifact_response(parse(artifact_response(None, "_other")), _HM, HM, "_resolve")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: root.append(etree.fromstring(ad_response(ad_assertion()))),
        lambda root: root.set("Version", "1.1"),
        lambda root: (
            root[1].find("{*}StatusCode").set("Value", "urn:oasis:names:tc:SAML:2.0:status:Requester")
        ),
        lambda root: setattr(root[0], "text", AD),
        lambda root: root.remove(root[1]),
        lambda root: setattr(root, "tag", tag(SAMLP, "Response")),
    ],
    ids=["two messages", "version", "status", "issuer", "no status", "another message"],
)
def test_an_artifact_response_outside_the_profile_is_refused(
    change: Callable[[etree._Element], object],
) -> None:
    def whole(root: etree._Element) -> None:
        root.remove(root[1])  # the signature; another is made
        change(root)

    with pytest.raises(SamlError):
        open_artifact_response(parse(resigned(artifact_response(hm_response()), whole)), _HM, HM, "_resolve")


def test_an_unsigned_artifact_response_is_refused() -> None:
    root = etree.fromstring(artifact_response(hm_response()))
    root.remove(root[1])
    with pytest.raises(InvalidSignature):
        open_artifact_response(parse(etree.tostring(root)), _HM, HM, "_resolve")


def test_another_message_is_no_artifact_resolve() -> None:
    with pytest.raises(MalformedMessage):
        read_artifact_resolve(etree.fromstring(signed_request()))


@pytest.mark.parametrize("version", ["1.1", "2.1", ""])
def test_a_response_of_another_version_is_refused(version: str) -> None:
    message = resigned(ad_response(ad_assertion()), lambda root: root.set("Version", version), "ad")
    with pytest.raises(MalformedMessage, match="only SAML"):
        open_response(parse(message), _AD, AD)
