"""Every door at which a signed message comes in, with somebody who brings one that was spoiled on the way."""

import re
from base64 import b64decode
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.exchange.own import Own
from broker.makelaar.app import create_app
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import write_authn_request
from broker.saml.logout import LogoutRequest
from broker.saml.logout import write_logout_request
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.post import encode_post
from broker.saml.redirect import encode_redirect
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.signature import sign
from broker.saml.soap import CONTENT_TYPE
from broker.saml.soap import wrap
from broker.saml.status import SUCCESS
from broker.saml.status import authn_failed
from broker.settings import AD_SLEUTEL
from broker.settings import BERICHTENSERVICE
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.settings import MR_TWEE
from broker.settings import Party
from tests.network.installation import Installation
from tests.network.machtigingenregister.asking import Asker
from tests.network.machtigingenregister.asking import said_at_login
from tests.saml.spoiling import Sealed

Spoil = Callable[[bytes], bytes]

_VARIABLE = (
    (rb"EH-[0-9A-Z]{4}-[0-9A-Z]{4}", b"REFERENCE"),
    (rb"\d{1,2} [A-Za-z]+ \d{4}, \d\d:\d\d", b"TIME"),
    (rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"MOMENT"),
    (rb"[\w-]{32,}", b"ID"),
)
_VALUES = re.compile(rb"(<ds:(?:DigestValue|SignatureValue)>)[^<]+")
_POSTED = re.compile(rb'(name="SAMLResponse" value=")([^"]+)')
_ENCRYPTED = re.compile(rb"<saml:EncryptedID .*?</saml:EncryptedID>")


def face(*answers: TestResponse) -> tuple[object, ...]:
    """Everything that responses say, without what differs in any two: reference, moment and random identifiers."""
    return tuple((answer.status, _headers(answer), plain(answer.data)) for answer in answers)


def _headers(answer: TestResponse) -> list[tuple[str, bytes]]:
    # The length says nothing beyond the body, in which a message is signed anew.
    kept = [(name, value) for name, value in answer.headers.items() if name != "Content-Length"]
    return sorted((name, plain(value.encode())) for name, value in kept)


def plain(body: bytes) -> bytes:
    """The body with names in the place of what is random, and the message in a form laid open."""
    body = _POSTED.sub(lambda found: found.group(1) + b64decode(found.group(2)), body)
    body = _VALUES.sub(rb"\1VALUE", body)
    for pattern, name in _VARIABLE:
        body = re.sub(pattern, name, body)
    return body


