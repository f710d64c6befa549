"""Reading the metadata of a partner into a ``Partner``, and saying precisely what is wrong with it.

Afsprakenstelsel, DV metadata for HM and Metadata for participants; SAML metadata 2. The documents are read with lxml
and not with pysaml2, which loses line numbers and reads only the first level of an EntitiesDescriptor.
"""

import re
from dataclasses import replace
from datetime import UTC
from datetime import datetime

from lxml import etree

from broker.domain.connection import Profile
from broker.domain.levels import LevelOfAssurance
from broker.saml import schema
from broker.saml.attribute_rules import read_requested
from broker.saml.build import instant
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.findings import Report
from broker.saml.keys import Certificate
from broker.saml.keys import UnusableCertificate
from broker.saml.locations import location_problem
from broker.saml.metadata_checks import check_authenticatiedienst
from broker.saml.metadata_checks import check_dienstverlener
from broker.saml.metadata_checks import check_entity_id
from broker.saml.metadata_checks import check_plain_dienstverlener
from broker.saml.metadata_checks import check_plain_provider
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import SAML
from broker.saml.names import XML
from broker.saml.names import tag
from broker.saml.odd_files import hint
from broker.saml.parsing import parse
from broker.saml.partner import Endpoint
from broker.saml.partner import Organisation
from broker.saml.partner import Partner
from broker.saml.partner import in_force
from broker.saml.policy import CRYPTO
from broker.saml.policy import LIMITS
from broker.saml.reading import any_level
from broker.saml.reading import display_text
from broker.saml.reading import flag
from broker.saml.signature import is_signed
from broker.saml.signature import verify
from broker.saml.validity import validity

_ENTITY_ID = re.compile(r"urn:etoegang:(HM|AD|MR|DV|EB):([0-9]{20}):entities:([0-9]+)")
_SERVICE_ID = re.compile(r"urn:etoegang:DV:([0-9]{20}):services:([0-9]+)")
_ASSURANCE = "urn:oasis:names:tc:SAML:attribute:assurance-certification"
_DV_RULES = "Afsprakenstelsel, DV metadata for HM"
_PARTICIPANT_RULES = "Afsprakenstelsel, Metadata for participants"
_SIGNATURE_RULES = "Afsprakenstelsel, Digital signature"
_METADATA_RULES = "SAML metadata"
_FAULTS_SHOWN = 20
_EVER = datetime.min.replace(tzinfo=UTC)


def read_metadata(
    data: bytes, role: str, now: datetime, profile: Profile = Profile.V1_13
) -> tuple[Partner, Report]:
    """The partner in a metadata document at this moment, and what was let through with a warning.

    One whose metadata is not in force yet is given as it will be. ``role`` and ``profile`` as in ``read_versions``.
    Raises ``DocumentRefused`` with every finding.
    """
    _, partner, report = read_metadata_versions(data, role, now, profile)
    return partner, report


def read_metadata_versions(
    data: bytes, role: str, now: datetime, profile: Profile = Profile.V1_13
) -> tuple[tuple[Partner, ...], Partner, Report]:
    """The same by each descriptor (see ``read_versions``), and which of them ``read_metadata`` gives."""
    versions, report = _versions(data, role, profile)
    upcoming = [each for each in versions if each.valid_until is None or each.valid_until > now]
    if not upcoming:
        report.error(1, "validUntil has passed", "SAML metadata 2.3.2")
    report.raise_if_refused()
    partner = in_force(versions, now) or upcoming[0]
    if partner.valid_from is not None and partner.valid_from > now:
        reason = f"validFrom lies ahead ({instant(partner.valid_from)}), and until then the partner counts as unknown"
        report.warn(1, reason, _PARTICIPANT_RULES)
    return versions, partner, report


def read_versions(
    data: bytes, role: str, profile: Profile = Profile.V1_13
) -> tuple[tuple[Partner, ...], Report]:
    """The one entity of a metadata document by each of its descriptors, in the order in which they come in force.

    A document holds one EntityDescriptor, or two when a change is announced beforehand. ``role`` is DV, AD, MR, EB,
    HM, or IDP for a plain identity provider; ``profile`` that of a dienstverlener, since the rules of the
    afsprakenstelsel are not those of plain SAML. Raises ``DocumentRefused`` with every finding. Whether validUntil
    has passed is for whoever has a clock.
    """
    versions, report = _versions(data, role, profile)
    report.raise_if_refused()
    return versions, report


