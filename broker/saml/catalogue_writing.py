"""Writing the dienstencatalogus of one dienstverlener, as it is handed to a makelaar.

Afsprakenstelsel, Service catalog; the order of elements is fixed by its schema.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.services import Service
from broker.saml.build import boolean
from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.keys import Certificate
from broker.saml.keys import SigningKey
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import XML
from broker.saml.names import tag
from broker.saml.parsing import serialise
from broker.saml.signature import sign

_PREFIXES = {"esc": CATALOGUE, "md": MD, "ds": DS, "saml": SAML}
_PUBLIC = tag(CATALOGUE, "IsPublic")
_PORTAL = tag(CATALOGUE, "IsPortal")


@dataclass(frozen=True, slots=True)
class Offer:
    """A service with what the catalogue says of it to people: ``descriptions`` by language, never empty."""

    service: Service
    descriptions: Mapping[str, str]


def make_catalogue(
    offers: Sequence[Offer],
    *,
    makelaar: Oin,
    certificate: Certificate | None,
    catalogue_id: str,
    version: str,
    now: datetime,
    key: SigningKey | None,
) -> bytes:
    """The catalogue of the one dienstverlener whose services these are.

    ``certificate`` is what identifiers are encrypted for, None to leave that to the metadata; ``key`` signs, None
    leaves the catalogue unsigned; ``makelaar`` serves all services. ValueError when there is no service, or when they
    are of several dienstverleners.
    """
    if len({offer.service.dienstverlener for offer in offers}) != 1:
        raise ValueError("a catalogue is of one dienstverlener and has at least one service")
    root = etree.Element(tag(CATALOGUE, "ServiceCatalogue"), nsmap=_PREFIXES, ID=catalogue_id)
    root.set(tag(CATALOGUE, "IssueInstant"), instant(now))
    root.set(tag(CATALOGUE, "Version"), version)
    first = offers[0].service
    provider = child(root, CATALOGUE, "ServiceProvider", None, {_PUBLIC: boolean(True)})
    child(provider, CATALOGUE, "ServiceProviderID", first.dienstverlener.value)
    _texts(provider, "OrganizationDisplayName", first.dienstverlener_names)
    for offer in offers:
        if offer.service.is_defined:
            _definition(provider, offer, makelaar)
    for offer in offers:
        _instance(provider, offer.service, makelaar, certificate)
    if key is not None:
        sign(root, key, x509=True)
    return serialise(root)


def _definition(provider: etree._Element, offer: Offer, makelaar: Oin) -> None:
    service = offer.service
    definition = child(provider, CATALOGUE, "ServiceDefinition", None, {_PUBLIC: boolean(True)})
    child(definition, CATALOGUE, "ServiceUUID", service.service_uuid)
    _texts(definition, "ServiceName", service.names)
    _texts(definition, "ServiceDescription", offer.descriptions)
    child(definition, SAML, "AuthnContextClassRef", service.level.urn)
    child(definition, CATALOGUE, "HerkenningsmakelaarId", makelaar.value)
    _sets(definition, "EntityConcernedTypesAllowed", service.identifier_sets)
    _sets(definition, "ActingSubjectTypesAllowed", service.acting_sets)
    for restriction in sorted(service.restrictions_allowed):
        child(definition, CATALOGUE, "ServiceRestrictionsAllowed", restriction)
    for requested in service.requested_attributes:
        attributes = {"Name": requested.name, "isRequired": boolean(requested.is_required)}
        element = child(definition, CATALOGUE, "RequestedAttribute", None, attributes)
        _texts(element, "PurposeStatement", requested.purposes)


def _sets(parent: etree._Element, name: str, sets: tuple[tuple[IdentifierType, ...], ...]) -> None:
    """The sets, numbered in their order of preference."""
    for number, identifiers in enumerate(sets, start=1):
        for identifier in identifiers:
            child(parent, CATALOGUE, name, identifier.value, {"setNumber": str(number)})


def _instance(
    provider: etree._Element, service: Service, makelaar: Oin, certificate: Certificate | None
) -> None:
    portal = boolean(True) if service.is_portal else None
    attributes = {_PUBLIC: boolean(True), _PORTAL: portal}
    instance = child(provider, CATALOGUE, "ServiceInstance", None, attributes)
    child(instance, CATALOGUE, "ServiceID", service.service_id)
    child(instance, CATALOGUE, "ServiceUUID", service.instance_uuid)
    if service.is_defined:
        child(instance, CATALOGUE, "InstanceOfService", service.service_uuid)
    if service.intermediated_service:
        child(instance, CATALOGUE, "IntermediatedService", service.intermediated_service)
    child(instance, CATALOGUE, "HerkenningsmakelaarId", makelaar.value)
    child(instance, CATALOGUE, "SSOSupport", boolean(service.sso_support))
    if certificate is not None:
        holder = child(instance, CATALOGUE, "ServiceCertificate")
        key_info = child(child(holder, MD, "KeyDescriptor", None, {"use": "encryption"}), DS, "KeyInfo")
        child(key_info, DS, "KeyName", certificate.key_name)
        child(child(key_info, DS, "X509Data"), DS, "X509Certificate", certificate.base64())
    intermediation = {"intermediationAllowed": service.intermediation.value}
    allowed = child(instance, CATALOGUE, "ServiceIntermediation", None, intermediation)
    for oin in sorted(service.intermediaries):
        child(allowed, CATALOGUE, "ServiceIntermediationAllowed", oin.value)
    if service.classifiers:
        classifiers = child(instance, CATALOGUE, "Classifiers")
        for classifier in sorted(service.classifiers):
            child(classifiers, CATALOGUE, "Classifier", classifier)
    for uuid in service.portal_for:
        child(instance, CATALOGUE, "PortalForService", uuid)


def _texts(parent: etree._Element, name: str, texts: Mapping[str, str]) -> None:
    for lang, text in texts.items():
        child(parent, CATALOGUE, name, text, {tag(XML, "lang"): lang})
