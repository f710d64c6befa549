"""Documents in which a check finds nothing: metadata, dienstencatalogus and a request of one dienstverlener.

Texts first, so that an example can change a few words in them; then signed. One element stands on a line, so that
lines can be pointed at.
"""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cache
from urllib.parse import quote_plus

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from cryptography.x509.oid import ObjectIdentifier
from lxml import etree

from broker.saml.keys import Certificate
from broker.saml.post import encode_post
from broker.saml.redirect import encode_redirect
from broker.saml.signature import sign
from broker.signers.files import FileSigner

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OIN = "00000099000000004000"
OTHER_OIN = "00000099000000005000"
MAKELAAR = "00000099000000001000"
ENTITY_ID = f"urn:etoegang:DV:{OIN}:entities:0001"
SERVICE_ID = f"urn:etoegang:DV:{OIN}:services:7"
DEFINITION = "4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d10"
INSTANCE = "0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7711"
DESTINATION = "https://hm.example.nl/broker/sso/1.13"
_ARTIFACT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
_KIND = "urn:etoegang:1.9:EntityConcernedID:"
_POLICY = ObjectIdentifier("2.16.528.1.1003.1.2.5.6")


def rsa_key(name: str = "dv", bits: int = 2048, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """The key of the party called ``name``: the same one within a run."""
    return _rsa_key(name, bits, exponent)


@cache
def _rsa_key(name: str, bits: int, exponent: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=exponent, key_size=bits)


@cache
def made_certificate(
    name: str = "dv",
    *,
    oin: str | None = OIN,
    issuer: str = "Example PKIoverheid CA",
    policy: ObjectIdentifier = _POLICY,
    days: tuple[int, int] = (-30, 400),
    bits: int = 2048,
    exponent: int = 65537,
    usage: tuple[bool, bool] = (True, True),
    curve: bool = False,
    authority: bool = False,
) -> x509.Certificate:
    """A certificate of the shape of PKIoverheid; ``days`` from NOW it begins and ends."""
    subject = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    subject += [] if oin is None else [x509.NameAttribute(NameOID.SERIAL_NUMBER, oin)]
    key = ec.generate_private_key(ec.SECP256R1()) if curve else rsa_key(name, bits, exponent)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.CertificatePolicies([x509.PolicyInformation(policy, None)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(usage[0], False, usage[1], False, False, False, False, False, False), critical=True
        )
    )
    return builder.sign(rsa_key("issuer"), hashes.SHA256())


def weak_certificate() -> x509.Certificate:
    """One that says it is signed with SHA-1, which no library makes any more; nobody checks that signature."""
    der = made_certificate("weak").public_bytes(Encoding.DER)
    sha256, sha1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    return x509.load_der_x509_certificate(der.replace(sha256, sha1))


@cache
def self_signed(name: str = "dv") -> x509.Certificate:
    """A certificate that nobody issued."""
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.SERIAL_NUMBER, OIN)]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(rsa_key(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=400))
        .sign(rsa_key(name), hashes.SHA256())
    )


@cache
def own_signer() -> FileSigner:
    """What signs the documents."""
    return FileSigner(rsa_key(), made_certificate())


def listed(certificate: x509.Certificate) -> Certificate:
    """Its base64 and fingerprint, also of one that the product would not use."""
    der = certificate.public_bytes(Encoding.DER)
    return Certificate(certificate.fingerprint(hashes.SHA256()).hex(), der, rsa_key().public_key())