class Doors:
    """The makelaar and the parties around it, in this process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._app = create_app(installation.settings)

    # The doors; each brings one message, spoiled, and gives the responses.

    def sign_on_by_post(self, spoil: Spoil) -> list[TestResponse]:
        """Dienstverlener to makelaar."""
        return [self._post(self._makelaar(), paths.HM_SSO, spoil(self._request()))]

    def sign_on_by_redirect(self, spoil: Spoil) -> list[TestResponse]:
        """The same, with the signature in the query string, which ``spoil`` gets."""
        message = serialise(write_authn_request(self._asked()))
        query = encode_redirect("SAMLRequest", message, "state", self._own(GEMEENTE).key)
        return [self._makelaar().get(f"{paths.HM_SSO}?{spoil(query.encode()).decode()}")]

    def log_out(self, spoil: Spoil) -> list[TestResponse]:
        """Dienstverlener to makelaar."""
        message = self._logout(GEMEENTE, self._installation.settings.url(MAKELAAR) + paths.HM_SLO)
        return [self._post(self._makelaar(), paths.HM_SLO, spoil(message))]

    def resolve_artifact(self, spoil: Spoil) -> list[TestResponse]:
        """Dienstverlener to makelaar, over the back channel."""
        own, address = self._own(GEMEENTE), self._installation.settings.url(MAKELAAR) + paths.ARS
        resolve = ArtifactResolve(own.new_id(), own.clock(), own.entity_id, "AAQAAA==", address)
        return [self._soap(self._makelaar(), paths.ARS, spoil(make_artifact_resolve(resolve, own.key)))]

    def answer_of_ad(self, spoil: Spoil) -> list[TestResponse]:
        """Authenticatiedienst to makelaar, in the browser of a login that waits for it."""
        return self._answer(spoil(self._response(None)))

    def answer_of_ad_around_assertion(self, spoil: Spoil) -> list[TestResponse]:
        """The same, with a good Response around a spoiled Assertion."""
        return self._answer(self._response(spoil(self._login)))

    def question_to_ad(self, spoil: Spoil) -> list[TestResponse]:
        """Makelaar to authenticatiedienst."""
        return self._ask(AD_SLEUTEL, paths.AD_SSO, spoil(self._question(AD_SLEUTEL)))

    def question_to_eb(self, spoil: Spoil) -> list[TestResponse]:
        """Makelaar to eIDAS-berichtenservice."""
        return self._ask(BERICHTENSERVICE, paths.EB_SSO, spoil(self._question(BERICHTENSERVICE)))

    def log_out_at_ad(self, spoil: Spoil) -> list[TestResponse]:
        """Makelaar to authenticatiedienst."""
        message = self._logout(MAKELAAR, self._installation.settings.url(AD_SLEUTEL) + paths.AD_SLO)
        return self._ask(AD_SLEUTEL, paths.AD_SLO, spoil(message))

    def question_to_mr(self, spoil: Spoil) -> list[TestResponse]:
        """Makelaar to register."""
        return self._ask(MR_EEN, paths.MR_DECISION, spoil(self._query(self._login)))

    def question_to_mr_around_assertion(self, spoil: Spoil) -> list[TestResponse]:
        """The same, with a good question around a spoiled Assertion of the authenticatiedienst."""
        return self._ask(MR_EEN, paths.MR_DECISION, self._query(spoil(self._login)))

    def question_to_mr_around_ciphertext(self, spoil: Spoil) -> list[TestResponse]:
        """The same, with all signatures good around a ciphertext that ``spoil`` gets."""
        spoiled = _ENCRYPTED.sub(lambda found: spoil(found.group()), self._login)
        own = self._own(AD_SLEUTEL)
        element = parse(_without_signature(spoiled))
        return self._ask(MR_EEN, paths.MR_DECISION, self._query(make_assertion(element, own.key)))

    def question_about_chain(self, spoil: Spoil) -> list[TestResponse]:
        """Makelaar to the second register, over the back channel."""
        message = spoil(self._query(self._login))
        return [self._soap(self._installation.browser(MR_TWEE), paths.MR_CHAIN, message)]

    # What is brought.

    def sealed(self) -> Sealed:
        """The ciphertext for the register in the login that is asked about."""
        found = _ENCRYPTED.search(self._login)
        assert found is not None
        register = self._installation.of(MR_EEN).signer
        partner = self._installation.of(AD_SLEUTEL).station.partners.find(MR_EEN.entity_id, MR_EEN.role)
        return Sealed.of(found.group(), partner.recipient(datetime.now(UTC)).certificate, register)

    @cached_property
    def _login(self) -> bytes:
        return Asker(self._installation).login_of("directeur")

    def _own(self, party: Party) -> Own:
        return self._installation.of(party).station.own

    def _asked(self) -> AuthnRequest:
        own = self._own(GEMEENTE)
        address = self._installation.settings.url(MAKELAAR) + paths.HM_SSO
        return AuthnRequest(own.new_id(), own.clock(), own.entity_id, address, acs_index=0, service_index=3)

    def _request(self) -> bytes:
        return self._installation.signed(self._asked(), GEMEENTE)

    def _question(self, party: Party) -> bytes:
        return self._installation.signed(self._installation.authn_request(party))

    def _query(self, login: bytes) -> bytes:
        subject = said_at_login(self._login).frame.name_id
        return self._installation.signed(self._installation.decision_query(MR_EEN, (login,), subject))

    def _logout(self, party: Party, destination: str) -> bytes:
        own = self._own(party)
        request = LogoutRequest(own.new_id(), own.clock(), own.entity_id, destination, "name")
        element = write_logout_request(request)
        sign(element, own.key)
        return serialise(element)

    def _response(self, assertion: bytes | None) -> bytes:
        own = self._own(AD_SLEUTEL)
        status = authn_failed("Geannuleerd.", "geannuleerd") if assertion is None else SUCCESS
        address = self._installation.settings.url(MAKELAAR) + paths.HM_ACS_AD
        response = Response(own.new_id(), "_asked", own.clock(), own.entity_id, address, status)
        return make_response(response, assertion, own.key)

    # How it is brought.

    def _makelaar(self) -> FlaskClient:
        client = self._app.test_client()
        client.environ_base["HTTP_HOST"] = urlsplit(self._installation.settings.url(MAKELAAR)).netloc
        return client

    def _ask(self, party: Party, path: str, message: bytes) -> list[TestResponse]:
        return [self._post(self._installation.browser(party), path, message)]

    def _post(self, client: FlaskClient, path: str, message: bytes) -> TestResponse:
        return client.post(path, data={"SAMLRequest": encode_post(message), "RelayState": "relay"})

    def _soap(self, client: FlaskClient, path: str, message: bytes) -> TestResponse:
        return client.post(path, data=wrap(message), content_type=CONTENT_TYPE)

    def _answer(self, message: bytes) -> list[TestResponse]:
        """Begin a login, go to the authenticatiedienst, and bring this in the place of its answer."""
        client = self._makelaar()
        begun = client.post(paths.HM_SSO, data={"SAMLRequest": b64encode(self._request()).decode()})
        page = begun.headers["Location"]
        token = re.search(r'name="token" value="([^"]+)"', client.get(page).text)
        assert token is not None
        client.post(page, data={"token": token.group(1), "ad": AD_SLEUTEL.entity_id})
        fields = {"SAMLResponse": encode_post(message), "RelayState": page.rpartition("/")[2]}
        answer = client.post(paths.HM_ACS_AD, data=fields)
        return [answer, client.get(answer.headers["Location"])]


def _without_signature(message: bytes) -> bytes:
    return re.sub(rb"<ds:Signature .*?</ds:Signature>", b"", message, count=1)
