"""The embedded parties on disk, with a makelaar of the test's own that speaks to them in real messages."""

import re
from base64 import b64decode
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask import Response
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.assembly.onboarding import register
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.assembly.publication import publish
from broker.assembly.web import install
from broker.cli.setup import acquaintances
from broker.cli.setup import make_development_keys
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import system_clock
from broker.exchange.receiving import open_checked
from broker.network import authenticatiedienst
from broker.network import berichtenservice
from broker.network import dienstverlener
from broker.network import machtigingenregister
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.dienstverlener.catalogue import make_own_catalogue
from broker.network.dienstverlener.catalogue import offered_attributes
from broker.network.dienstverlener.catalogue import offered_services
from broker.network.world import TestPerson
from broker.network.world import persons
from broker.network.world import seed
from broker.ports import Role
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import write_authn_request
from broker.saml.catalogue import make_network_catalogue
from broker.saml.decision_query import DecisionQuery
from broker.saml.decision_query import write_decision_query
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.response import OpenedResponse
from broker.saml.signature import sign
from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from tests.box import free_box_ports

_MAKERS = {
    Role.AD: authenticatiedienst.create_app,
    Role.MR: machtigingenregister.create_app,
    Role.DV: dienstverlener.create_app,
    Role.EB: berichtenservice.create_app,
}

ACS_AD, ACS_MR, ACS_EB = 3, 4, 6
"""The makelaar's consumers by HTTP-POST, of answers by authenticatiedienst, register and eIDAS-berichtenservice."""


@dataclass(frozen=True)
class Installation:
    """All parties, seeded and acquainted; nobody serves anything but the makelaar, see ``served``."""

    settings: Settings
    parties: dict[str, Assembled]
    apps: dict[str, Flask] = field(default_factory=dict)

    def of(self, party: Party) -> Assembled:
        return self.parties[party.name]

    @property
    def makelaar(self) -> Assembled:
        return self.of(MAKELAAR)

    def browser(self, party: Party) -> FlaskClient:
        """A browser with cookies of its own, at the address of this party; the party itself is made once."""
        if party.name not in self.apps:
            self.apps[party.name] = _MAKERS[party.role](self.settings, party)
        client = self.apps[party.name].test_client()
        client.environ_base["HTTP_HOST"] = urlsplit(self.settings.url(party)).netloc
        return client

    def person(self, username: str) -> TestPerson:
        return next(person for person in persons(self.settings) if person.username == username)

    # What the makelaar asks

    def authn_request(self, party: Party = AD_SLEUTEL, **changes: Any) -> AuthnRequest:
        """A request for the third service, as the makelaar would send it."""
        own = self.makelaar.station.own
        values: dict[str, Any] = {
            "id": own.new_id(),
            "issue_instant": own.clock(),
            "issuer": own.entity_id,
            "destination": self.settings.url(party) + paths.AD_SSO,
            "acs_index": ACS_AD,
            "level": LevelOfAssurance.LOA3,
            "service_uuid": OFFERS[3].service.service_uuid,
            "intended_audience": GEMEENTE.entity_id,
        }
        return AuthnRequest(**(values | changes))

    def decision_query(
        self, party: Party, assertions: tuple[bytes, ...], subject_id: str, index: int = 3, **changes: Any
    ) -> DecisionQuery:
        """The question about a login for the service with this index."""
        own, service = self.makelaar.station.own, OFFERS[index].service
        values: dict[str, Any] = {
            "id": own.new_id(),
            "issue_instant": own.clock(),
            "issuer": own.entity_id,
            "destination": self.settings.url(party) + paths.MR_DECISION,
            "subject_id": subject_id,
            "service_id": service.service_id,
            "service_uuid": service.service_uuid,
            "level": LevelOfAssurance.LOA2,
            "intended_audience": GEMEENTE.entity_id,
            "assertions": assertions,
            "acs_index": ACS_MR,
        }
        return DecisionQuery(**(values | changes))

    def signed(self, message: AuthnRequest | DecisionQuery, signer: Party = MAKELAAR) -> bytes:
        """The message, signed by the makelaar or by whoever pretends to be it."""
        asked = (
            write_authn_request(message)
            if isinstance(message, AuthnRequest)
            else write_decision_query(message)
        )
        sign(asked, self.of(signer).signer)
        return serialise(asked)

    def form(self, message: AuthnRequest | DecisionQuery, signer: Party = MAKELAAR) -> dict[str, str]:
        """The fields of HTTP-POST that carry the message."""
        return {"SAMLRequest": b64encode(self.signed(message, signer)).decode(), "RelayState": "relay"}

    # What it hears

    def heard(self, page: TestResponse, party: Party) -> OpenedResponse:
        """The Response that a page posts to the makelaar, verified."""
        found = re.search(r'name="SAMLResponse" value="([^"]+)"', page.text)
        assert found is not None, page.text
        assert 'name="RelayState" value="relay"' in page.text
        partner = self.makelaar.station.partners.find(party.entity_id, party.role)
        return open_checked(parse(b64decode(found.group(1))), partner, 2 if party.role is Role.EB else 1)


def install_all(folder: Path) -> Installation:
    """Make keys, databases, metadata and the seeded world, and let all parties register each other."""
    settings = Settings(data=folder, port=free_box_ports())
    parties: dict[str, Assembled] = {}
    for party in PARTIES:
        make_development_keys(settings, party)
        publish(settings, party, *((offered_services(), offered_attributes()) if party is GEMEENTE else ()))
        parties[party.name] = assemble(settings, party)
    installation = Installation(settings, parties)
    for party in PARTIES:
        for other, path in acquaintances(party):
            name = "network.xml" if path == paths.NETWORK_METADATA else "metadata.xml"
            metadata = (settings.folder(other) / "published" / name).read_bytes()
            catalogue = make_own_catalogue(installation.of(GEMEENTE)) if other.role is Role.DV else None
            registry = installation.of(party).registry
            register(registry, other.role, metadata, catalogue, makelaar_oin=MAKELAAR.oin, now=system_clock())
    seed(settings, parties.values())
    return installation


@contextmanager
def served(installation: Installation) -> Iterator[None]:
    """Serve what parties ask of the makelaar on the back channel: artifacts and the dienstencatalogus."""
    app = Flask("makelaar of the test")
    install(app, installation.makelaar)

    def catalogue() -> Response:
        own = installation.makelaar.station.own
        partner = installation.makelaar.station.partners.find(GEMEENTE.entity_id, Role.DV)
        document = make_network_catalogue(
            [(make_own_catalogue(installation.of(GEMEENTE)), partner)],
            catalogue_id=own.new_id(),
            version="urn:etoegang:1.13:service-catalogue:T:1",
            now=own.clock(),
            key=own.key,
        )
        return Response(document, content_type="application/xml")

    app.add_url_rule(paths.CATALOGUE, "catalogue", catalogue)
    server = make_server("127.0.0.1", installation.settings.port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def token_on(page: TestResponse) -> str:
    """The anti-CSRF token in the forms of a page."""
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found.group(1)
