"""Examples of the checks of a captured AuthnRequest, and of servers."""

import zlib
from base64 import b64encode
from urllib.parse import quote_plus

from cryptography.hazmat.primitives.serialization import Encoding

from broker.saml.policy import LIMITS
from tests.checks.examples import Example
from tests.checks.examples import catalogue
from tests.checks.examples import raw
from tests.checks.examples import request
from tests.checks.examples import server
from tests.checks.good import DESTINATION
from tests.checks.good import ENTITY_ID
from tests.checks.good import REQUEST_TEXT
from tests.checks.good import made_certificate
from tests.checks.good import posted
from tests.checks.good import redirected
from tests.checks.good import signed

_ACS = 'AssertionConsumerServiceIndex="0"'
_URL = 'AssertionConsumerServiceURL="https://dv.example.nl/acs"'
_CONTEXT = "<samlp:RequestedAuthnContext"
_WHOLE_CONTEXT = REQUEST_TEXT[REQUEST_TEXT.index(_CONTEXT) : REQUEST_TEXT.index("</samlp:AuthnRequest>")]
_AFTER = "</samlp:RequestedAuthnContext>"


def _field(data: bytes) -> bytes:
    return b"SAMLRequest=" + quote_plus(b64encode(data).decode()).encode()


def _deflated() -> bytes:
    return _field(zlib.compress(signed(REQUEST_TEXT, x509_data=False), wbits=-15))


def _weakly_signed() -> bytes:
    data = signed(REQUEST_TEXT, x509_data=False)
    return _field(data.replace(b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#rsa-sha1"))


def _altered() -> bytes:
    return _field(signed(REQUEST_TEXT, x509_data=False).replace(b"Loket", b"Balie"))


def _scoped(text: str, also: str = "") -> Example:
    return request(_AFTER, f"{_AFTER}<samlp:Scoping{text}</samlp:Scoping>", also=also)


REQUEST: dict[str, Example] = {
    "RQ-001": raw("request", lambda: b"SAMLRequest=PHNh"),
    "RQ-002": raw("request", lambda: _field(b"<!DOCTYPE a>" + REQUEST_TEXT.encode())),
    "RQ-003": raw("request", lambda: _field(REQUEST_TEXT.replace("Loket", "Lokét").encode("latin-1"))),
    "RQ-004": raw("request", lambda: _field(b"<a>" + b" " * LIMITS.message_bytes + b"</a>")),
    "RQ-005": raw(
        "request", lambda: _field(REQUEST_TEXT.replace("<saml:Issuer", "<?pi?><saml:Issuer").encode())
    ),
    "RQ-006": request(
        "<saml:Issuer>", "<saml:Afzender>", "</saml:Issuer>", "</saml:Afzender>", also="RQ-015"
    ),
    "RQ-007": raw("request", lambda: b"<html/>"),
    "RQ-008": request('Version="2.0"', 'Version="1.1"'),
    "RQ-009": request('ID="_0c1f6f1e7f8c4a549d2b31c3f0a0e001"', f'ID="_{"0" * 200}"'),
    "RQ-010": request("2026-11-22T12:00:00Z", "2026-11-22T13:00:00+01:00"),
    "RQ-011": request("2026-11-22T12:00:00Z", "2026-11-22T12:00:00"),
    "RQ-012": request(f'Destination="{DESTINATION}"', ""),
    "RQ-013": request("hm.example.nl", "oud.example.nl"),
    "RQ-014": request("sso/1.13", "sso/1.11", also="RQ-013"),
    "RQ-015": request(ENTITY_ID, "urn:etoegang:DV:00000099000000005000:entities:0001"),
    "RQ-016": request(ENTITY_ID, f"{ENTITY_ID}/"),
    "RQ-017": request("<saml:Issuer>", '<saml:Issuer NameQualifier="a">'),
    "RQ-018": raw("request", lambda: _field(REQUEST_TEXT.encode())),
    "RQ-019": raw("request", _weakly_signed),
    "RQ-020": raw("request", _altered),
    "RQ-021": raw("request", lambda: posted(REQUEST_TEXT, x509_data=True)),
    "RQ-022": request(_ACS, f"{_ACS} {_URL}", also="RQ-023"),
    "RQ-023": request(_ACS, _URL),
    "RQ-024": request(_ACS, _URL.replace("/acs", "/acs/"), also="RQ-023"),
    "RQ-025": request(_ACS, _ACS.replace("0", "5")),
    "RQ-026": request(_ACS, f'{_ACS} ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"'),
    "RQ-027": request(
        _ACS, f'{_ACS} ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:PAOS"', also="RQ-026"
    ),
    "RQ-028": request(_CONTEXT, f'<samlp:NameIDPolicy AllowCreate="true"/>{_CONTEXT}'),
    "RQ-029": catalogue("Support>false", "Support>true"),
    "RQ-030": request('ForceAuthn="true"', 'ForceAuthn="true" IsPassive="true"'),
    "RQ-031": request(_CONTEXT, f"<saml:Subject><saml:NameID>a</saml:NameID></saml:Subject>{_CONTEXT}"),
    "RQ-032": request(_CONTEXT, f"<saml:Conditions/>{_CONTEXT}"),
    "RQ-033": _scoped(' ProxyCount="0">'),
    "RQ-034": request(_WHOLE_CONTEXT, ""),
    "RQ-035": request('Comparison="minimum"', 'Comparison="exact"'),
    "RQ-036": request(
        "urn:etoegang:core:assurance-class:loa3",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
    ),
    "RQ-037": request("assurance-class:loa3", "assurance-class:loa4"),
    "RQ-038": request("assurance-class:loa3", "assurance-class:loa1"),
    "RQ-039": request('AttributeConsumingServiceIndex="7" ', ""),
    "RQ-040": request('AttributeConsumingServiceIndex="7"', 'AttributeConsumingServiceIndex="8"'),
    "RQ-041": raw("request", lambda: posted(REQUEST_TEXT, "a" * 81)),
    "RQ-042": raw("request", lambda: posted(REQUEST_TEXT, "a" * 1025)),
    "RQ-043": request('ForceAuthn="true"', 'Consent="urn:oasis:names:tc:SAML:2.0:consent:obtained"'),
    "RQ-044": raw("request", _deflated),
    "RQ-045": raw("request", lambda: redirected(REQUEST_TEXT) + b"&SigAlg=a"),
    "RQ-046": raw("request", lambda: redirected(signed(REQUEST_TEXT, x509_data=False).decode())),
    "RQ-047": request("Loket", "Loket " * 20),
    "RQ-049": _scoped('><samlp:IDPList><samlp:IDPEntry ProviderID="sleutel"/></samlp:IDPList>'),
    "RQ-050": request("2026-11-22T12:00:00Z", "2026-11-22T12:30:00Z"),
}


def _server_certificate(days: tuple[int, int], bits: int = 2048) -> bytes:
    return made_certificate("server", days=days, bits=bits).public_bytes(Encoding.DER)


TLS: dict[str, Example] = {
    "TL-001": server(problem="unreachable"),
    "TL-002": server(problem="name", version="TLSv1.3"),
    "TL-003": server(problem="chain", version="TLSv1.3"),
    "TL-004": server(problem="expired", version="TLSv1.3"),
    "TL-005": server(version="TLSv1.3", certificate=_server_certificate((-60, 20))),
    "TL-006": server(version="TLSv1.1"),
    "TL-007": server(version="TLSv1.2"),
    "TL-008": server(problem="forbidden"),
    "TL-009": server(version="TLSv1.3", certificate=_server_certificate((-60, 200), 1024)),
}
