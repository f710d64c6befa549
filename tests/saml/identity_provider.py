"""A plain SAML identity provider made by hand: metadata and answers as text, signed by python-xmlsec."""

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from lxml import etree

from broker.exchange.own import random_id
from tests.attacks.forging import fill
from tests.attacks.forging import forge
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.keys import certificate

ENTITY_ID = "https://idp.example.nl/metadata"
TWO_FACTOR = "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_NAMESPACES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def metadata(sign_on: str = "http://localhost:9/sso", *, more: str = "", name: str = "idp") -> bytes:
    """Its metadata, unsigned as products publish it; ``more`` are other roles."""
    return (
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
        f'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{ENTITY_ID}">{more}'
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data>'
        f"<ds:X509Certificate>{certificate(name).base64()}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" '
        f'Location="{sign_on}"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    ).encode()


def stamp(moment: datetime) -> str:
    """An xs:dateTime with milliseconds, as some products write it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


@dataclass(frozen=True)
class Answer:
    """A Response as it should be; ``replace`` fields to spoil it."""

    request_id: str
    recipient: str
    audience: str
    now: datetime
    person: str = "j.tester"
    context: str = TWO_FACTOR
    issuer: str = ENTITY_ID
    format: str = PERSISTENT
    status: str = "Success"
    attributes: str = ""
    confirmations: str | None = None
    lifetime: timedelta = timedelta(minutes=5)
    logged_in: timedelta = timedelta(0)
    sign: str = "assertion"
    key: str = "idp"
    signature_last: bool = False

    def assertion(self) -> bytes:
        """The Assertion, signed when ``sign`` says so."""
        name, until = random_id(), stamp(self.now + self.lifetime)
        text = (
            f'<saml:Assertion {_NAMESPACES} ID="{name}" Version="2.0" IssueInstant="{stamp(self.now)}">'
            f"<saml:Issuer>{self.issuer}</saml:Issuer>"
            f'<saml:Subject><saml:NameID Format="{self.format}">{self.person}</saml:NameID>'
            f"{self.confirmations or self.confirmation()}</saml:Subject>"
            f'<saml:Conditions NotBefore="{stamp(self.now)}" NotOnOrAfter="{until}"><saml:AudienceRestriction>'
            f"<saml:Audience>{self.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
            f'<saml:AuthnStatement AuthnInstant="{stamp(self.now + self.logged_in)}"><saml:AuthnContext>'
            f"<saml:AuthnContextClassRef>{self.context}</saml:AuthnContextClassRef></saml:AuthnContext>"
            f"</saml:AuthnStatement>{self.attributes}</saml:Assertion>"
        )
        if self.sign not in {"assertion", "both"}:
            return text.encode()
        return self._signed(text.encode(), name)

    def confirmation(self, **changes: str) -> str:
        """A bearer confirmation of this request, or of another."""
        until = changes.get("until", stamp(self.now + self.lifetime))
        return (
            '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml:SubjectConfirmationData InResponseTo="{changes.get("request_id", self.request_id)}" '
            f'Recipient="{changes.get("recipient", self.recipient)}" NotOnOrAfter="{until}"/>'
            "</saml:SubjectConfirmation>"
        )

    def response(self) -> bytes:
        """The whole Response."""
        name = random_id()
        inside = self.assertion().decode() if self.status == "Success" else ""
        text = (
            f'<samlp:Response {_NAMESPACES} ID="{name}" Version="2.0" IssueInstant="{stamp(self.now)}" '
            f'InResponseTo="{self.request_id}" Destination="{self.recipient}">'
            f"<saml:Issuer>{self.issuer}</saml:Issuer>"
            f'<samlp:Status><samlp:StatusCode Value="{_STATUS}{self.status}"/></samlp:Status>{inside}</samlp:Response>'
        )
        return self._signed(text.encode(), name) if self.sign in {"response", "both"} else text.encode()

    def _signed(self, message: bytes, name: str) -> bytes:
        if not self.signature_last:
            return forge(message, self.key, template(reference(f"#{name}")))
        root = etree.fromstring(message)
        signature = template(reference(f"#{name}"))
        root.append(signature)
        fill(signature, self.key)
        return bytes(etree.tostring(root))
