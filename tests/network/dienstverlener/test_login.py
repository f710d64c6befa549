"""Asking the makelaar, and receiving its answer over the back channel."""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.domain.levels import LevelOfAssurance
from broker.network.dienstverlener.catalogue import OFFERS
from broker.ports import Role
from broker.saml.assertion import Frame
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.declaration import Declaration
from broker.saml.declaration import write_declaration
from broker.saml.encryption import encrypt_identifier
from broker.saml.parsing import parse
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import verify_redirect
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.status import SUCCESS
from broker.saml.status import authn_failed
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.network.installation import Installation

KVK, RSIN = "urn:etoegang:1.9:EntityConcernedID:KvKnr", "urn:etoegang:1.9:EntityConcernedID:RSIN"
PSEUDONYM = "ab" * 32 + "@" + "cd" * 16


class Visitor:
    """Somebody who logs in at Gemeente Voorbeeld, and the makelaar that answers."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.client: FlaskClient = installation.browser(GEMEENTE)
        self.own = installation.makelaar.station.own
        self.dienstverlener = installation.makelaar.station.partners.find(GEMEENTE.entity_id, Role.DV)
        self.relay_state = ""

    def ask(self, service: int = 3, level: str = "") -> AuthnRequest:
        """The request that the makelaar gets by HTTP-Redirect."""
        asked = {"service": str(service), "binding": "redirect", "level": level}
        answer = self.client.get("/login", query_string=asked)
        query = urlsplit(answer.headers["Location"]).query
        message = decode_redirect(query)
        element = parse(message.data)
        verify_redirect(message, element, self.dienstverlener.signing, GEMEENTE.entity_id)
        self.relay_state = parse_qs(query)["RelayState"][0]
        return read_authn_request(element)

    def declaration(self, request: AuthnRequest, index: int = 3) -> Declaration:
        now, service = self.own.clock(), OFFERS[index].service
        to = [self.dienstverlener.recipient(datetime.now(UTC))]
        frame = Frame(
            id=self.own.new_id(),
            issue_instant=now,
            issuer=self.own.entity_id,
            name_id="transient",
            name_qualifier=None,
            not_before=now - timedelta(seconds=5),
            not_on_or_after=now + timedelta(minutes=2),
            audiences=(GEMEENTE.entity_id,),
            in_response_to=request.id,
            recipient=self.installation.settings.url(GEMEENTE) + paths.DV_ACS,
        )
        return Declaration(
            frame=frame,
            authn_instant=now,
            session_index=self.own.new_id(),
            level=LevelOfAssurance.LOA3,
            authority="urn:ad",
            service_id=service.service_id,
            service_uuid=service.service_uuid,
            acting_subject=(encrypt_identifier("urn:pseudo", PSEUDONYM, to, self.own.new_id),),
            legal_subject=tuple(
                encrypt_identifier(kind, value, to, self.own.new_id)
                for kind, value in ((RSIN, "900000028"), (KVK, "90000011"))
            ),
        )

    def respond(
        self,
        request: AuthnRequest,
        said: Declaration | None,
        reference: str = "",
        spoil: Callable[[bytes], bytes] = bytes,
    ) -> str:
        """The artifact behind which the answer waits, which ``spoil`` had in hand."""
        status = SUCCESS if said else authn_failed(f"U bent gestopt ({reference}).", "geannuleerd")
        response = Response(
            id=self.own.new_id(),
            in_response_to=request.id,
            issue_instant=self.own.clock(),
            issuer=self.own.entity_id,
            destination=self.installation.settings.url(GEMEENTE) + paths.DV_ACS,
            status=status,
        )
        assertion = (
            make_assertion(write_declaration(said, GEMEENTE.entity_id, self.own.new_id), self.own.key)
            if said
            else None
        )
        message = make_response(response, assertion, self.own.key)
        return self.installation.makelaar.station.artifacts.hold(spoil(message), GEMEENTE.entity_id)

    def arrive(self, artifact: str, relay_state: str | None = None) -> TestResponse:
        """The page to which the answer leads."""
        values = {"SAMLart": artifact, "RelayState": self.relay_state if relay_state is None else relay_state}
        answer = self.client.get(paths.DV_ACS, query_string=values)
        return self.client.get(answer.headers["Location"]) if answer.status_code == 303 else answer


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)


def test_the_start_page_offers_every_service_in_both_languages(visitor: Visitor) -> None:
    dutch = visitor.client.get("/?lang=nl").text
    assert all(offer.service.names["nl"] in dutch for offer in OFFERS.values())
    english = visitor.client.get("/?lang=en").text
    assert all(offer.service.names["en"] in english for offer in OFFERS.values())


def test_the_service_is_asked_by_its_index_and_the_acs_by_its_own(visitor: Visitor) -> None:
    asked = visitor.ask(2)
    assert (asked.service_index, asked.acs_index, asked.acs_url) == (2, 0, None)
    assert asked.issuer == GEMEENTE.entity_id
    assert asked.destination == visitor.installation.settings.url(MAKELAAR) + paths.HM_SSO
    assert asked.level is None


def test_a_level_is_asked_when_it_was_chosen(visitor: Visitor) -> None:
    assert visitor.ask(3, "loa4").level is LevelOfAssurance.LOA4


def test_by_post_the_message_itself_is_signed(visitor: Visitor) -> None:
    page = visitor.client.get("/login?service=1&binding=post").text
    found = re.search(r'name="SAMLRequest" value="([^"]+)"', page)
    assert found is not None
    assert b"SignatureValue" in b64decode(found.group(1))
    assert "SigAlg" not in page


@pytest.mark.parametrize("query", ["", "service=x", "service=1&binding=soap", "service=1&level=loa9"])
def test_a_login_that_cannot_be_asked_is_refused(visitor: Visitor, query: str) -> None:
    assert visitor.client.get(f"/login?{query}").status_code == 400


def test_an_index_that_does_not_exist_is_left_to_the_makelaar_to_refuse(visitor: Visitor) -> None:
    assert visitor.ask(99).service_index == 99


def test_after_a_login_everything_that_was_received_is_shown(visitor: Visitor) -> None:
    asked = visitor.ask()
    page = visitor.arrive(visitor.respond(asked, visitor.declaration(asked))).text
    for shown in ("90000011", "900000028", PSEUDONYM, "EH3", "Omgevingsvergunning aanvragen"):
        assert shown in page
    titles = re.findall(r'<span class="number">\d</span> ([A-Za-z, ]+) <span', page)
    assert titles[:3] == ["AuthnRequest", "ArtifactResolve", "ArtifactResponse"]
    assert "\n  &lt;saml:Issuer&gt;" in page


def test_the_outcome_can_be_loaded_again_but_not_by_another_browser(visitor: Visitor) -> None:
    asked = visitor.ask()
    visitor.arrive(visitor.respond(asked, visitor.declaration(asked)))
    address = f"/login/{visitor.relay_state}"
    assert "90000011" in visitor.client.get(address).text
    stranger = Visitor(visitor.installation)
    assert stranger.client.get(address).status_code == 303


def test_a_refusal_is_shown_with_its_reference(visitor: Visitor) -> None:
    asked = visitor.ask()
    page = visitor.arrive(visitor.respond(asked, None, "EH-7K3Q-9TXM")).text
    assert "U bent gestopt met inloggen" in page
    assert "<code>EH-7K3Q-9TXM</code>" in page
    assert "status:AuthnFailed" in page


def test_an_answer_is_taken_once(visitor: Visitor) -> None:
    asked = visitor.ask()
    artifact = visitor.respond(asked, visitor.declaration(asked))
    assert visitor.arrive(artifact).status_code == 200
    assert visitor.arrive(artifact).status_code == 400


def test_an_assertion_is_used_once_even_in_another_answer(visitor: Visitor) -> None:
    first = visitor.ask()
    said = visitor.declaration(first)
    visitor.arrive(visitor.respond(first, said))
    second = visitor.ask()
    frame = replace(visitor.declaration(second).frame, id=said.frame.id)
    page = visitor.arrive(visitor.respond(second, replace(said, frame=frame))).text
    assert "used before" in page
    assert "90000011" not in page


def test_an_answer_to_another_request_is_refused(visitor: Visitor) -> None:
    asked = visitor.ask()
    artifact = visitor.respond(replace(asked, id="_other"), visitor.declaration(asked))
    assert "answers another request" in visitor.arrive(artifact).text


def test_an_answer_in_a_browser_that_did_not_ask_is_refused(visitor: Visitor) -> None:
    asked = visitor.ask()
    artifact = visitor.respond(asked, visitor.declaration(asked))
    page = Visitor(visitor.installation).arrive(artifact, visitor.relay_state)
    assert page.status_code == 400
    assert "did not begin this login" in page.text


@pytest.mark.parametrize("relay_state", ["", "x" * 32, "../start"])
def test_an_answer_without_our_relay_state_is_refused(visitor: Visitor, relay_state: str) -> None:
    asked = visitor.ask()
    assert visitor.arrive(visitor.respond(asked, visitor.declaration(asked)), relay_state).status_code == 400


def test_an_artifact_that_leads_to_nothing_ends_the_login_with_what_was_exchanged(visitor: Visitor) -> None:
    asked = visitor.ask()
    artifact = visitor.respond(asked, visitor.declaration(asked))
    visitor.installation.makelaar.state.drop(f"artifact:{b64decode(artifact)[24:].hex()}")
    page = visitor.arrive(artifact).text
    assert "could not resolve the artifact" in page
    assert "ArtifactResolve" in page


def test_an_answer_by_post_is_refused(visitor: Visitor) -> None:
    visitor.ask()
    answer = visitor.client.post(
        paths.DV_ACS, data={"SAMLResponse": "PHg+", "RelayState": visitor.relay_state}
    )
    assert answer.status_code == 400


def test_tabs_do_not_disturb_each_other(visitor: Visitor) -> None:
    requests = []
    for _ in range(3):
        request = visitor.ask()
        requests.append((request, visitor.relay_state))
    for request, relay_state in reversed(requests):
        page = visitor.arrive(visitor.respond(request, visitor.declaration(request)), relay_state)
        assert "90000011" in page.text
