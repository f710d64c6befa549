"""The elements of a dienstencatalogus that somebody filled in, in the order of the schema (Afsprakenstelsel, Service
catalog).
"""

from datetime import datetime

from lxml import etree

from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue import DefinitionForm
from broker.domain.catalogue import InstanceForm
from broker.domain.catalogue import Sets
from broker.domain.catalogue import Texts
from broker.domain.levels import LevelOfAssurance
from broker.saml.build import boolean
from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import XML
from broker.saml.names import tag

_PREFIXES = {"esc": CATALOGUE, "md": MD, "ds": DS, "saml": SAML}


def form_to_element(form: CatalogueForm, *, catalogue_id: str, version: str, now: datetime) -> etree._Element:
    """The unsigned ServiceCatalogue of a form; nothing is judged. ValueError for a text that XML cannot hold."""
    root = etree.Element(tag(CATALOGUE, "ServiceCatalogue"), nsmap=_PREFIXES, ID=catalogue_id)
    root.set(tag(CATALOGUE, "IssueInstant"), instant(now))
    root.set(tag(CATALOGUE, "Version"), version)
    provider = child(root, CATALOGUE, "ServiceProvider", None, _flags(form.is_public))
    child(provider, CATALOGUE, "ServiceProviderID", form.oin)
    _texts(provider, "OrganizationDisplayName", form.names)
    for definition in form.definitions:
        _definition(provider, definition)
    for instance in form.instances:
        _instance(provider, instance)
    return root


def _definition(provider: etree._Element, form: DefinitionForm) -> None:
    element = child(provider, CATALOGUE, "ServiceDefinition", None, _flags(form.is_public, form.is_portal))
    child(element, CATALOGUE, "ServiceUUID", form.uuid)
    _texts(element, "ServiceName", form.names)
    _texts(element, "ServiceDescription", form.descriptions)
    _texts(element, "ServiceDescriptionURL", form.urls)
    child(element, SAML, "AuthnContextClassRef", _level(form.level))
    child(element, CATALOGUE, "HerkenningsmakelaarId", form.makelaar)
    _sets(element, "EntityConcernedTypesAllowed", form.identifier_sets)
    _sets(element, "ActingSubjectTypesAllowed", form.acting_sets)
    _each(element, "ServiceRestrictionsAllowed", form.restrictions)
    for attribute in form.attributes:
        named = {"Name": attribute.name, "isRequired": boolean(attribute.required)}
        _texts(
            child(element, CATALOGUE, "RequestedAttribute", None, named),
            "PurposeStatement",
            attribute.purposes,
        )


def _instance(provider: etree._Element, form: InstanceForm) -> None:
    element = child(provider, CATALOGUE, "ServiceInstance", None, _flags(form.is_public, form.is_portal))
    child(element, CATALOGUE, "ServiceID", form.service_id)
    child(element, CATALOGUE, "ServiceUUID", form.uuid)
    _each(element, "InstanceOfService", (form.definition,))
    _each(element, "IntermediatedService", (form.intermediated_service,))
    _texts(element, "ServiceURL", form.urls)
    _texts(element, "PrivacyPolicyURL", form.privacy_urls)
    child(element, CATALOGUE, "HerkenningsmakelaarId", form.makelaar)
    _each(element, "AdditionalHerkenningsmakelaarId", form.additional_makelaars)
    if form.sso_support is not None:
        child(element, CATALOGUE, "SSOSupport", boolean(form.sso_support))
    _sets(element, "EntityConcernedTypesAllowed", form.identifier_sets)
    for certificate in form.certificates:
        holder = child(element, CATALOGUE, "ServiceCertificate")
        key_info = child(child(holder, MD, "KeyDescriptor", None, {"use": "encryption"}), DS, "KeyInfo")
        if certificate.key_name:
            child(key_info, DS, "KeyName", certificate.key_name)
        child(child(key_info, DS, "X509Data"), DS, "X509Certificate", certificate.certificate)
    if form.intermediation or form.intermediaries:
        allowed = {"intermediationAllowed": form.intermediation or None}
        holder = child(element, CATALOGUE, "ServiceIntermediation", None, allowed)
        _each(holder, "ServiceIntermediationAllowed", form.intermediaries)
    if any(form.classifiers):
        _each(child(element, CATALOGUE, "Classifiers"), "Classifier", form.classifiers)
    _each(element, "BsnkStructureVersion", (form.bsnk_structure_version,))
    _each(element, "BsnkRecipientKeySetVersion", (form.bsnk_key_set_version,))
    _each(element, "PortalForService", form.portal_for)


def _level(text: str) -> str:
    try:
        return LevelOfAssurance.from_short(text).urn
    except ValueError:
        return text


def _flags(is_public: bool, is_portal: bool = False) -> dict[str, str | None]:
    return {
        tag(CATALOGUE, "IsPublic"): boolean(is_public),
        tag(CATALOGUE, "IsPortal"): boolean(True) if is_portal else None,
    }


def _each(parent: etree._Element, name: str, texts: tuple[str, ...]) -> None:
    """An element for each text that is not empty."""
    for text in filter(None, texts):
        child(parent, CATALOGUE, name, text)


def _texts(parent: etree._Element, name: str, texts: Texts) -> None:
    for lang, text in texts.items():
        if text:
            child(parent, CATALOGUE, name, text, {tag(XML, "lang"): lang})


def _sets(parent: etree._Element, name: str, sets: Sets) -> None:
    """The sets, numbered in their order of preference."""
    for number, identifiers in enumerate((each for each in sets if any(each)), start=1):
        for identifier in filter(None, identifiers):
            child(parent, CATALOGUE, name, identifier, {"setNumber": str(number)})
