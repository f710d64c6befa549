"""django-digid-eherkenning as a running site, and beside it who answers what it resolves."""

import html
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from urllib.parse import urljoin

import requests
from lxml import html as pages

from broker.assembly import paths
from broker.domain.identifiers import IdentifierType
from broker.onboarding.snippets import Product
from broker.onboarding.snippets import newcomer
from broker.rehearsals.kinds import Kind
from broker.rehearsals.seen import Seen
from broker.saml.artifact import HANDLE_BYTES
from broker.saml.artifact import Artifact
from broker.saml.artifact import source_id
from broker.saml.artifact_resolution import make_artifact_response
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import BINDING_SOAP
from broker.saml.parsing import parse
from broker.saml.partner import Endpoint
from broker.saml.soap import unwrap
from broker.saml.soap import wrap
from broker.settings import MAKELAAR
from broker.settings import Settings
from tests.box import Box
from tests.interop import site
from tests.interop.behaviour import Behaviour
from tests.interop.behaviour import Did
from tests.interop.behaviour import certificate_in
from tests.interop.behaviour import printed_files
from tests.interop.behaviour import same_each_time
from tests.interop.behaviour import watch
from tests.keys import certificate
from tests.keys import signer
from tests.rehearsals.answers import Addressed
from tests.rehearsals.answers import new_id
from tests.rehearsals.answers import spoiled

_OIN = "00000099000000005200"
_RSIN = "900000015"
_INDEX = 1


def run() -> Behaviour:
    """What the package did with its own backend, which knows a company by its RSIN."""
    with _makelaar() as ours, site.running_site(ours.box, _OIN, site.STOCK, _set_up) as running:
        name = f"django-digid-eherkenning {version('django-digid-eherkenning')}"
        return Behaviour(Product.DJANGO, name, watch(_Visits(ours, running).give))


@dataclass
class _Makelaar:
    """Its metadata, and what comes of an artifact; nothing else of a makelaar."""

    box: Box
    messages: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.box.url(MAKELAAR)

    def metadata(self) -> bytes:
        publication = Publication(
            entity_id=MAKELAAR.entity_id,
            document_id=new_id(),
            names={"nl": "Makelaar"},
            url=self.url,
            sign_on=tuple(
                Endpoint(each, self.url + paths.HM_SSO) for each in (BINDING_POST, BINDING_REDIRECT)
            ),
            artifact_resolution=(Endpoint(BINDING_SOAP, self.url + paths.ARS, _INDEX, is_default=True),),
            further_keys=(certificate("next"),),
        )
        return make_metadata(publication, signer("hm"))

    def resolve(self, asked: bytes) -> bytes:
        resolve = unwrap(asked)
        answer = make_artifact_response(
            response_id=new_id(),
            in_response_to=resolve.get("ID", ""),
            now=_now(),
            issuer=MAKELAAR.entity_id,
            message=self.messages.pop(resolve.findtext("{*}Artifact", "")),
            key=signer("hm"),
        )
        return wrap(answer)


@contextmanager
def _makelaar() -> Iterator[_Makelaar]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(ours.metadata())

        def do_POST(self) -> None:
            self._answer(ours.resolve(self.rfile.read(int(self.headers["Content-Length"]))))

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what the site did is seen at the site."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        settings = Settings(port=server.server_port - MAKELAAR.port_offset)
        ours = _Makelaar(Box(settings, {}, {}))
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield ours
        finally:
            server.shutdown()
            thread.join()


def _set_up(box: Box, running: site.Site, environment: dict[str, str]) -> None:
    theirs = newcomer(running.entity_id, running.url)
    printed_files(box.settings, theirs, Product.DJANGO, Path(environment["SITE_FOLDER"]))
    site.set_up_as_printed(environment)


class _Visits:
    """Logins of people who never were here before."""

    def __init__(self, ours: _Makelaar, running: site.Site) -> None:
        self._ours = ours
        self._site = running
        self._certificate = certificate_in(running.output.parent / "dv.crt")

    def give(self, kind: Kind) -> Did:
        session = requests.Session()
        asked = pages.fromstring(session.get(self._site.login, timeout=20).content).forms[0].fields
        to = Addressed(
            us=self._site.entity_id,
            them=MAKELAAR.entity_id,
            acs=f"{self._site.url}/eherkenning/acs/",
            asked=parse(b64decode(asked["SAMLRequest"])).get("ID", ""),
            now=_now(),
            certificate=self._certificate,
            concerned=(IdentifierType.RSIN, _RSIN),
        )
        answer = spoiled(kind.id, to=to)
        did = self._take(session, answer.message, answer.relay_state)
        if kind.twice:
            did = self._take(requests.Session(), answer.message, answer.relay_state)
        return did

    def _take(self, session: requests.Session, message: bytes, relay_state: str | None) -> Did:
        artifact = Artifact(
            _INDEX, source_id(MAKELAAR.entity_id), new_id().encode().ljust(HANDLE_BYTES, b".")
        )
        self._ours.messages[artifact.encode()] = message
        parameters = {"SAMLart": artifact.encode()}
        if relay_state is not None:
            parameters["RelayState"] = relay_state
        before = len(self._site.log())
        answer = session.get(
            f"{self._site.url}/eherkenning/acs/", params=parameters, timeout=20, allow_redirects=False
        )
        assert artifact.encode() not in self._ours.messages, "it was resolved"
        if answer.status_code >= 500:
            return Did(Seen.BROKEN, f"HTTP {answer.status_code}")
        to = urljoin(answer.url, answer.headers["Location"])
        if not to.startswith(f"{self._site.url}/"):
            return Did(Seen.ELSEWHERE, to)
        shown = session.get(self._site.url, timeout=20).text
        if f"Logged in: RSIN {_RSIN}" in shown:
            return Did(Seen.LOGGED_IN)
        if "Logged in" in shown:
            return Did(Seen.LOGGED_IN_OTHERWISE)
        return Did(Seen.ERROR_PAGE, self._words(shown, before))

    def _words(self, shown: str, before: int) -> str:
        """The message on the page, and the reason in the log."""
        (message,) = re.findall(r'<p class="message[^"]*">([^<]*)</p>', shown)
        reasons = re.findall(r"ValidationError: (?:The Response .* error: )?(.*)", self._site.log()[before:])
        return same_each_time(f"{html.unescape(message)} In its log: {reasons[-1] if reasons else '-'}")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
