"""Changing what is encrypted: more keys than there should be."""

from copy import deepcopy

from lxml import etree

from broker.attacks.draft import Draft
from broker.attacks.draft import find
from broker.attacks.steps import step
from broker.saml.names import DS
from broker.saml.names import XENC
from broker.saml.names import tag


@step
def more_encrypted_keys(draft: Draft, at: str, count: int) -> None:
    """Put so many copies of the EncryptedKey in an EncryptedID behind it, each found in the same way as the first."""

    def change(root: etree._Element) -> None:
        holder = find(root, at)
        key = find(holder, tag(XENC, "EncryptedKey"))
        method = find(holder, f".//{tag(DS, 'RetrievalMethod')}")
        for _ in range(count):
            another, way = deepcopy(key), deepcopy(method)
            another.set("Id", draft.scene.new_id())
            way.set("URI", f"#{another.get('Id')}")
            key.addnext(another)
            method.addnext(way)

    draft.edit(change)
