"""Checks of metadata: the entity itself."""

from collections.abc import Iterator

from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_descriptor
from broker.checks.looking import on_entity
from broker.checks.looking import on_root
from broker.saml.names import MD
from broker.saml.names import tag


@on_root("MD-000")
def refused_otherwise(_root: Element, _seen: Seen) -> Iterator[Found]:
    """Found by the readers of a login alone; see ``readers``."""
    yield from ()


@on_descriptor("MD-014")
def name_id_format(descriptor: Element, _seen: Seen) -> Iterator[Found]:
    """A list of NameIDFormats, of which the stelsel knows none."""
    for found in descriptor.iterfind(tag(MD, "NameIDFormat")):
        yield Found(found, (found.text or "").strip())


@on_entity("MD-015")
def entity_id_with_space(entity: Element, _seen: Seen) -> Iterator[Found]:
    """An entityID that nobody can compare."""
    name = entity.get("entityID", "")
    if not name or name != "".join(name.split()):
        yield Found(entity, repr(name), "entityID", "".join(name.split()) or "urn:etoegang:DV:…")
