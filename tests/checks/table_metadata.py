"""Examples of the checks of metadata."""

import re

from broker.domain.connection import Profile
from broker.saml.policy import LIMITS
from tests.checks.examples import Example
from tests.checks.examples import beside
from tests.checks.examples import metadata
from tests.checks.examples import raw
from tests.checks.good import ENTITY_ID
from tests.checks.good import OIN
from tests.checks.good import SERVICE_ID
from tests.checks.good import key_info
from tests.checks.good import metadata_text
from tests.checks.good import signed

_ACS = (
    '<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact" '
    'Location="https://dv.example.nl/acs" index="0" isDefault="true"/>'
)
_SECOND = _ACS.replace('/acs"', '/acs2"').replace('index="0"', 'index="1"').replace(' isDefault="true"', "")
_SERVICE = "</md:AttributeConsumingService>"
_WHOLE = re.search(
    r"<md:AttributeConsumingService.*?</md:AttributeConsumingService>\n", metadata_text(), re.S
)
_REQUESTED = '<md:RequestedAttribute Name="urn:etoegang:1.9:attribute:FamilyName" isRequired="true"/>'
_LOGOUT = (
    '<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" '
    'Location="https://dv.example.nl/slo"/>\n'
)
_FORMAT = "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>\n"
_SIGNING = f'<md:KeyDescriptor use="signing">{key_info()}</md:KeyDescriptor>\n'


def _located(address: str) -> tuple[str, str]:
    return "https://dv.example.nl/acs", address


def _other_service(index: int, number: str = "8", default: str = "", name: str = 'xml:lang="nl"') -> str:
    return (
        f'\n<md:AttributeConsumingService index="{index}"{default}><md:ServiceName {name}>Tweede</md:ServiceName>'
        f'<md:RequestedAttribute Name="urn:etoegang:DV:{OIN}:services:{number}"/></md:AttributeConsumingService>'
    )


def _aggregate(entities: str, attributes: str = "") -> bytes:
    head = f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"{attributes}>'
    return f"{head}{entities}</md:EntitiesDescriptor>".encode()


def _entities(count: int) -> bytes:
    one = metadata_text()
    each = (one.replace('ID="_md"', f'ID="_{i}"').replace(":0001", f":000{i}", 1) for i in range(count))
    return _aggregate("".join(each))


def _twice() -> bytes:
    return _aggregate(metadata_text().replace('ID="_md"', "") * 2, ' ID="_md"')


def _altered() -> bytes:
    return signed(metadata_text()).replace(b"Gemeente Voorbeeld", b"Gemeente Anders")


