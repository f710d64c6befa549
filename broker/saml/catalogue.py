"""The dienstencatalogus: reading that of one dienstverlener, and publishing that of all.

Afsprakenstelsel, Service catalog.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from lxml import etree

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.domain.portals import services_behind
from broker.domain.services import Intermediation
from broker.domain.services import RequestedAttribute
from broker.domain.services import Service
from broker.saml.attribute_rules import check_agreement
from broker.saml.attribute_rules import check_declared
from broker.saml.build import Embedding
from broker.saml.build import instant
from broker.saml.catalogue_certificates import certificates_in
from broker.saml.encryption import Recipient
from broker.saml.errors import InvalidSignature
from broker.saml.findings import Report
from broker.saml.keys import Certificate
from broker.saml.keys import SigningKey
from broker.saml.metadata import parse_document
from broker.saml.metadata import service_id_parts
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import XML
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.partner import Partner
from broker.saml.policy import LIMITS
from broker.saml.reading import display_text
from broker.saml.reading import flag
from broker.saml.schema import validate
from broker.saml.signature import sign
from broker.saml.signature import verify

_RULES = "Afsprakenstelsel, Service catalog"
_SERVICE_ID_RULES = "Afsprakenstelsel, ServiceID"


class _Intermediation(TypedDict):
    intermediation: Intermediation
    intermediaries: frozenset[Oin]


def read_catalogue(
    data: bytes, partner: Partner, makelaar: str, lowest: LevelOfAssurance = LOWEST_LEVEL
) -> tuple[dict[str, Service], Report]:
    """The services in the catalogue of one dienstverlener, by ServiceID, and what was let through.

    ``partner`` is the dienstverlener as its metadata describes it; ``makelaar`` our OIN; ``lowest`` the
    lowest level that we serve. Raises ``DocumentRefused`` with every finding.
    """
    report = Report("catalogue")
    root = parse_document(data, report)
    if root.tag != tag(CATALOGUE, "ServiceCatalogue"):
        report.refuse(1, "this is not a ServiceCatalogue", _RULES)
    providers = root.findall(tag(CATALOGUE, "ServiceProvider"))
    if len(providers) != 1:
        report.error(
            root.sourceline or 0, "one ServiceProvider is expected, that of this dienstverlener", _RULES
        )
    _check_frame(root, partner, report)
    services: dict[str, Service] = {}
    lines: dict[str, int] = {}
    for provider in providers:
        for service, line in _services(provider, report):
            lines[service.service_id] = line
            if service.service_id in services:
                report.error(line, "this ServiceID occurs twice", _RULES)
            services[service.service_id] = service
            _check_service(service, line, partner, makelaar, report)
            if service.level < lowest:
                reason = "loa1 was withdrawn on 1 July 2021"
                report.error(line, reason, "Afsprakenstelsel, Betrouwbaarheidsniveaus")
    for service in services.values():
        _check_portal(service, services, lines[service.service_id], report)
    _check_metadata_agrees(services, partner, report)
    check_agreement(services, partner, report)
    _check_encryption(providers, partner, report)
    report.raise_if_refused()
    return services, report


def read_network_catalogue(
    data: bytes, certificates: Sequence[Certificate], makelaar: str
) -> tuple[dict[str, Service], dict[str, Recipient]]:
    """Services by ServiceUUID of the instance's definition and ServiceID, from the catalogue a makelaar publishes.

    The first mapping is keyed on ServiceID, the second gives per ServiceID the dienstverlener's certificate to
    encrypt for (the recipient's entityID is filled in by whoever asks). Raises a ``SamlError``.
    """
    root = parse(data, maximum=LIMITS.network_catalogue_bytes)
    validate(root)
    catalogue = verify(root, certificates, makelaar).element
    services: dict[str, Service] = {}
    recipients: dict[str, Recipient] = {}
    report = Report("catalogue")
    for provider in catalogue.iterfind(tag(CATALOGUE, "ServiceProvider")):
        keys = certificates_in(provider, report)
        for service, _ in _services(provider, report):
            services[service.service_id] = service
            if service.service_id in keys:
                recipients[service.service_id] = Recipient("", keys[service.service_id])
    return services, recipients


def make_network_catalogue(
    parts: Iterable[tuple[bytes, Partner]], *, catalogue_id: str, version: str, now: datetime, key: SigningKey
) -> bytes:
    """One signed catalogue of all ServiceProviders, each with the encryption certificate of its metadata.

    ``parts`` are the catalogues as dienstverleners handed them over, with the dienstverlener of each.
    """
    root = etree.Element(
        tag(CATALOGUE, "ServiceCatalogue"),
        nsmap={"esc": CATALOGUE, "md": MD, "ds": DS, "saml": SAML},
        ID=catalogue_id,
    )
    root.set(tag(CATALOGUE, "IssueInstant"), instant(now))
    root.set(tag(CATALOGUE, "Version"), version)
    embedding = Embedding()
    for data, partner in parts:
        source = parse(data, maximum=LIMITS.metadata_bytes)
        for provider in source.iterfind(tag(CATALOGUE, "ServiceProvider")):
            _drop_ids(provider)
            for service in provider.iterfind(tag(CATALOGUE, "ServiceInstance")):
                _add_certificate(service, partner.encryption_key(now))
            embedding.put(root, serialise(provider))
    whole = embedding.compose(root)
    sign(whole, key, x509=True)
    return serialise(whole)


def _drop_ids(provider: etree._Element) -> None:
    """Take out XML IDs: unique in the file of one dienstverlener, they need not be so among those of all."""
    for element in provider.iter():
        for name in ("ID", "Id", "id"):
            element.attrib.pop(name, None)


def _add_certificate(instance: etree._Element, certificate: Certificate | None) -> None:
    """Give an instance without ServiceCertificate the encryption certificate of the metadata, in its place."""
    if instance.find(tag(CATALOGUE, "ServiceCertificate")) is not None or certificate is None:
        return
    holder = etree.Element(tag(CATALOGUE, "ServiceCertificate"))
    descriptor = etree.SubElement(holder, tag(MD, "KeyDescriptor"), use="encryption")
    key_info = etree.SubElement(descriptor, tag(DS, "KeyInfo"))
    etree.SubElement(key_info, tag(DS, "KeyName")).text = certificate.key_name
    data = etree.SubElement(key_info, tag(DS, "X509Data"))
    etree.SubElement(data, tag(DS, "X509Certificate")).text = certificate.base64()
    before = {
        tag(CATALOGUE, name)
        for name in (
            "ServiceID",
            "ServiceUUID",
            "InstanceOfService",
            "IntermediatedService",
            "ServiceURL",
            "PrivacyPolicyURL",
            "HerkenningsmakelaarId",
            "AdditionalHerkenningsmakelaarId",
            "SSOSupport",
            "EntityConcernedTypesAllowed",
        )
    }
    position = sum(1 for element in instance if element.tag in before)
    instance.insert(position, holder)


def _services(provider: etree._Element, report: Report) -> Iterable[tuple[Service, int]]:
    """Each ServiceInstance joined with its definition, and its line."""
    definitions: dict[str, etree._Element] = {}
    for definition in provider.iterfind(tag(CATALOGUE, "ServiceDefinition")):
        uuid = _text(definition, "ServiceUUID")
        if uuid in definitions:
            report.error(definition.sourceline or 0, "two definitions have the same ServiceUUID", _RULES)
        definitions[uuid] = definition
    for instance in provider.iterfind(tag(CATALOGUE, "ServiceInstance")):
        line = instance.sourceline or 0
        definition_uuid = _text(instance, "InstanceOfService")
        found = definitions.get(definition_uuid)
        if found is None and instance.find(tag(CATALOGUE, "IntermediatedService")) is not None:
            found = etree.Element(
                tag(CATALOGUE, "ServiceDefinition")
            )  # the dienstaanbieder has it, in its own file
        if found is None:
            report.error(line, "InstanceOfService names no definition in this file", _RULES)
            continue
        try:
            yield _service(provider, found, instance), line
        except ValueError as error:
            report.error(line, str(error), _RULES)


def _service(provider: etree._Element, definition: etree._Element, instance: etree._Element) -> Service:
    makelaars = [_text(instance, "HerkenningsmakelaarId")]
    makelaars += [
        found.text or "" for found in instance.iterfind(tag(CATALOGUE, "AdditionalHerkenningsmakelaarId"))
    ]
    classifiers = instance.iterfind(f"{tag(CATALOGUE, 'Classifiers')}/{tag(CATALOGUE, 'Classifier')}")
    concerned = instance.findall(tag(CATALOGUE, "EntityConcernedTypesAllowed"))
    concerned = concerned or definition.findall(tag(CATALOGUE, "EntityConcernedTypesAllowed"))
    portal = tag(CATALOGUE, "IsPortal")
    return Service(
        service_id=_text(instance, "ServiceID"),
        service_uuid=_text(definition, "ServiceUUID"),
        instance_uuid=_text(instance, "ServiceUUID"),
        dienstverlener=Oin(_text(provider, "ServiceProviderID")),
        dienstverlener_names=_names(provider, "OrganizationDisplayName"),
        names=_names(definition, "ServiceName"),
        level=_level(definition),
        identifier_sets=_identifier_sets(concerned),
        restrictions_allowed=frozenset(
            (found.text or "").strip()
            for found in definition.iterfind(tag(CATALOGUE, "ServiceRestrictionsAllowed"))
        ),
        makelaars=frozenset(Oin(makelaar.strip()) for makelaar in makelaars),
        is_portal=flag(instance.get(portal)) or flag(definition.get(portal)) or _is_service_0(instance),
        classifiers=frozenset((found.text or "").strip() for found in classifiers),
        acting_sets=_identifier_sets(definition.findall(tag(CATALOGUE, "ActingSubjectTypesAllowed"))),
        portal_for=tuple(
            (found.text or "").strip() for found in instance.iterfind(tag(CATALOGUE, "PortalForService"))
        ),
        sso_support=flag(instance.findtext(tag(CATALOGUE, "SSOSupport"))),
        intermediated_service=_text(instance, "IntermediatedService") or None,
        **_intermediation(instance),
        requested_attributes=_requested_attributes(definition),
    )


def _level(definition: etree._Element) -> LevelOfAssurance:
    """The level of a definition; the highest where somebody else's definition counts."""
    if not len(definition):
        return max(LevelOfAssurance)
    return LevelOfAssurance.from_urn((definition.findtext(tag(SAML, "AuthnContextClassRef")) or "").strip())


def _is_service_0(instance: etree._Element) -> bool:
    """Whether it is a portal in the older way: the service with number 0."""
    parts = service_id_parts(_text(instance, "ServiceID"))
    return parts is not None and int(parts[1]) == 0


def _intermediation(instance: etree._Element) -> _Intermediation:
    """Which dienstbemiddelaars may offer this instance; none when the catalogue is silent."""
    element = instance.find(tag(CATALOGUE, "ServiceIntermediation"))
    if element is None:
        return {"intermediation": Intermediation.NONE, "intermediaries": frozenset()}
    allowed = element.iterfind(tag(CATALOGUE, "ServiceIntermediationAllowed"))
    return {
        "intermediation": Intermediation(element.get("intermediationAllowed", Intermediation.NONE)),
        "intermediaries": frozenset(Oin((found.text or "").strip()) for found in allowed),
    }


def _requested_attributes(definition: etree._Element) -> tuple[RequestedAttribute, ...]:
    return tuple(
        RequestedAttribute(
            name=found.get("Name", ""),
            is_required=flag(found.get("isRequired")),
            purposes=_names(found, "PurposeStatement"),
        )
        for found in definition.iterfind(tag(CATALOGUE, "RequestedAttribute"))
    )


def _identifier_sets(elements: Sequence[etree._Element]) -> tuple[tuple[IdentifierType, ...], ...]:
    """The sets in ascending order of setNumber, which is the order of preference; without number each is a set.

    A set with a type we cannot deliver is left out whole, since its types are required together.
    """
    sets: dict[tuple[int, int], list[str]] = {}
    for position, element in enumerate(elements):
        number = element.get("setNumber")
        place = (int(number), 0) if number else (len(elements), position)
        sets.setdefault(place, []).append((element.text or "").strip())
    known = {kind.value: kind for kind in IdentifierType}
    return tuple(
        tuple(known[value] for value in values)
        for _, values in sorted(sets.items())
        if all(value in known for value in values)
    )


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(tag(CATALOGUE, name)) or "").strip()