def key_info(certificate: x509.Certificate | None = None, name: str | None = None) -> str:
    """A KeyInfo with KeyName (the fingerprint, unless another is given) and certificate."""
    of = listed(certificate or made_certificate())
    return (
        f"<ds:KeyInfo><ds:KeyName>{of.key_name if name is None else name}</ds:KeyName>"
        f"<ds:X509Data><ds:X509Certificate>{of.base64()}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    )


@cache
def metadata_text() -> str:
    """Good metadata, before it is signed."""
    return f"""<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
xmlns:eme="urn:etoegang:1.13:metadata-extension" ID="_md" entityID="{ENTITY_ID}" eme:version="1.13">
<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true"
protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<md:KeyDescriptor use="signing">{key_info()}</md:KeyDescriptor>
<md:KeyDescriptor use="encryption">{key_info()}</md:KeyDescriptor>
<md:AssertionConsumerService Binding="{_ARTIFACT}" Location="https://dv.example.nl/acs" index="0" isDefault="true"/>
<md:AttributeConsumingService index="7" isDefault="true">
<md:ServiceName xml:lang="nl">Vergunning aanvragen</md:ServiceName>
<md:RequestedAttribute Name="{SERVICE_ID}"/>
<md:RequestedAttribute Name="urn:etoegang:1.9:attribute:FamilyName" isRequired="true"/>
</md:AttributeConsumingService>
</md:SPSSODescriptor>
<md:Organization>
<md:OrganizationName xml:lang="nl">gemeente</md:OrganizationName>
<md:OrganizationDisplayName xml:lang="nl">Gemeente Voorbeeld</md:OrganizationDisplayName>
<md:OrganizationURL xml:lang="nl">https://dv.example.nl</md:OrganizationURL>
</md:Organization>
<md:ContactPerson contactType="technical"><md:EmailAddress>mailto:beheer@example.nl</md:EmailAddress></md:ContactPerson>
</md:EntityDescriptor>"""


@cache
def catalogue_text() -> str:
    """A good dienstencatalogus, before it is signed."""
    return f"""<esc:ServiceCatalogue xmlns:esc="urn:etoegang:1.13:service-catalog"
xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_sc1" esc:IssueInstant="2026-11-01T08:00:00Z"
esc:Version="urn:etoegang:1.13:service-catalogue:T:12">
<esc:ServiceProvider esc:IsPublic="true">
<esc:ServiceProviderID>{OIN}</esc:ServiceProviderID>
<esc:OrganizationDisplayName xml:lang="nl">Gemeente Voorbeeld</esc:OrganizationDisplayName>
<esc:OrganizationDisplayName xml:lang="en">Municipality of Example</esc:OrganizationDisplayName>
<esc:ServiceDefinition esc:IsPublic="true">
<esc:ServiceUUID>{DEFINITION}</esc:ServiceUUID>
<esc:ServiceName xml:lang="nl">Vergunning aanvragen</esc:ServiceName>
<esc:ServiceName xml:lang="en">Apply for a permit</esc:ServiceName>
<esc:ServiceDescription xml:lang="nl">Aanvragen en volgen van een vergunning</esc:ServiceDescription>
<saml:AuthnContextClassRef>urn:etoegang:core:assurance-class:loa3</saml:AuthnContextClassRef>
<esc:HerkenningsmakelaarId>{MAKELAAR}</esc:HerkenningsmakelaarId>
<esc:EntityConcernedTypesAllowed setNumber="1">{_KIND}RSIN</esc:EntityConcernedTypesAllowed>
<esc:EntityConcernedTypesAllowed setNumber="1">{_KIND}KvKnr</esc:EntityConcernedTypesAllowed>
<esc:EntityConcernedTypesAllowed setNumber="2">{_KIND}KvKnr</esc:EntityConcernedTypesAllowed>
<esc:ServiceRestrictionsAllowed>urn:etoegang:1.9:ServiceRestriction:Vestigingsnr</esc:ServiceRestrictionsAllowed>
<esc:RequestedAttribute Name="urn:etoegang:1.9:attribute:FamilyName" isRequired="true">
<esc:PurposeStatement xml:lang="nl">Om te weten wie aanvraagt</esc:PurposeStatement>
</esc:RequestedAttribute>
</esc:ServiceDefinition>
<esc:ServiceInstance esc:IsPublic="true">
<esc:ServiceID>{SERVICE_ID}</esc:ServiceID>
<esc:ServiceUUID>{INSTANCE}</esc:ServiceUUID>
<esc:InstanceOfService>{DEFINITION}</esc:InstanceOfService>
<esc:ServiceURL xml:lang="nl">https://dv.example.nl/vergunning</esc:ServiceURL>
<esc:PrivacyPolicyURL xml:lang="nl">https://dv.example.nl/privacy</esc:PrivacyPolicyURL>
<esc:HerkenningsmakelaarId>{MAKELAAR}</esc:HerkenningsmakelaarId>
<esc:SSOSupport>false</esc:SSOSupport>
</esc:ServiceInstance>
</esc:ServiceProvider>
</esc:ServiceCatalogue>"""


REQUEST_TEXT = f"""<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"
ID="_0c1f6f1e7f8c4a549d2b31c3f0a0e001" Version="2.0" IssueInstant="2026-11-22T12:00:00Z"
Destination="{DESTINATION}" ForceAuthn="true" AssertionConsumerServiceIndex="0"
AttributeConsumingServiceIndex="7" ProviderName="Loket">
<saml:Issuer>{ENTITY_ID}</saml:Issuer>
<samlp:RequestedAuthnContext Comparison="minimum">
<saml:AuthnContextClassRef>urn:etoegang:core:assurance-class:loa3</saml:AuthnContextClassRef>
</samlp:RequestedAuthnContext>
</samlp:AuthnRequest>"""
"""A good request, before it is signed."""


def signed(text: str, *, x509_data: bool = True) -> bytes:
    """The document with a signature; what cannot be parsed is left as it is."""
    try:
        root = etree.fromstring(text.encode())
    except etree.XMLSyntaxError:
        return text.encode()
    sign(root, own_signer(), x509=x509_data)
    return etree.tostring(root)


def posted(text: str, relay_state: str | None = "abc", *, x509_data: bool = False) -> bytes:
    """The request as the body of a form."""
    body = f"SAMLRequest={quote_plus(encode_post(signed(text, x509_data=x509_data)))}"
    return (body if relay_state is None else f"{body}&RelayState={quote_plus(relay_state)}").encode()


def redirected(text: str, relay_state: str | None = None) -> bytes:
    """The request as the address that a browser was sent to."""
    return (
        f"{DESTINATION}?{encode_redirect('SAMLRequest', text.encode(), relay_state, own_signer())}".encode()
    )