def _weakly_signed() -> bytes:
    return signed(metadata_text()).replace(b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#rsa-sha1")


def _signed_by_name() -> bytes:
    return signed(metadata_text(), x509_data=False)


def _without_service() -> str:
    assert _WHOLE is not None
    return _WHOLE.group()


METADATA: dict[str, Example] = {
    "MD-001": raw("metadata", lambda: metadata_text()[:900].encode()),
    "MD-002": raw("metadata", lambda: b"<!DOCTYPE a>" + signed(metadata_text())),
    "MD-003": raw("metadata", lambda: metadata_text().replace("Voorbeeld", "Vóórbeeld").encode("latin-1")),
    "MD-004": raw("metadata", lambda: b"<a>" + b" " * LIMITS.metadata_bytes + b"</a>"),
    "MD-005": raw(
        "metadata", lambda: signed(metadata_text()).replace(b"<md:Organization>", b"<?pi?><md:Organization>")
    ),
    "MD-006": metadata(
        "<md:OrganizationURL", "<md:OrganizationUrl", "/md:OrganizationURL", "/md:OrganizationUrl"
    ),
    "MD-007": raw("metadata", lambda: b"<html/>"),
    "MD-008": raw("metadata", lambda: _entities(3)),
    "MD-009": metadata(
        "<md:Organization>",
        '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:AssertionConsumerService Binding="a" Location="https://b.nl" index="0"/></md:SPSSODescriptor>'
        "<md:Organization>",
    ),
    "MD-010": metadata('ID="_md"', 'ID="_md" validUntil="2026-11-01T00:00:00Z"'),
    "MD-011": metadata('ID="_md"', 'ID="_md" validUntil="2027-11-01T00:00:00"'),
    "MD-012": metadata('ID="_md"', 'ID="_md" eme:validFrom="2026-12-24T00:00:00Z"'),
    "MD-013": raw("metadata", _twice, "MD-021"),
    "MD-014": metadata("<md:AssertionConsumerService", f"{_FORMAT}<md:AssertionConsumerService"),
    "MD-015": metadata(ENTITY_ID, f"{ENTITY_ID} ", also="MD-016 RQ-015"),
    "MD-016": metadata(ENTITY_ID, "urn:voorbeeld:dv", also="RQ-015"),
    "MD-017": metadata(ENTITY_ID, "https://dv.example.nl/", also="MD-018 RQ-015"),
    "MD-018": metadata(ENTITY_ID, "https://dv.example.nl", also="RQ-015"),
    "MD-019": metadata(":DV:", ":AD:", also="RQ-015"),
    "MD-020": metadata(
        f'entityID="{ENTITY_ID}',
        f'entityID="{ENTITY_ID.replace(OIN, "5" * 20)}',
        also="MD-054 CE-013 DC-014 RQ-015",
    ),
    "MD-021": raw("metadata", lambda: metadata_text().encode()),
    "MD-022": raw("metadata", _altered),
    "MD-023": raw("metadata", _weakly_signed),
    "MD-025": raw("metadata", _signed_by_name),
    "MD-026": metadata(_SIGNING, "", also="MD-022 DC-012 RQ-020"),
    "MD-027": metadata(' use="encryption"', "", also="CE-023"),
    "MD-028": metadata(_SIGNING, _SIGNING * 3, also="CE-023"),
    "MD-029": metadata(_SIGNING, _SIGNING * 11, also="CE-023"),
    "MD-030": metadata('AuthnRequestsSigned="true"', 'AuthnRequestsSigned="false"'),
    "MD-031": metadata('WantAssertionsSigned="true"', ""),
    "MD-032": metadata("HTTP-Artifact", "HTTP-POST", also="MD-034", profile=Profile.V1_13),
    "MD-033": metadata("HTTP-Artifact", "SOAP", profile=Profile.SAML),
    "MD-034": metadata(_ACS, _ACS + _SECOND.replace("HTTP-Artifact", "HTTP-POST")),
    "MD-035": metadata(*_located("http://dv.example.nl/acs")),
    "MD-036": metadata(*_located("https://dv.example.nl/acs ")),
    "MD-037": metadata(*_located("http://localhost:8000/acs")),
    "MD-038": metadata(*_located("https://dv.example.nl:8443/acs")),
    "MD-039": metadata(*_located("https://ik:geheim@dv.example.nl/acs")),
    "MD-040": metadata(*_located("https://169.254.169.254/acs"), also="MD-041"),
    "MD-041": metadata(*_located("https://192.0.2.1/acs")),
    "MD-042": metadata(*_located("https://dv.example.nl/acs?tenant=1")),
    "MD-043": metadata(_ACS, _ACS + _SECOND.replace('index="1"', 'index="0"')),
    "MD-044": metadata(_ACS, _ACS.replace(' isDefault="true"', "") + _SECOND),
    "MD-045": metadata(_ACS, _ACS + _SECOND.replace("/>", ' isDefault="true"/>')),
    "MD-046": metadata(_ACS, _ACS + _SECOND.replace("/acs2", "/acs")),
    "MD-047": metadata(_without_service(), ""),
    "MD-048": metadata(f'<md:RequestedAttribute Name="{SERVICE_ID}"/>\n', ""),
    "MD-049": metadata(_SERVICE, _SERVICE + _other_service(7, "7"), also="MD-052"),
    "MD-050": metadata('7" isDefault="true"', '7"', _SERVICE, _SERVICE + _other_service(8), also="DC-057"),
    "MD-051": metadata(_SERVICE, _SERVICE + _other_service(8, "8", ' isDefault="true"'), also="DC-057"),
    "MD-052": metadata(_SERVICE, _SERVICE + _other_service(8, "7"), also="MD-053"),
    "MD-053": metadata('index="7"', 'index="9"', also="RQ-040"),
    "MD-054": metadata(SERVICE_ID, SERVICE_ID.replace(OIN, "00000099000000005000"), also="DC-057 DC-058"),
    "MD-055": metadata(SERVICE_ID, SERVICE_ID.replace(":7", ":007"), also="DC-057 DC-058"),
    "MD-056": metadata('<md:ServiceName xml:lang="nl"', '<md:ServiceName xml:lang="en"'),
    "MD-057": metadata("urn:etoegang:1.9:attribute:FamilyName", "urn:etoegang:1.9:EntityConcernedID:KvKnr"),
    "MD-058": metadata(
        "urn:etoegang:1.9:attribute:FamilyName", "urn:etoegang:1.13:attribute-intermediate:CompanyName"
    ),
    "MD-059": metadata("urn:etoegang:1.9:attribute:FamilyName", "urn:etoegang:1.9:attribute:Achternaam"),
    "MD-060": metadata(_REQUESTED, _REQUESTED * 2),
    "MD-061": metadata(
        "<md:Organization>",
        '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<md:SingleSignOnService Binding="a" Location="https://b.nl"/></md:IDPSSODescriptor><md:Organization>',
    ),
    "MD-062": metadata("<md:AssertionConsumerService", f"{_LOGOUT}<md:AssertionConsumerService"),
    "MD-063": metadata('DisplayName xml:lang="nl"', 'DisplayName xml:lang="en"'),
    "MD-064": metadata("<md:EmailAddress>", "<md:GivenName>Jan</md:GivenName><md:EmailAddress>"),
    "MD-065": metadata('ID="_md"', 'ID="_md" validUntil="2026-12-01T00:00:00Z"'),
    "MD-066": metadata('ID="_md"', 'ID="_md" validUntil="2026-11-24T00:00:00Z"', profile=Profile.SAML),
    "MD-067": metadata("SAML:2.0:protocol", "SAML:1.1:protocol"),
    "MD-068": metadata(' eme:version="1.13"', ""),
    "MD-069": metadata(' eme:version="1.13"', ' eme:version="1.11"', profile=Profile.V1_13),
    "MD-070": beside(keys=frozenset({"0" * 64})),
    "MD-071": metadata(">Gemeente Voorbeeld<", ">&lt;b&gt;Gemeente Voorbeeld<"),
    "MD-072": metadata(">Gemeente Voorbeeld<", ">Gemeente\u202e Voorbeeld<"),
    "MD-073": metadata(">Gemeente Voorbeeld<", f">{'x' * (LIMITS.name_characters + 1)}<"),
}
