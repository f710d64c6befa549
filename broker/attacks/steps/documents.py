"""Documents that are handed over for registration: metadata, the dienstencatalogus, and metadata of the network.

They begin whole, valid and signed; whoever changes one signs it again, or leaves that.
"""

from copy import deepcopy
from typing import Any

from lxml import etree

from broker.attacks.case import Step
from broker.attacks.draft import CannotBeMade
from broker.attacks.draft import Draft
from broker.attacks.draft import Handed
from broker.attacks.live import troupe
from broker.attacks.steps import step
from broker.attacks.steps import take
from broker.saml.names import MD
from broker.saml.names import tag

_GROUPS = {"AD": "Authenticatiediensten", "MR": "Machtigingenregisters"}
_LISTED = ("ad", "mr")


@step
def metadata(draft: Draft, by: str = "dv", role: str | None = None) -> None:
    """The metadata of an actor, to be registered in its own role or another."""
    draft.actor = draft.scene.actor(by)
    draft.message = troupe.metadata(draft.actor, draft.scene.listener)
    draft.handed = Handed("metadata", role or troupe.role_of(by))


@step
def catalogue(draft: Draft, by: str = "dv") -> None:
    """The dienstencatalogus of a dienstverlener."""
    draft.actor = draft.scene.actor(by)
    draft.message = troupe.catalogue(draft.actor)
    draft.handed = Handed("catalogue")


@step
def network_metadata(draft: Draft, number: int = 7, attributes: str = 'cacheDuration="P7D"') -> None:
    """Metadata of the network, unsigned: an authenticatiedienst and a register that nobody connected before."""
    scene = draft.scene
    draft.actor = scene.actor("bo")
    groups = "".join(
        f'<md:EntitiesDescriptor Name="urn:etoegang:role:{_GROUPS[role]}">{_entity(draft, name)}'
        "</md:EntitiesDescriptor>"
        for role, name in zip(_GROUPS, _LISTED, strict=True)
    )
    draft.message = (
        f'<md:EntitiesDescriptor xmlns:md="{MD}" ID="{scene.new_id()}" {attributes} '
        f'Name="urn:etoegang:1.13:metadata:T:{number}">{groups}</md:EntitiesDescriptor>'
    ).encode()
    draft.handed = Handed("network")


@step
def after_edition(draft: Draft, number: int) -> None:
    """Another edition, a good one with this number, was taken before."""
    earlier = Draft(draft.scene)
    take("an edition", [Step(do="network-metadata", given={"number": number}), Step(do="sign")], earlier)
    _handed(draft).earlier.append(earlier.message)


@step
def by_url(draft: Draft, url: str) -> None:
    """Have it fetched from a URL; where that is our listener, the document stands there."""
    _handed(draft).url = url


@step
def meanwhile(draft: Draft, steps: list[Any]) -> None:
    """Register a document, made by these steps, before the message is brought."""
    document = Draft(draft.scene)
    take(
        "meanwhile",
        [Step(do=each) if isinstance(each, str) else Step(do=each.pop("do"), given=each) for each in steps],
        document,
    )
    draft.meanwhile.append(document)


def _entity(draft: Draft, name: str) -> str:
    """The descriptor of an actor under an entityID of its own, without the signature that no longer holds."""
    own = Draft(draft.scene)
    take("an entity", [Step(do="metadata", given={"by": name}), Step(do="drop-signature")], own)
    entity_id = draft.scene.actor(name).entity_id
    return own.message.decode().replace(entity_id, entity_id.replace(":entities:9001", ":entities:9002"))


def _handed(draft: Draft) -> Handed:
    if draft.handed is None:
        raise CannotBeMade("say first which document it is")
    return draft.handed


@step
def as_document(draft: Draft, kind: str) -> None:
    """Hand the document over as another kind of document."""
    _handed(draft).kind = kind


@step
def cut(draft: Draft, keep: int) -> None:
    """Keep only so many bytes at the beginning."""
    draft.message = draft.message[:keep]


@step
def twice(draft: Draft, other: str = "") -> None:
    """Put the descriptor twice in one document, the second time under the entityID of ``other`` if one is given."""
    first = draft.tree()
    first.attrib.pop("ID", None)
    second = deepcopy(first)
    if other:
        second.set("entityID", other)
    root = etree.Element(tag(MD, "EntitiesDescriptor"), nsmap={"md": MD})
    root.extend([first, second])
    draft.message = etree.tostring(root)
