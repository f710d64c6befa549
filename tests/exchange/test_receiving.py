"""Believing what comes in: by each binding, in the right order, of this moment, and once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from broker.exchange.incoming import Incoming
from broker.exchange.partners import Instead
from broker.exchange.receiving import open_checked
from broker.exchange.receiving import require_destination
from broker.ports import Role
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.errors import OutsideTimeWindow
from broker.saml.errors import Replayed
from broker.saml.errors import SamlError
from broker.saml.errors import UnexpectedAnswer
from broker.saml.errors import UnknownPartner
from broker.saml.errors import WrongDestination
from broker.saml.logout import LogoutResponse
from broker.saml.logout import read_logout_response
from broker.saml.logout import write_logout_response
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import DS
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.policy import LIMITS
from broker.saml.post import encode_post
from broker.saml.redirect import encode_redirect
from broker.saml.response import make_response
from broker.saml.soap import unwrap
from broker.saml.soap import wrap
from broker.saml.status import SUCCESS
from broker.saml.status import authn_failed
from tests.exchange.builders import ENTITY_IDS
from tests.exchange.builders import OTHER_DV
from tests.exchange.builders import Network
from tests.exchange.builders import url_of
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import NOW
from tests.saml.builders import a_response
from tests.saml.builders import ad_assertion
from tests.saml.builders import an_authn_request
from tests.saml.builders import signed
from tests.saml.builders import signed_request

SECOND = timedelta(seconds=1)
AD = ENTITY_IDS["ad"]


def posted(message: bytes) -> Incoming:
    return Incoming(BINDING_POST, encode_post(message), None, "")


def redirected(message: bytes, name: str = "dv", relay_state: str | None = "case-12") -> Incoming:
    return Incoming(
        BINDING_REDIRECT, "", relay_state, encode_redirect("SAMLRequest", message, relay_state, signer(name))
    )


def by_artifact(network: Network, holder: str, receiver: str, message: bytes) -> Incoming:
    artifact = network[holder].artifacts.hold(message, ENTITY_IDS[receiver])
    return Incoming(BINDING_ARTIFACT, artifact, None, "")


def a_failure(issuer: str = AD, key: str = "ad", **changes: Any) -> bytes:
    """A Response without assertion."""
    status = authn_failed("Geannuleerd.", "geannuleerd")
    return make_response(a_response(**({"issuer": issuer, "status": status} | changes)), None, signer(key))


def a_success(issuer: str = AD, key: str = "ad", assertion: bytes | None = None) -> bytes:
    return make_response(a_response(issuer=issuer), assertion or ad_assertion(), signer(key))


def off_schema(element: etree._Element) -> etree._Element:
    etree.SubElement(element, tag(SAMLP, "Invented"))
    return element


def without_signature(message: bytes) -> bytes:
    element = parse(message)
    for signature in element.findall(tag(DS, "Signature")):
        element.remove(signature)
    return serialise(element)


def unsigned(**changes: Any) -> bytes:
    return serialise(write_authn_request(an_authn_request(**changes)))


@pytest.mark.rule("2.11")
def test_a_posted_request_is_believed(network: Network) -> None:
    partner, verified = network["hm"].receiver.request(posted(signed_request(id="_asked")), Role.DV)

    assert partner.entity_id == verified.signer == DV
    assert read_authn_request(verified.element).id == "_asked"


@pytest.mark.rule("2.12", "2.42")
def test_a_redirected_request_is_believed(network: Network) -> None:
    partner, verified = network["hm"].receiver.request(redirected(unsigned(id="_asked")), Role.DV)

    assert partner.entity_id == verified.signer == DV
    assert read_authn_request(verified.element).id == "_asked"


@pytest.mark.rule("2.10")
def test_a_request_behind_an_artifact_is_believed(network: Network) -> None:
    incoming = by_artifact(network, "dv", "hm", signed_request(id="_asked"))

    partner, verified = network["hm"].receiver.request(incoming, Role.DV)

    assert partner.entity_id == verified.signer == DV
    assert read_authn_request(verified.element).id == "_asked"


def test_a_request_on_the_back_channel_is_believed(network: Network) -> None:
    partner, verified = network["hm"].receiver.back_channel_request(unwrap(wrap(signed_request())), Role.DV)

    assert partner.entity_id == verified.signer == DV


def test_one_on_the_back_channel_by_somebody_in_another_role_is_not(network: Network) -> None:
    with pytest.raises(UnknownPartner):
        network["hm"].receiver.back_channel_request(unwrap(wrap(signed_request())), Role.AD, Role.MR)


def test_several_roles_may_be_welcome(network: Network) -> None:
    assert network["hm"].receiver.request(posted(signed_request()), Role.AD, Role.DV)[0].entity_id == DV


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: b"<" * (LIMITS.message_bytes + 1), MessageTooLarge),
        (lambda: signed_request(issuer="urn:nobody")[:-1], MalformedMessage),
        (lambda: unsigned(issuer="urn:nobody"), UnknownPartner),
        (lambda: signed_request(issuer=ENTITY_IDS["ad"]), UnknownPartner),
        (lambda: signed_request(issuer=OTHER_DV), InvalidSignature),
        (lambda: unsigned(), InvalidSignature),
        (lambda: serialise(off_schema(write_authn_request(an_authn_request()))), InvalidSignature),
        (lambda: signed(off_schema(write_authn_request(an_authn_request())), "dv"), MalformedMessage),
    ],
    ids=[
        "size before well-formedness",
        "well-formedness before issuer",
        "issuer before signature",
        "role of the issuer before signature",
        "signature of another",
        "no signature",
        "signature before schema",
        "schema last",
    ],
)
def test_what_is_cheap_and_safe_is_looked_at_first(
    network: Network, make: Callable[[], bytes], error: type[SamlError]
) -> None:
    with pytest.raises(error):
        network["hm"].receiver.request(posted(make()), Role.DV)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: redirected(signed_request()), InvalidSignature),
        (lambda: redirected(unsigned(), "dv2"), InvalidSignature),
        (lambda: redirected(unsigned(issuer="urn:nobody"), "dv2"), UnknownPartner),
        (
            lambda: redirected(serialise(off_schema(write_authn_request(an_authn_request())))),
            MalformedMessage,
        ),
    ],
    ids=["signed in query and message", "signed by another", "issuer before signature", "schema last"],
)
def test_nor_is_a_redirect_believed_blindly(
    network: Network, make: Callable[[], Incoming], error: type[SamlError]
) -> None:
    with pytest.raises(error):
        network["hm"].receiver.request(make(), Role.DV)


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query.replace("case-12", "case-13"),
        lambda query: query.replace("RelayState=case-12&", ""),
        lambda query: query.partition("&SigAlg")[0],
        lambda query: query.partition("&Signature")[0],
        lambda query: query.replace("rsa-sha256", "rsa-sha1"),
        lambda query: query + "&SAMLRequest=x",
    ],
    ids=[
        "another RelayState",
        "no RelayState",
        "no SigAlg",
        "no Signature",
        "another algorithm",
        "a second message",
    ],
)
def test_a_query_string_that_was_changed_is_not_believed(network: Network, change: Any) -> None:
    incoming = redirected(unsigned())

    with pytest.raises(SamlError):
        network["hm"].receiver.request(
            Incoming(BINDING_REDIRECT, "", "case-12", change(incoming.query)), Role.DV
        )


@pytest.mark.parametrize("make", [a_success, a_failure], ids=["success", "failure"])
@pytest.mark.parametrize("binding", ["post", "artifact"])
def test_the_response_of_whom_was_asked_is_believed(network: Network, make: Any, binding: str) -> None:
    message = make()
    incoming = posted(message) if binding == "post" else by_artifact(network, "ad", "hm", message)

    opened = network["hm"].receiver.response(incoming, AD, Role.AD)

    assert opened.response.issuer == AD
    assert (opened.assertion is not None) == opened.response.status.is_success


def test_the_response_of_another_partner_is_not(network: Network) -> None:
    with pytest.raises(UnexpectedAnswer, match="another partner"):
        network["hm"].receiver.response(posted(a_failure()), ENTITY_IDS["mr"], Role.AD, Role.MR)


def test_a_response_does_not_come_by_redirect(network: Network) -> None:
    incoming = redirected(serialise(parse(a_failure())), "ad")

    with pytest.raises(MalformedMessage, match="Redirect"):
        network["hm"].receiver.response(incoming, AD, Role.AD)


def a_logout_response(key: str = "ad", issuer: str = AD, *, sign_it: bool = True) -> bytes:
    said = LogoutResponse("_answer", "_asked", NOW, issuer, "https://hm.example.nl/slo", SUCCESS)
    element = write_logout_response(said)
    return signed(element, key) if sign_it else serialise(element)


def test_a_logout_response_may_come_by_every_binding(network: Network) -> None:
    query = encode_redirect("SAMLResponse", a_logout_response(sign_it=False), "r", signer("ad"))
    ways = [
        posted(a_logout_response()),
        by_artifact(network, "ad", "hm", a_logout_response()),
        Incoming(BINDING_REDIRECT, "", "r", query),
    ]
    for incoming in ways:
        verified = network["hm"].receiver.logout_response(incoming, AD, Role.AD)
        assert read_logout_response(verified.element).in_response_to == "_asked"


@pytest.mark.parametrize(
    ("incoming", "error"),
    [
        (lambda: posted(a_logout_response(sign_it=False)), InvalidSignature),
        (lambda: posted(a_logout_response("mr")), InvalidSignature),
        (lambda: posted(a_logout_response("mr", ENTITY_IDS["mr"])), UnexpectedAnswer),
        (lambda: redirected(a_logout_response(sign_it=False), "ad"), MalformedMessage),
    ],
    ids=["not signed", "another key", "another partner", "as a request"],
)
def test_a_logout_response_that_the_partner_did_not_sign_is_not_believed(
    network: Network, incoming: Callable[[], Incoming], error: type[SamlError]
) -> None:
    with pytest.raises(error):
        network["hm"].receiver.logout_response(incoming(), AD, Role.AD, Role.MR)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: a_failure(ENTITY_IDS["mr"], "mr"), UnexpectedAnswer),
        (lambda: a_failure(AD, "mr"), InvalidSignature),
        (lambda: a_success(AD, "mr"), InvalidSignature),
        (lambda: without_signature(a_failure()), InvalidSignature),
        (lambda: without_signature(a_success()), InvalidSignature),
        (lambda: a_success(assertion=without_signature(ad_assertion())), InvalidSignature),
    ],
    ids=[
        "of another partner, well signed",
        "of this partner, signed by another",
        "an assertion of this partner in a Response signed by another",
        "a failure that is not signed",
        "a success that is not signed",
        "an assertion that is not signed",
    ],
)
def test_a_proven_envelope_proves_nothing_about_the_message_inside(
    network: Network, make: Callable[[], bytes], error: type[SamlError]
) -> None:
    # CVE-2026-49283: the ArtifactResponse is signed by the partner that was asked, what it holds is not.
    incoming = by_artifact(network, "ad", "hm", make())

    with pytest.raises(error):
        network["hm"].receiver.response(incoming, AD, Role.AD, Role.MR)


def test_a_request_of_another_partner_behind_an_artifact_is_not_believed(network: Network) -> None:
    incoming = by_artifact(network, "dv2", "hm", signed_request())

    with pytest.raises(UnexpectedAnswer, match="by another partner"):
        network["hm"].receiver.request(incoming, Role.DV)


def test_the_artifact_of_somebody_in_another_role_is_not_even_resolved(network: Network) -> None:
    incoming = by_artifact(network, "ad", "hm", signed_request())

    with pytest.raises(UnknownPartner):
        network["hm"].receiver.request(incoming, Role.DV)

    assert network.soap.sent == []


def test_a_signed_response_that_is_not_valid_is_refused(network: Network) -> None:
    element = parse(a_failure())
    element.remove(element[1])
    message = signed(off_schema(element), "ad")

    with pytest.raises(MalformedMessage):
        network["hm"].receiver.response(posted(message), AD, Role.AD)


def test_a_response_on_the_back_channel_is_verified_as_well(network: Network) -> None:
    partner = network["hm"].partners.find(AD, Role.AD)

    assert open_checked(parse(a_failure()), partner).response.issuer == AD
    with pytest.raises(InvalidSignature):
        open_checked(parse(a_failure(AD, "mr")), partner)


def test_a_question_on_the_back_channel_gets_the_verified_answer(network: Network) -> None:
    network.soap.served[url_of("ad", "desk")] = lambda _: wrap(a_success())
    partner = network["hm"].partners.find(AD, Role.AD)

    opened = network["hm"].ask(partner, url_of("ad", "desk"), signed_request())

    assert opened.response.issuer == AD
    assert opened.assertion is not None


@pytest.mark.rule("2.21", "9.24", "9.25")
@pytest.mark.parametrize(
    ("issued", "fits"),
    [
        (NOW - timedelta(minutes=5), True),
        (NOW - timedelta(minutes=5) - SECOND, False),
        (NOW + timedelta(minutes=1), True),
        (NOW + timedelta(minutes=1) + SECOND, False),
        (datetime.min.replace(tzinfo=NOW.tzinfo), False),
        (datetime.max.replace(tzinfo=NOW.tzinfo), False),
    ],
    ids=["five minutes old", "a second older", "a minute ahead", "a second further", "ancient", "far away"],
)
def test_a_message_is_of_this_moment_or_refused(network: Network, issued: datetime, fits: bool) -> None:
    if fits:
        network["hm"].receiver.require_fresh("_1", issued, DV)
    else:
        with pytest.raises(OutsideTimeWindow):
            network["hm"].receiver.require_fresh("_1", issued, DV)


@pytest.mark.rule("2.16", "9.27")
def test_an_id_counts_once_for_as_long_as_the_message_would_be_of_this_moment(network: Network) -> None:
    receiver, issued = network["hm"].receiver, NOW + timedelta(minutes=1)
    receiver.require_fresh("_1", issued, DV)

    for minutes in range(7):
        network.clock.now = NOW + timedelta(minutes=minutes)
        with pytest.raises(Replayed):
            receiver.require_fresh("_1", issued, DV)

    network.clock.forward(SECOND)
    with pytest.raises(OutsideTimeWindow):
        receiver.require_fresh("_1", issued, DV)


def test_a_message_that_was_refused_for_its_age_does_not_use_up_its_id(network: Network) -> None:
    receiver = network["hm"].receiver
    with pytest.raises(OutsideTimeWindow):
        receiver.require_fresh("_1", NOW - timedelta(hours=1), DV)

    receiver.require_fresh("_1", NOW, DV)


def test_two_partners_may_happen_to_use_the_same_id(network: Network) -> None:
    network["hm"].receiver.require_fresh("_1", NOW, DV)
    network["hm"].receiver.require_fresh("_1", NOW, OTHER_DV)


def test_the_longest_id_still_fits_the_state_store(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []

    def claim(key: str, _ttl: int) -> bool:
        keys.append(key)
        return True

    monkeypatch.setattr(network["hm"].state, "claim", claim)

    network["hm"].receiver.require_fresh("_" + "x" * 127, NOW, DV)

    (key,) = keys
    assert key.isascii()
    assert len(key) <= 200
    assert DV not in key


@pytest.mark.rule("2.22")
@pytest.mark.parametrize(
    "destination",
    [
        None,
        "",
        "https://hm.example/sso/",
        "https://hm.example/SSO",
        "HTTPS://hm.example/sso",
        "https://hm.example:443/sso",
        "https://hm.example/sso?",
        " https://hm.example/sso",
        "https://hm.example.evil.example/sso",
        "http://hm.example/sso",
        "/sso",
    ],
)
def test_any_destination_but_our_very_own_is_wrong(destination: str | None) -> None:
    with pytest.raises(WrongDestination):
        require_destination(destination, (url_of("hm", "sso"), url_of("hm", "acs")))


def test_each_of_our_own_is_right() -> None:
    for destination in (url_of("hm", "sso"), url_of("hm", "acs")):
        require_destination(destination, (url_of("hm", "sso"), url_of("hm", "acs")))


@pytest.mark.parametrize("binding", ["post", "redirect", "artifact"])
def test_who_counts_otherwise_is_verified_by_other_keys_and_everybody_else_by_those_in_force(
    network: Network, binding: str
) -> None:
    hm = network["hm"]
    tested = replace(hm.partners.find(DV, Role.DV), signing=(certificate("stranger"),))
    instead = Instead(DV, lambda: tested)

    def bring(key: str, issuer: str = DV, name: str = "dv") -> Incoming:
        element = write_authn_request(an_authn_request(issuer=issuer))
        if binding == "redirect":
            return redirected(serialise(element), key)
        message = signed(element, key)
        if binding == "post":
            return posted(message)
        return Incoming(BINDING_ARTIFACT, network[name].artifacts.hold(message, ENTITY_IDS["hm"]), None, "")

    if binding != "artifact":  # whose answer on the back channel is signed with the key in force
        partner, _ = hm.receiver.request(bring("stranger"), Role.DV, instead=instead)
        assert partner is tested
    with pytest.raises(InvalidSignature):
        hm.receiver.request(bring("dv"), Role.DV, instead=instead)
    with pytest.raises(InvalidSignature):
        hm.receiver.request(bring("stranger"), Role.DV)
    other, _ = hm.receiver.request(bring("dv2", OTHER_DV, "dv2"), Role.DV, instead=instead)
    assert other.entity_id == OTHER_DV


def test_an_artifact_is_fetched_where_the_version_that_counts_says(network: Network) -> None:
    hm = network["hm"]
    described = hm.partners.find(DV, Role.DV)
    network.registries["hm"].remove(DV)
    message = signed(write_authn_request(an_authn_request()), "dv")
    artifact = Incoming(BINDING_ARTIFACT, network["dv"].artifacts.hold(message, ENTITY_IDS["hm"]), None, "")
    with pytest.raises(UnknownPartner):
        hm.receiver.request(artifact, Role.DV)
    partner, _ = hm.receiver.request(artifact, Role.DV, instead=Instead(DV, lambda: described))
    assert partner is described
