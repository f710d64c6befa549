"""Metadata and catalogues as dienstverleners hand them over, one element to a line, so that lines can be pointed at."""

from datetime import UTC
from datetime import datetime

from tests.keys import certificate
from tests.saml.builders import DV
from tests.saml.builders import SERVICE_ID
from tests.saml.builders import SERVICE_UUID

NOW = datetime(2025, 3, 3, tzinfo=UTC)
MAKELAAR = "00000099000000001000"
INSTANCE = "0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7711"


def key_descriptor(name: str = "dv", use: str | None = None) -> str:
    """A KeyDescriptor, for both uses unless one is named."""
    attribute = f' use="{use}"' if use else ""
    key = certificate(name)
    return (
        f"<md:KeyDescriptor{attribute}><ds:KeyInfo><ds:KeyName>{key.key_name}</ds:KeyName><ds:X509Data>"
        f"<ds:X509Certificate>{key.base64()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


_HEAD = (
    '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
    'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" '
    'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_md"'
)
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ACS = (
    '<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact" '
    'Location="https://dv.example.nl/acs" index="1"/>'
)
SERVICE = (
    '<md:AttributeConsumingService index="7" isDefault="1"><md:ServiceName xml:lang="nl">Vergunning</md:ServiceName>'
    f'<md:RequestedAttribute Name="{SERVICE_ID}"/></md:AttributeConsumingService>'
)
ORGANISATION = (
    '<md:Organization><md:OrganizationName xml:lang="nl">g</md:OrganizationName>'
    '<md:OrganizationDisplayName xml:lang="nl">Gemeente Voorbeeld</md:OrganizationDisplayName>'
    '<md:OrganizationURL xml:lang="nl">https://dv.example.nl</md:OrganizationURL></md:Organization>'
)


def dv_metadata(
    *,
    entity_id: str = DV,
    attributes: str = "",
    flags: str = 'AuthnRequestsSigned="1" WantAssertionsSigned="true"',
    keys: str | None = None,
    before: str = "",
    consumers: str = ACS,
    services: str = SERVICE,
) -> bytes:
    """EntityDescriptor on line 1, SPSSODescriptor 2, keys 3, what comes before 4, consumers 5, services 6."""
    lines = [
        f'{_HEAD} entityID="{entity_id}" {attributes}>',
        f'<md:SPSSODescriptor protocolSupportEnumeration="{PROTOCOL}" {flags}>',
        key_descriptor() if keys is None else keys,
        before,
        consumers,
        services,
        "</md:SPSSODescriptor>",
        ORGANISATION,
        "</md:EntityDescriptor>",
    ]
    return "\n".join(lines).encode()


def ad_metadata(level: str | None = "loa3", *, sign_on: bool = True) -> bytes:
    """An authenticatiedienst with a certified level."""
    extensions = (
        '<md:Extensions><attr:EntityAttributes xmlns:attr="urn:oasis:names:tc:SAML:metadata:attribute">'
        '<saml:Attribute Name="urn:oasis:names:tc:SAML:attribute:assurance-certification">'
        f"<saml:AttributeValue>urn:etoegang:core:assurance-class:{level}</saml:AttributeValue>"
        "</saml:Attribute></attr:EntityAttributes></md:Extensions>"
    )
    service = (
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
        'Location="https://ad.example.nl/sso"/>'
    )
    other = '<md:SingleSignOnService Binding="urn:x" Location="https://ad.example.nl/x"/>'
    return "\n".join(
        [
            f'{_HEAD} entityID="urn:etoegang:AD:00000099000000002000:entities:0001">{extensions if level else ""}',
            f'<md:IDPSSODescriptor protocolSupportEnumeration="{PROTOCOL}">',
            key_descriptor("ad", "signing"),
            service if sign_on else other.replace("SingleSignOnService", "SingleLogoutService"),
            "</md:IDPSSODescriptor>",
            "</md:EntityDescriptor>",
        ]
    ).encode()


_ESC = (
    '<esc:ServiceCatalogue xmlns:esc="urn:etoegang:1.13:service-catalog" '
    'xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" '
    'xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" '
    'esc:IssueInstant="2025-03-03T00:00:00Z" esc:Version="1"'
)
CONCERNED = "".join(
    f'<esc:EntityConcernedTypesAllowed setNumber="{number}">urn:etoegang:1.9:EntityConcernedID:{kind}'
    "</esc:EntityConcernedTypesAllowed>"
    for number, kind in ((2, "KvKnr"), (1, "RSIN"), (1, "KvKnr"))
)


def definition(
    uuid: str = SERVICE_UUID,
    level: str = "loa3",
    concerned: str = CONCERNED,
    more: str = "",
    lang: str = "nl",
) -> str:
    """A ServiceDefinition on one line."""
    return (
        f'<esc:ServiceDefinition esc:IsPublic="true"><esc:ServiceUUID>{uuid}</esc:ServiceUUID>'
        f'<esc:ServiceName xml:lang="{lang}">Vergunning</esc:ServiceName>'
        '<esc:ServiceDescription xml:lang="nl">x</esc:ServiceDescription>'
        f"<saml:AuthnContextClassRef>urn:etoegang:core:assurance-class:{level}</saml:AuthnContextClassRef>"
        f"<esc:HerkenningsmakelaarId>{MAKELAAR}</esc:HerkenningsmakelaarId>{concerned}{more}</esc:ServiceDefinition>"
    )


def instance(
    service_id: str = SERVICE_ID,
    of: str = SERVICE_UUID,
    makelaar: str = MAKELAAR,
    more: str = "",
    portal: str = "",
) -> str:
    """A ServiceInstance on one line."""
    return (
        f'<esc:ServiceInstance esc:IsPublic="true"{portal}><esc:ServiceID>{service_id}</esc:ServiceID>'
        f"<esc:ServiceUUID>{INSTANCE}</esc:ServiceUUID><esc:InstanceOfService>{of}</esc:InstanceOfService>"
        f"<esc:HerkenningsmakelaarId>{makelaar}</esc:HerkenningsmakelaarId>{more}</esc:ServiceInstance>"
    )


def catalogue(
    *,
    attributes: str = 'ID="_dc"',
    provider: str = "00000099000000004000",
    definitions: str | None = None,
    instances: str | None = None,
    more: str = "",
) -> bytes:
    """ServiceCatalogue on line 1, ServiceProvider 2, name 3, definitions 4, instances 5."""
    lines = [
        f"{_ESC} {attributes}>",
        f'<esc:ServiceProvider esc:IsPublic="true"><esc:ServiceProviderID>{provider}</esc:ServiceProviderID>',
        '<esc:OrganizationDisplayName xml:lang="nl">Gemeente Voorbeeld</esc:OrganizationDisplayName>',
        definition() if definitions is None else definitions,
        instance() if instances is None else instances,
        "</esc:ServiceProvider>",
        more,
        "</esc:ServiceCatalogue>",
    ]
    return "\n".join(lines).encode()
