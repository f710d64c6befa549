"""Publishing metadata: pysaml2's classes write it, since nobody waits for it; the signature is our own.

Afsprakenstelsel, HM metadata for DV and Metadata for participants; SAML metadata 2.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from saml2 import SamlBase
from saml2 import element_to_extension_element
from saml2 import md
from saml2 import saml
from saml2 import xmldsig
from saml2.extension import mdattr

from broker.domain.attributes import AskedAttribute
from broker.domain.levels import LevelOfAssurance
from broker.saml.keys import Certificate
from broker.saml.keys import SigningKey
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import INTERFACE_VERSION
from broker.saml.names import MD
from broker.saml.names import METADATA_EXTENSION
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.partner import Endpoint
from broker.saml.signature import sign

_ASSURANCE = "urn:oasis:names:tc:SAML:attribute:assurance-certification"
_URI_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
_FALSE, _TRUE = "false", "true"
_PREFIXES = {"md": MD, "ds": DS, "saml": SAML, "eme": METADATA_EXTENSION}


@dataclass(frozen=True, slots=True)
class Publication:
    """What a party says of itself.

    ``services`` maps an AttributeConsumingService index to (ServiceID, names by language), the first being the
    default; ``requested_attributes`` such an index to what it asks for; ``level`` is the highest
    betrouwbaarheidsniveau delivered; ``name_id_formats`` the identifier types; ``takes_ciphertext`` is whether
    others may encrypt for it; ``further_keys`` are certificates with which its signatures may be verified, beside that
    of the key that signs: the next one, or the one before; ``version`` that of the interface; ``contact`` the mailbox
    of a role, where others can ask. A party with ``sign_on`` gets an IDPSSODescriptor, one with
    ``assertion_consumers`` an SPSSODescriptor.
    """

    entity_id: str
    document_id: str
    names: Mapping[str, str]
    url: str
    sign_on: tuple[Endpoint, ...] = ()
    assertion_consumers: tuple[Endpoint, ...] = ()
    artifact_resolution: tuple[Endpoint, ...] = ()
    logout: tuple[Endpoint, ...] = ()
    services: Mapping[int, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    requested_attributes: Mapping[int, tuple[AskedAttribute, ...]] = field(default_factory=dict)
    level: LevelOfAssurance | None = None
    name_id_formats: tuple[str, ...] = ()
    catalogue_location: str | None = None
    takes_ciphertext: bool = True
    contact: str | None = None
    version: str = INTERFACE_VERSION
    further_keys: tuple[Certificate, ...] = ()


def make_metadata(publication: Publication, key: SigningKey) -> bytes:
    """The signed EntityDescriptor, with KeyName and certificate in KeyDescriptors for signing and encryption."""
    entity = md.EntityDescriptor(
        entity_id=publication.entity_id,
        id=publication.document_id,
        extensions=_assurance(publication.level),
        organization=_organization(publication),
        extension_attributes={tag(METADATA_EXTENSION, "version"): publication.version},
    )
    if publication.sign_on:
        entity.idpsso_descriptor = [_idp(publication, key)]
    if publication.assertion_consumers:
        entity.spsso_descriptor = [_sp(publication, key)]
    if publication.catalogue_location:
        location = md.AdditionalMetadataLocation(namespace=CATALOGUE, text=publication.catalogue_location)
        entity.additional_metadata_location = [location]
    if publication.contact:
        address = md.EmailAddress(text=f"mailto:{publication.contact}")
        entity.contact_person = [md.ContactPerson(contact_type="administrative", email_address=[address])]
    element = reparse(entity.to_string(nspair=_PREFIXES))
    sign(element, key, x509=True)
    return serialise(element)


def _idp(publication: Publication, key: SigningKey) -> md.IDPSSODescriptor:
    return md.IDPSSODescriptor(
        protocol_support_enumeration=SAMLP,
        want_authn_requests_signed=_TRUE,
        key_descriptor=_keys(publication, key),
        artifact_resolution_service=_indexed(md.ArtifactResolutionService, publication.artifact_resolution),
        single_logout_service=_logout(publication),
        name_id_format=[md.NameIDFormat(text=each) for each in publication.name_id_formats],
        single_sign_on_service=[
            md.SingleSignOnService(binding=endpoint.binding, location=endpoint.location)
            for endpoint in publication.sign_on
        ],
    )


def _sp(publication: Publication, key: SigningKey) -> md.SPSSODescriptor:
    return md.SPSSODescriptor(
        protocol_support_enumeration=SAMLP,
        authn_requests_signed=_TRUE,
        want_assertions_signed=_TRUE,
        key_descriptor=_keys(publication, key),
        artifact_resolution_service=_indexed(md.ArtifactResolutionService, publication.artifact_resolution),
        single_logout_service=_logout(publication),
        assertion_consumer_service=_indexed(md.AssertionConsumerService, publication.assertion_consumers),
        attribute_consuming_service=[
            md.AttributeConsumingService(
                index=str(index),
                is_default=_TRUE if position == 0 else _FALSE,
                service_name=[md.ServiceName(lang=lang, text=name) for lang, name in names.items()],
                requested_attribute=[
                    md.RequestedAttribute(name=service_id),
                    *_requested(publication.requested_attributes.get(index, ())),
                ],
            )
            for position, (index, (service_id, names)) in enumerate(publication.services.items())
        ],
    )


def _logout(publication: Publication) -> list[md.SingleLogoutService]:
    return [
        md.SingleLogoutService(
            binding=endpoint.binding,
            location=endpoint.location,
            response_location=endpoint.response_location,
        )
        for endpoint in publication.logout
    ]


def _requested(attributes: tuple[AskedAttribute, ...]) -> list[md.RequestedAttribute]:
    return [
        md.RequestedAttribute(name=each.name, is_required=_TRUE if each.is_required else _FALSE)
        for each in attributes
    ]


def _indexed(kind: type[SamlBase], endpoints: tuple[Endpoint, ...]) -> list[SamlBase]:
    return [
        kind(
            binding=endpoint.binding,
            location=endpoint.location,
            index=str(endpoint.index),
            is_default=_TRUE if endpoint.is_default else None,
        )
        for endpoint in endpoints
    ]


def _keys(publication: Publication, key: SigningKey) -> list[md.KeyDescriptor]:
    certificate = base64.b64encode(key.certificate_der).decode("ascii")
    # The one that signs comes first: some software reads no further.
    signing = [(key.key_name, certificate)]
    signing += [(each.key_name, each.base64()) for each in publication.further_keys]
    described = [_key("signing", *each) for each in signing]
    if publication.takes_ciphertext:
        described.append(_key("encryption", key.key_name, certificate))
    return described


def _key(use: str, name: str, certificate: str) -> md.KeyDescriptor:
    return md.KeyDescriptor(
        use=use,
        key_info=xmldsig.KeyInfo(
            key_name=[xmldsig.KeyName(text=name)],
            x509_data=[xmldsig.X509Data(x509_certificate=xmldsig.X509Certificate(text=certificate))],
        ),
    )


def _assurance(level: LevelOfAssurance | None) -> md.Extensions | None:
    if level is None:
        return None
    value = saml.AttributeValue(text=level.urn)
    attribute = saml.Attribute(name=_ASSURANCE, name_format=_URI_FORMAT, attribute_value=[value])
    attributes = mdattr.EntityAttributes(attribute=[attribute])
    return md.Extensions(extension_elements=[element_to_extension_element(attributes)])


def _organization(publication: Publication) -> md.Organization:
    names = publication.names.items()
    return md.Organization(
        organization_name=[md.OrganizationName(lang=lang, text=name) for lang, name in names],
        organization_display_name=[md.OrganizationDisplayName(lang=lang, text=name) for lang, name in names],
        organization_url=[md.OrganizationURL(lang=lang, text=publication.url) for lang, _ in names],
    )