def _names(element: etree._Element, name: str) -> Mapping[str, str]:
    found = element.iterfind(tag(CATALOGUE, name))
    return {each.get(tag(XML, "lang"), "nl"): display_text(each.text) for each in found}


def _check_frame(root: etree._Element, partner: Partner, report: Report) -> None:
    line = root.sourceline or 0
    identifier = root.get("ID", "")
    if identifier[:1].isdigit():
        report.warn(line, "the ID starts with a digit, which xs:ID forbids", "XML schema, xs:ID")
    if not root.findtext(f"{tag(DS, 'Signature')}/{tag(DS, 'SignatureValue')}", "").strip():
        report.warn(line, "the catalogue is not signed; your import of it is the proof of origin", _RULES)
        return
    try:
        verify(root, partner.signing, partner.entity_id)
    except InvalidSignature as error:
        report.error(line, f"the signature does not hold: {error}", "Afsprakenstelsel, Digital signature")


def _check_service(service: Service, line: int, partner: Partner, makelaar: str, report: Report) -> None:
    parts = service_id_parts(service.service_id)
    if parts is None:
        report.error(
            line,
            "the ServiceID is not urn:etoegang:DV:<OIN>:services:<number>",
            _SERVICE_ID_RULES,
        )
    elif parts[0] != service.dienstverlener.value:
        report.error(line, "the OIN in the ServiceID is not that of the ServiceProvider", _SERVICE_ID_RULES)
    if partner.oin is not None and partner.oin != service.dienstverlener.value:
        report.error(line, "the ServiceProviderID is not the OIN in the entityID of the metadata", _RULES)
    if makelaar not in {oin.value for oin in service.makelaars}:
        report.error(line, f"HerkenningsmakelaarId is not this makelaar ({makelaar})", _RULES)
    if service.is_defined and not service.deliverable_sets:
        reason = "none of the identifier sets can be delivered; logins for this service will be refused"
        report.warn(line, reason, "Afsprakenstelsel, Identificerende kenmerken")
    if service.restrictions_allowed and service.identifier_sets and not service.can_have_kvk_number:
        reason = "a restriction needs the KvK-nummer beside it, which no identifier set holds"
        report.warn(line, reason, "Afsprakenstelsel, Identificerende kenmerken")
    if service.is_defined and "nl" not in service.names:
        report.warn(line, "there is no Dutch ServiceName; another language is shown", _RULES)


