"""What metadata and dienstencatalogus of a dienstverlener may ask for, and whether the two agree.

Afsprakenstelsel, Attribuutverstrekking, Attribuutcatalogus, DV metadata for HM and Service catalog: an attribute is
asked for when the metadata lists it behind the ServiceID and the catalogue declares it for that service.
"""

from collections.abc import Mapping

from lxml import etree

from broker.domain.attributes import AskedAttribute
from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import owner_of
from broker.domain.services import Service
from broker.saml.findings import Report
from broker.saml.names import CATALOGUE
from broker.saml.names import MD
from broker.saml.names import tag
from broker.saml.partner import Partner
from broker.saml.reading import flag
from broker.saml.requested_attributes import read_requested_attribute

_IDENTIFIERS = ":EntityConcernedID:"
_RULES = "Afsprakenstelsel, Attribuutverstrekking"
_NAMES = "Afsprakenstelsel, Attribuutcatalogus"


def read_requested(
    descriptor: etree._Element, report: Report
) -> dict[int | None, tuple[AskedAttribute, ...]]:
    """What each AttributeConsumingService asks for after its ServiceID, by index; None is the default service."""
    requested: dict[int | None, tuple[AskedAttribute, ...]] = {}
    services = descriptor.findall(tag(MD, "AttributeConsumingService"))
    for service in services:
        # The first names the service, in metadata of the stelsel.
        elements = service.findall(tag(MD, "RequestedAttribute"))[1:]
        for element in elements:
            _check_name(element, report)
        asked = tuple(read_requested_attribute(element) for element in elements)
        requested.setdefault(int(service.get("index", "0")), asked)
        if flag(service.get("isDefault")) or len(services) == 1:
            requested[None] = asked
    return {index: asked for index, asked in requested.items() if asked}


def check_declared(provider: etree._Element, report: Report) -> None:
    """Look at every RequestedAttribute that the catalogue of one dienstverlener declares."""
    for element in provider.iter(tag(CATALOGUE, "RequestedAttribute")):
        _check_name(element, report)


def _check_name(element: etree._Element, report: Report) -> None:
    name, line = element.get("Name", ""), element.sourceline or 0
    owner = owner_of(name)
    if _IDENTIFIERS in name:
        reason = "identifiers are not asked as RequestedAttribute but by EntityConcernedTypesAllowed"
        report.error(line, reason, "Afsprakenstelsel, Service catalog")
    elif owner is AttributeOwner.AUTOMATIC:
        report.warn(
            line, "the name of an intermediary comes by itself in a chain; it is not asked for", _NAMES
        )
    elif owner is None:
        report.warn(
            line, f"the attribute {name} is not in the attribuutcatalogus; it is never asked for", _NAMES
        )


def check_agreement(services: Mapping[str, Service], partner: Partner, report: Report) -> None:
    """Refuse what the metadata asks for and the catalogue does not declare for that service."""
    for index, asked in partner.requested_attributes.items():
        service = services.get(partner.services.get(index, "") if index is not None else "")
        if service is None:
            continue  # of the default service its own index tells; an unknown service is another finding
        declared = {attribute.name: attribute.is_required for attribute in service.requested_attributes}
        for attribute in asked:
            if owner_of(attribute.name) not in {AttributeOwner.AD, AttributeOwner.MR}:
                continue
            if attribute.name not in declared:
                reason = f"service index {index} asks for {attribute.name}, which the catalogue does not declare for it"
                report.error(0, reason, _RULES)
            elif attribute.is_required and not declared[attribute.name]:
                reason = (
                    f"service index {index} requires {attribute.name}; it is optional, as the catalogue says"
                )
                report.warn(0, reason, _RULES)
