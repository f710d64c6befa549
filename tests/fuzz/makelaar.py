"""A whole makelaar in this process, with partners whose keys we hold, to be put mutated messages to over HTTP."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from lxml import html
from sqlalchemy import func
from sqlalchemy import select
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.assembly.onboarding import register
from broker.assembly.publication import publish
from broker.cli.setup import make_development_keys
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.makelaar.app import create_app
from broker.makelaar.outcomes import GRANTED
from broker.ports import Role
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.names import BINDING_POST
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.partner import Endpoint
from broker.saml.response import make_response
from broker.saml.response import signature_value
from broker.saml.soap import wrap
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry
from broker.storage.tables import audit
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.exchange.builders import metadata_with
from tests.exchange.builders import service_of
from tests.exchange.builders import url_of
from tests.keys import signer
from tests.saml import builders
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import MR

BASE = "http://localhost:8440"


@dataclass(frozen=True, slots=True)
class Login:
    """A person at a partner: the browser, the question that was asked there, and the RelayState that came with it."""

    browser: FlaskClient
    question: str
    relay_state: str
    authentication: bytes = b""


class Makelaar:
    """The makelaar, its dienstverlener, its authenticatiedienst and its register."""

    def __init__(self, folder: Path) -> None:
        """Make one from nothing, in an empty folder."""
        settings = Settings(data=folder, public_url=BASE)
        make_development_keys(settings, MAKELAAR)
        publish(settings, MAKELAAR)
        self._engine = make_engine(settings.database(MAKELAAR))
        self.app: Flask = create_app(settings)
        self.unexpected: Exception | None = None
        self.app.register_error_handler(Exception, self._remember)
        registry = SqlRegistry(self._engine)
        for role, metadata, catalogue in (
            (Role.DV, metadata_of("dv"), catalogue_of("dv")),
            (Role.DV, metadata_of("dv2"), catalogue_of("dv2")),
            (Role.AD, _by_post_only("ad"), None),
            (Role.MR, _by_post_only("mr"), None),
        ):
            register(registry, role, metadata, catalogue, makelaar_oin=MAKELAAR.oin, now=system_clock())

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _remember(self, error: Exception) -> tuple[str, int]:
        self.unexpected = error
        return "a fault of ours", 503

    def granted(self) -> int:
        """How many logins the audit log says were granted."""
        with self._engine.connect() as connection:
            found = select(func.count()).select_from(audit).where(audit.c.outcome == GRANTED)
            return int(connection.execute(found).scalar_one())

    def begin(self) -> Login:
        """Somebody who has chosen the authenticatiedienst and is there now."""
        browser = self.app.test_client()
        value = base64.b64encode(a_request())
        answer = browser.post(paths.HM_SSO, data={"SAMLRequest": value, "RelayState": "state"}, base_url=BASE)
        place = urlsplit(answer.headers["Location"]).path if answer.status_code == 303 else ""
        token = _field(browser.get(place, base_url=BASE), "token")
        answer = browser.post(place, data={"token": token, "do": "choose", "ad": AD}, base_url=BASE)
        return Login(browser, _question(answer), _field(answer, "RelayState"))

    def authenticated(self) -> Login:
        """Somebody who has logged in and is at the register now."""
        login = self.begin()
        response = answer_of_ad(login)
        fields = {"SAMLResponse": base64.b64encode(response), "RelayState": login.relay_state}
        answer = login.browser.post(paths.HM_ACS_AD, data=fields, base_url=BASE)
        (said,) = etree.fromstring(response).iterfind(tag(SAML, "Assertion"))
        return Login(login.browser, _question(answer), _field(answer, "RelayState"), etree.tostring(said))


@contextmanager
def makelaar(folder: Path) -> Iterator[Makelaar]:
    """One that is put away afterwards."""
    running = Makelaar(folder)
    try:
        yield running
    finally:
        running.close()


def _by_post_only(name: str) -> bytes:
    return metadata_with(name, sign_on=(Endpoint(BINDING_POST, url_of(name, "sso")),))


def _field(answer: TestResponse, name: str) -> str:
    return str(html.fromstring(answer.data).xpath(f"string(//input[@name='{name}']/@value)"))


def _question(answer: TestResponse) -> str:
    message = etree.fromstring(base64.b64decode(_field(answer, "SAMLRequest")))
    return str(message.get("ID"))


def a_request() -> bytes:
    """An AuthnRequest of this moment."""
    return builders.signed_request(
        id=random_id(), issue_instant=system_clock(), destination=BASE + paths.HM_SSO
    )


def a_resolve() -> bytes:
    """An ArtifactResolve of this moment, for nothing that is there."""
    asked = ArtifactResolve(random_id(), system_clock(), DV, "AAQAAA==", BASE + paths.ARS)
    return wrap(make_artifact_resolve(asked, signer("dv")))


def answer_of_ad(login: Login) -> bytes:
    """The answer with which that person is known."""
    now = system_clock()
    frame = builders.a_frame(
        AD,
        id=random_id(),
        issue_instant=now,
        not_before=now,
        not_on_or_after=now + builders.TWO_MINUTES,
        audiences=(MAKELAAR.entity_id,),
        in_response_to=login.question,
        recipient=BASE + paths.HM_ACS_AD,
    )
    assertion = builders.ad_assertion(
        frame=frame, authn_instant=now, service_uuid=service_of("dv").service_uuid
    )
    return _response(login, AD, paths.HM_ACS_AD, assertion, "ad")


def answer_of_mr(login: Login) -> bytes:
    """The answer with which that person may act for a company."""
    now, rests_on = system_clock(), etree.fromstring(login.authentication)
    frame = builders.a_frame(
        MR,
        id=random_id(),
        issue_instant=now,
        not_before=now,
        not_on_or_after=now + builders.TWO_MINUTES,
    )
    service = service_of("dv")
    assertion = builders.mr_assertion(
        frame=frame,
        assertion_id_ref=rests_on.get("ID"),
        linked_signature_value=signature_value(login.authentication),
        service_id=service.service_id,
        service_uuid=service.service_uuid,
        level_asked=service.level,
        level_used=service.level,
    )
    return _response(login, MR, paths.HM_ACS_MR, assertion, "mr")


def _response(login: Login, issuer: str, consumer: str, assertion: bytes, key: str) -> bytes:
    response = builders.a_response(
        id=random_id(),
        issue_instant=system_clock(),
        in_response_to=login.question,
        issuer=issuer,
        destination=BASE + consumer,
    )
    return make_response(response, assertion, signer(key))