def _check_portal(portal: Service, services: Mapping[str, Service], line: int, report: Report) -> None:
    if not portal.is_portal:
        return
    known = {name for service in services.values() for name in (service.instance_uuid, service.service_id)}
    if not known.issuperset(portal.portal_for):
        report.warn(line, "PortalForService names a service that is not in this catalogue", _RULES)
    if not services_behind(portal, services.values()):
        reason = "the portal stands for no service; logins for it will be refused"
        report.warn(line, reason, "Afsprakenstelsel, GUC4.3")


def _check_metadata_agrees(services: Mapping[str, Service], partner: Partner, report: Report) -> None:
    default = partner.connection.default_service
    if default is not None and default not in services:
        report.error(0, f"the default service that was chosen ({default}) is not in the catalogue", _RULES)
    for index, service_id in partner.services.items():
        if service_id not in services:
            reason = (
                f"the metadata offers service index {index} ({service_id}), which the catalogue does not hold"
            )
            report.error(0, reason, _RULES)
    if len({service.is_eidas_inbound for service in services.values()}) > 1:
        reason = "eHerkenning and eIDAS services stand in one metadata, which other makelaars may refuse"
        report.warn(0, reason, _RULES)


def _check_encryption(providers: Iterable[etree._Element], partner: Partner, report: Report) -> None:
    for provider in providers:
        check_declared(provider, report)
        certificates = certificates_in(provider, report)
        for instance in provider.iterfind(tag(CATALOGUE, "ServiceInstance")):
            if _text(instance, "ServiceID") not in certificates and not partner.encryption_keys:
                reason = "there is no certificate to encrypt identifiers for, here or in the metadata"
                report.error(instance.sourceline or 0, reason, "Afsprakenstelsel, End-to-end encryption")