def _versions(data: bytes, role: str, profile: Profile) -> tuple[tuple[Partner, ...], Report]:
    report = Report("metadata")
    versions: list[Partner] = []
    for entity in _entities(data, role, report):
        descriptor = _descriptor(entity, role, report)
        partner = replace(_partner(entity, descriptor, report, profile), role=role)
        _check_signature(entity, partner, report)
        _check_role(entity, descriptor, partner, role, report)
        if role == "DV" and profile is Profile.SAML:
            check_plain_dienstverlener(descriptor, partner, report)
        elif role == "DV":
            check_entity_id(entity, partner, report)
            check_dienstverlener(descriptor, partner, report)
        elif role != "IDP":
            check_entity_id(entity, partner, report)
        versions.append(partner)
    if len({version.valid_from for version in versions}) != len(versions):
        report.error(1, "two descriptors of one entity must differ in validFrom", _PARTICIPANT_RULES)
    return tuple(sorted(versions, key=lambda version: version.valid_from or _EVER)), report


def entity_id_in(data: bytes) -> str:
    """The entityID of a metadata document, before anything else in it is judged. Raises ``DocumentRefused``."""
    return _entities(data, "DV", Report("metadata"))[0].get("entityID", "")


def oin_of(entity_id: str) -> str | None:
    """The OIN inside an entityID of the stelsel, None for an entityID of another form."""
    match = _ENTITY_ID.fullmatch(entity_id)
    return match.group(2) if match else None


def service_id_parts(service_id: str) -> tuple[str, str] | None:
    """(OIN, index) of a ServiceID, None for another form."""
    match = _SERVICE_ID.fullmatch(service_id)
    return (match.group(1), match.group(2)) if match else None


def parse_document(data: bytes, report: Report, leave_out: str | None = None) -> etree._Element:
    """Parse and validate a document that an operator handed over. Raises ``DocumentRefused``.

    Elements with the name ``leave_out`` are taken out before the schema is asked.
    """
    try:
        root = parse(data, maximum=LIMITS.metadata_bytes)
    except SamlError as error:
        report.refuse(_line_in(str(error)), f"{error}{hint(data)}", "well-formed XML, UTF-8, no DTD")
    for element in list(root.iter(leave_out)) if leave_out else ():
        _leave_out(element, report)
    for line, text in schema.list_faults(root)[:_FAULTS_SHOWN]:
        report.error(line, text, "XML schema")
    report.raise_if_refused()
    return root


def _leave_out(element: etree._Element, report: Report) -> None:
    """Take out an element, and the signatures over it, which no longer hold."""
    report.warn(element.sourceline or 0, f"{etree.QName(element).localname} is left out", _METADATA_RULES)
    parent = element.getparent()
    if parent is None:
        return
    parent.remove(element)
    for holder in (parent, *parent.iterancestors()):
        for signature in holder.findall(tag(DS, "Signature")):
            holder.remove(signature)


def _line_in(text: str) -> int:
    found = re.search(r"at line (\d+)", text)
    return int(found.group(1)) if found else 0


def _entities(data: bytes, role: str, report: Report) -> list[etree._Element]:
    """The EntityDescriptor of the document; or the two of one entity, told apart by validFrom."""
    # Products publish roles of other protocols beside that of SAML, of types that no schema of ours knows.
    root = parse_document(data, report, tag(MD, "RoleDescriptor") if role == "IDP" else None)
    if root.tag == tag(MD, "EntityDescriptor"):
        return [root]
    entities = list(root.iter(tag(MD, "EntityDescriptor")))
    names = {entity.get("entityID") for entity in entities}
    if (
        root.tag != tag(MD, "EntitiesDescriptor")
        or len(names) != 1
        or len(entities) > LIMITS.metadata_versions
    ):
        found = f"{len(entities)} EntityDescriptors" if entities else etree.QName(root).localname
        report.refuse(root.sourceline or 0, f"one EntityDescriptor is needed, found {found}", _METADATA_RULES)
    return entities


def _rules_for(role: str) -> str:
    return _DV_RULES if role == "DV" else _PARTICIPANT_RULES


