"""A dienstverlener made by hand: it writes its messages as text and signs them with python-xmlsec, in process."""

import base64
import re
import subprocess
import tempfile
import zlib
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from pathlib import Path
from urllib.parse import quote
from urllib.parse import quote_plus
from xml.sax.saxutils import quoteattr

import requests

from broker.assembly import paths
from broker.domain.services import Service
from broker.exchange.own import random_id
from broker.saml.partner import Endpoint
from broker.settings import MAKELAAR
from tests.attacks.forging import forge
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.box import Box
from tests.journeys import documents
from tests.journeys.received import Received
from tests.keys import signer

SIG_ALG = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_ACTION = {"SOAPAction": '"http://www.oasis-open.org/committees/security"'}
_NAMESPACES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)


def stamp(moment: datetime | None = None) -> str:
    """An IssueInstant; of this moment by default."""
    return (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


def lower_hex(value: str) -> str:
    """Percent-encoding with lower-case digits, as .NET writes it."""
    return re.sub("%[0-9A-F]{2}", lambda found: found.group().lower(), quote_plus(value))


def percent_space(value: str) -> str:
    """Percent-encoding with ``%20`` for a space, as JavaScript writes it."""
    return quote(value, safe="")


@dataclass(frozen=True)
class Request:
    """An AuthnRequest before it is signed."""

    id: str
    text: str


@dataclass
class ForeignDv:
    """A connected dienstverlener with an own key; ``received`` holds every answer it was given.

    ``logout`` is where it awaits answers to a LogoutRequest; ``offered`` are its services.
    """

    box: Box
    name: str
    oin: str
    url: str = "http://localhost:9"
    logout: tuple[Endpoint, ...] = ()
    offered: tuple[int, ...] = documents.EVERY
    received: list[Received] = field(default_factory=list)
    options: tuple[str, ...] = ()
    services: Mapping[int, Service] | None = None
    """What it offers instead of one for each rule in ``offered``."""

    @property
    def entity_id(self) -> str:
        """Its EntityID."""
        return f"urn:etoegang:DV:{self.oin}:entities:9001"

    @property
    def sso(self) -> str:
        """Where it sends people."""
        return self.box.url(MAKELAAR) + (paths.HM_SSO_1_11 if "1.11" in self.options else paths.HM_SSO)

    @property
    def slo(self) -> str:
        """Where it sends people to log out."""
        return self.box.url(MAKELAAR) + paths.HM_SLO

    @property
    def ars(self) -> str:
        """Where it resolves artifacts."""
        return self.box.url(MAKELAAR) + paths.ARS

    def connect(self) -> None:
        """Become known to the makelaar, by the command line."""
        done = self.add(*self.options)
        assert done.returncode == 0, done.stderr

    def add(self, *options: str) -> subprocess.CompletedProcess[str]:
        """What becomes of an attempt at that."""
        with tempfile.TemporaryDirectory() as folder:
            metadata, catalogue = Path(folder) / "metadata.xml", Path(folder) / "catalogue.xml"
            metadata.write_bytes(self.metadata())
            catalogue.write_bytes(documents.catalogue(self.name, self.oin, self.offered, self.services))
            return self.box.command("dv", "add", str(metadata), "--catalogue", str(catalogue), *options)

    def metadata(self) -> bytes:
        """What it hands over of itself."""
        offered = tuple(self.services or self.offered)
        return documents.metadata(self.name, self.oin, self.url, self.logout, offered)

    def disconnect(self) -> None:
        """Be forgotten."""
        assert self.box.command("dv", "remove", self.entity_id).returncode == 0

    def ask(
        self,
        service: int | None = documents.DEFAULT,
        *,
        level: str | None = None,
        inside: str = "",
        issuer: str | None = None,
        **attributes: str | None,
    ) -> Request:
        """A request; ``attributes`` replace those it has, None leaves one out; ``inside`` follows Issuer."""
        values = {
            "ID": random_id(),
            "Version": "2.0",
            "IssueInstant": stamp(),
            "Destination": self.sso,
            "ForceAuthn": "true",
            "AttributeConsumingServiceIndex": None if service is None else str(service),
            **attributes,
        }
        if level is not None:
            urn = f"urn:etoegang:core:assurance-class:{level}"
            context = f"<saml:AuthnContextClassRef>{urn}</saml:AuthnContextClassRef>"
            inside += (
                f'<samlp:RequestedAuthnContext Comparison="minimum">{context}</samlp:RequestedAuthnContext>'
            )
        written = " ".join(
            f"{name}={quoteattr(value)}" for name, value in values.items() if value is not None
        )
        sender = f"<saml:Issuer>{issuer or self.entity_id}</saml:Issuer>"
        text = f"<samlp:AuthnRequest {_NAMESPACES} {written}>{sender}{inside}</samlp:AuthnRequest>"
        return Request(values["ID"] or "", text)

    def ask_to_log_out(
        self, name_id: str, *indexes: str, inside: str | None = None, **attributes: str | None
    ) -> Request:
        """A LogoutRequest; ``attributes`` replace those it has, None leaves one out; ``inside`` replaces NameID."""
        values = {
            "ID": random_id(),
            "Version": "2.0",
            "IssueInstant": stamp(),
            "Destination": self.slo,
            **attributes,
        }
        written = " ".join(
            f"{name}={quoteattr(value)}" for name, value in values.items() if value is not None
        )
        subject = inside or f"<saml:NameID>{name_id}</saml:NameID>"
        sessions = "".join(f"<samlp:SessionIndex>{index}</samlp:SessionIndex>" for index in indexes)
        sender = f"<saml:Issuer>{self.entity_id}</saml:Issuer>"
        text = (
            f"<samlp:LogoutRequest {_NAMESPACES} {written}>{sender}{subject}{sessions}</samlp:LogoutRequest>"
        )
        return Request(values["ID"] or "", text)

    def sign(self, text: str | bytes, identifier: str, key: str | None = None) -> bytes:
        """Sign a message, by another key when one is named."""
        data = text.encode() if isinstance(text, str) else text
        return forge(data, key or self.name, template(reference(f"#{identifier}")))

    def form(
        self, request: Request, relay_state: str | None = None, key: str | None = None
    ) -> dict[str, str]:
        """The fields of HTTP-POST."""
        fields = {"SAMLRequest": base64.b64encode(self.sign(request.text, request.id, key)).decode()}
        return fields if relay_state is None else {**fields, "RelayState": relay_state}

    def query(
        self,
        request: Request,
        relay_state: str | None = None,
        escape: Callable[[str], str] = quote_plus,
        key: str | None = None,
    ) -> str:
        """The signed query string of HTTP-Redirect."""
        squeeze = zlib.compressobj(wbits=-15)
        deflated = squeeze.compress(request.text.encode()) + squeeze.flush()
        parts = [f"SAMLRequest={escape(base64.b64encode(deflated).decode())}"]
        if relay_state is not None:
            parts.append(f"RelayState={escape(relay_state)}")
        signed = "&".join([*parts, f"SigAlg={escape(SIG_ALG)}"])
        value = base64.b64encode(signer(key or self.name).sign(signed.encode())).decode()
        return f"{signed}&Signature={escape(value)}"

    def resolve_message(
        self, artifact: str, *, key: str | None = None, moment: datetime | None = None
    ) -> bytes:
        """A signed ArtifactResolve."""
        name = random_id()
        text = (
            f'<samlp:ArtifactResolve {_NAMESPACES} ID="{name}" Version="2.0" IssueInstant="{stamp(moment)}">'
            f"<saml:Issuer>{self.entity_id}</saml:Issuer><samlp:Artifact>{artifact}</samlp:Artifact></samlp:ArtifactResolve>"
        )
        return self.sign(text, name, key)

    def envelope(self, message: bytes) -> bytes:
        """A message in SOAP."""
        envelope = b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>'
        return envelope % message

    def soap(self, message: bytes, content_type: str = "text/xml; charset=utf-8") -> requests.Response:
        """Send a message over the back channel."""
        headers = {"Content-Type": content_type, **_ACTION}
        return requests.post(self.ars, data=self.envelope(message), headers=headers, timeout=20)

    def resolve(self, artifact: str) -> Received:
        """What the makelaar gives for an artifact; kept."""
        received = Received(self.soap(self.resolve_message(artifact)), self.name)
        self.received.append(received)
        return received
