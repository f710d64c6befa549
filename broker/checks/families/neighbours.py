"""Checks of the dienstencatalogus beside what other dienstverleners have registered."""

from collections.abc import Iterator

from broker.checks.families.catalogue import child_text
from broker.checks.families.catalogue import definitions
from broker.checks.families.catalogue import instances
from broker.checks.families.catalogue import providers
from broker.checks.families.catalogue import text_of
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_known_catalogue
from broker.ports.neighbours import Neighbours
from broker.saml.names import CATALOGUE
from broker.saml.names import tag


@on_known_catalogue("DC-021")
def definition_of_another(root: Element, known: Neighbours, seen: Seen) -> Iterator[Found]:
    """A definition whose machtigingen would count at another dienstverlener as well."""
    for definition in definitions(root):
        uuid = child_text(definition, "ServiceUUID").casefold()
        for each in known.with_uuid(uuid):
            if each.entity_id != _own(seen) and each.definition_uuid == uuid:
                yield Found(definition.find(tag(CATALOGUE, "ServiceUUID")), f"{uuid}: {each.entity_id}")
                break


@on_known_catalogue("DC-022")
def instance_of_another(root: Element, known: Neighbours, seen: Seen) -> Iterator[Found]:
    """An instance that another dienstverlener has as well."""
    for instance in instances(root):
        uuid = child_text(instance, "ServiceUUID").casefold()
        for each in known.with_uuid(uuid):
            if each.entity_id != _own(seen) and each.instance_uuid == uuid:
                yield Found(instance.find(tag(CATALOGUE, "ServiceUUID")), f"{uuid}: {each.entity_id}")
                break


@on_known_catalogue("DC-023")
def service_of_another(root: Element, known: Neighbours, seen: Seen) -> Iterator[Found]:
    """A ServiceID that is taken."""
    for found in root.iter(tag(CATALOGUE, "ServiceID")):
        others = [each for each in known.with_service_id(text_of(found)) if each.entity_id != _own(seen)]
        if others:
            yield Found(found, f"{text_of(found)}: {others[0].entity_id}")


@on_known_catalogue("DC-052")
def unknown_provided(root: Element, known: Neighbours, _seen: Seen) -> Iterator[Found]:
    """A service to take people to, that nobody offers here."""
    own = {child_text(each, "ServiceUUID").casefold() for each in instances(root)}
    for found in root.iter(tag(CATALOGUE, "IntermediatedService")):
        uuid = text_of(found).casefold()
        if uuid not in own and not any(each.instance_uuid == uuid for each in known.with_uuid(uuid)):
            yield Found(found, uuid)


@on_known_catalogue("DC-071")
def same_oin(root: Element, known: Neighbours, seen: Seen) -> Iterator[Found]:
    """People who have one pseudonym at two parties."""
    for provider in providers(root):
        others = set(known.with_oin(child_text(provider, "ServiceProviderID"))) - {_own(seen)}
        if others:
            yield Found(provider.find(tag(CATALOGUE, "ServiceProviderID")), min(others))


def _own(seen: Seen) -> str:
    return "" if seen.entity is None else seen.entity.get("entityID", "")