def _descriptor(entity: etree._Element, role: str, report: Report) -> etree._Element:
    name = "IDPSSODescriptor" if role in {"AD", "MR", "EB", "IDP"} else "SPSSODescriptor"
    found = entity.findall(tag(MD, name))
    if role == "HM" and not found:
        found = entity.findall(tag(MD, "IDPSSODescriptor"))
    if len(found) != 1:
        reason = f"exactly one {name} is needed, found {len(found)}"
        report.refuse(entity.sourceline or 0, reason, _rules_for(role))
    return found[0]


def _partner(entity: etree._Element, descriptor: etree._Element, report: Report, profile: Profile) -> Partner:
    entity_id = entity.get("entityID", "")
    services, default = _services(descriptor, report, profile)
    valid_from, valid_until = _validity(entity, descriptor, report)
    return Partner(
        entity_id=entity_id,
        oin=oin_of(entity_id),
        display_names=_texts(entity, f"{tag(MD, 'Organization')}/{tag(MD, 'OrganizationDisplayName')}"),
        signing=_certificates(descriptor, "signing", report),
        encryption=_certificates(descriptor, "encryption", report),
        sign_on=_endpoints(descriptor, "SingleSignOnService", report),
        assertion_consumers=_endpoints(descriptor, "AssertionConsumerService", report),
        artifact_resolution=_endpoints(descriptor, "ArtifactResolutionService", report),
        logout=_endpoints(descriptor, "SingleLogoutService", report),
        services=services,
        default_service=default,
        # What software that knows SAML only would like is no list of attributes of the stelsel.
        requested_attributes={} if profile is Profile.SAML else read_requested(descriptor, report),
        level=_certified_level(entity),
        catalogue_location=_catalogue_location(entity),
        organisation=_organisation(entity),
        identifier_types=_identifier_types(descriptor),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def _validity(
    entity: etree._Element, descriptor: etree._Element, report: Report
) -> tuple[datetime | None, datetime | None]:
    try:
        return validity(entity, descriptor)
    except MalformedMessage as error:
        report.error(entity.sourceline or 0, f"validFrom or validUntil: {error}", "SAML core 1.3.3")
        return None, None


def _organisation(entity: etree._Element) -> Organisation:
    def texts(name: str) -> dict[str, str]:
        return _texts(entity, f"{tag(MD, 'Organization')}/{tag(MD, name)}")

    return Organisation(texts("OrganizationName"), texts("OrganizationURL"))


def _identifier_types(descriptor: etree._Element) -> frozenset[str]:
    """The identifier types of the stelsel among its NameIDFormats: what it says it can deliver."""
    formats = ((found.text or "").strip() for found in descriptor.iterfind(tag(MD, "NameIDFormat")))
    return frozenset(each for each in formats if each.startswith("urn:etoegang:"))


def _texts(element: etree._Element, path: str) -> dict[str, str]:
    return {found.get(tag(XML, "lang"), "nl"): display_text(found.text) for found in element.iterfind(path)}


def _certificates(descriptor: etree._Element, use: str, report: Report) -> tuple[Certificate, ...]:
    certificates: list[Certificate] = []
    for key in descriptor.iterfind(tag(MD, "KeyDescriptor")):
        if key.get("use") not in (use, None):
            continue
        name = key.findtext(f"{tag(DS, 'KeyInfo')}/{tag(DS, 'KeyName')}")
        for found in key.iter(tag(DS, "X509Certificate")):
            try:
                certificate = Certificate.from_base64(found.text or "", name and name.strip())
                certificates.append(replace(certificate, asked=_content_encryption(key)))
            except UnusableCertificate as error:
                report.error(found.sourceline or 0, str(error), _SIGNATURE_RULES)
    if len(certificates) > LIMITS.certificates:
        reason = f"more than {LIMITS.certificates} certificates for {use}"
        report.error(descriptor.sourceline or 0, reason, _SIGNATURE_RULES)
    return tuple(certificates)


def _content_encryption(key: etree._Element) -> str | None:
    """The first algorithm of ours that a KeyDescriptor asks for content (SAML metadata 2.4.1.1)."""
    asked = (found.get("Algorithm", "") for found in key.iterfind(tag(MD, "EncryptionMethod")))
    return next((each for each in asked if each in CRYPTO.data_encryption), None)


def _endpoints(descriptor: etree._Element, name: str, report: Report) -> tuple[Endpoint, ...]:
    endpoints: list[Endpoint] = []
    for found in descriptor.iterfind(tag(MD, name)):
        location, response_location = found.get("Location", ""), found.get("ResponseLocation")
        for address in (location, response_location):
            if address is not None and (problem := location_problem(address)):
                report.error(
                    found.sourceline or 0, f"{name} Location {problem}", "Afsprakenstelsel, Secure connection"
                )
        index = found.get("index")
        endpoints.append(
            Endpoint(
                binding=found.get("Binding", ""),
                location=location,
                index=None if index is None else int(index),
                is_default=flag(found.get("isDefault")),
                response_location=response_location,
            )
        )
    indexes = [endpoint.index for endpoint in endpoints if endpoint.index is not None]
    if len(indexes) != len(set(indexes)):
        report.error(descriptor.sourceline or 0, f"two {name} elements share an index", "SAML metadata 2.2.3")
    return tuple(endpoints)


def _services(
    descriptor: etree._Element, report: Report, profile: Profile
) -> tuple[dict[int, str], str | None]:
    """AttributeConsumingService index to ServiceID (its first RequestedAttribute), and the default ServiceID.

    One that names no ServiceID is an error, but in plain SAML an ordinary list of attributes, which is no service.
    """
    services: dict[int, str] = {}
    default: str | None = None
    found = descriptor.findall(tag(MD, "AttributeConsumingService"))
    if profile is Profile.SAML:
        found = [element for element in found if _SERVICE_ID.fullmatch(_first_requested(element))]
    for element in found:
        line = element.sourceline or 0
        index = int(element.get("index", "0"))
        service_id = _first_requested(element)
        if not _SERVICE_ID.fullmatch(service_id):
            report.error(line, "the first RequestedAttribute of a service must be its ServiceID", _DV_RULES)
            continue
        if index in services:
            report.error(line, f"two AttributeConsumingServices have index {index}", "SAML metadata 2.4.4.1")
            continue
        services[index] = service_id
        if flag(element.get("isDefault")):
            default = service_id
    if len(found) > 1 and default is None:
        reason = "with several services one must be isDefault; a request without index will be refused"
        report.warn(found[0].sourceline or 0, reason, _DV_RULES)
    return services, default or (next(iter(services.values())) if len(services) == 1 else None)


def _first_requested(service: etree._Element) -> str:
    first = service.find(tag(MD, "RequestedAttribute"))
    return "" if first is None else first.get("Name", "")


def _certified_level(entity: etree._Element) -> LevelOfAssurance | None:
    path = f"{tag(MD, 'Extensions')}//{tag(SAML, 'Attribute')}[@Name='{_ASSURANCE}']/{tag(SAML, 'AttributeValue')}"
    levels: list[LevelOfAssurance] = []
    for value in entity.iterfind(path):
        try:
            levels.append(any_level(value.text))
        except MalformedMessage:
            continue
    return max(levels, default=None)


def _catalogue_location(entity: etree._Element) -> str | None:
    for found in entity.iterfind(tag(MD, "AdditionalMetadataLocation")):
        if found.get("namespace") == CATALOGUE:
            return (found.text or "").strip()
    return None


def _check_signature(entity: etree._Element, partner: Partner, report: Report) -> None:
    """A signature must hold with a key of the document itself; trust in that key is the operator's to give."""
    line = entity.sourceline or 0
    root = entity.getroottree().getroot()
    signed = [element for element in dict.fromkeys((root, entity)) if is_signed(element)]
    if not signed:
        report.warn(line, "the metadata is not signed", _SIGNATURE_RULES)
    for element in signed:
        try:
            verify(element, partner.signing, partner.entity_id)
        except InvalidSignature as error:
            report.error(line, f"the signature does not hold: {error}", _SIGNATURE_RULES)


def _check_role(
    entity: etree._Element, descriptor: etree._Element, partner: Partner, role: str, report: Report
) -> None:
    line = entity.sourceline or 0
    if not re.fullmatch(r"[!-~]+", partner.entity_id):
        report.error(
            line,
            "the entityID is empty, or holds white space or signs that are no ASCII",
            "SAML metadata 2.2.1",
        )
    if partner.oin is not None and f":{role}:" not in partner.entity_id:
        report.error(line, f"the entityID is not one of a {role}", "Afsprakenstelsel, EntityID")
    if not partner.signing:
        reason = "there is no certificate to verify signatures with"
        report.error(descriptor.sourceline or 0, reason, _rules_for(role))
    if role in {"AD", "EB"}:
        check_authenticatiedienst(descriptor, partner, report)
    if role == "IDP":
        check_plain_provider(descriptor, partner, report)
