"""Parts of one message put into another."""

from lxml import etree

from broker.attacks.draft import Draft
from broker.attacks.draft import find
from broker.attacks.draft import parse
from broker.attacks.draft import put
from broker.attacks.steps import step
from broker.saml.build import Embedding


@step
def set_aside(draft: Draft, name: str = "first") -> None:
    """Keep the message as it is now under a name, to take parts from later."""
    draft.aside[name] = draft.message


@step
def graft(draft: Draft, at: str = ".", to: str = ".", position: int = -1, name: str = "first") -> None:
    """Put an element ``at`` a place in a message that was set aside ``to`` a place in this one, as it was written."""
    part = etree.tostring(find(parse(draft.aside[name]), at), with_tail=False)
    root, embedding = draft.tree(), Embedding()
    parent = find(root, to)
    embedding.put(parent, part)
    put(parent, parent[-1], position)
    draft.message = embedding.serialise(root)


@step
def comment(draft: Draft, at: str, text: str = "", after: int = 0, name: str = "") -> None:
    """Put a comment in the text of an element, ``after`` so many characters.

    With a ``name``, the comment is what stands at that place in the message that was set aside.
    """
    inside = find(parse(draft.aside[name]), at).text if name else text

    def change(root: etree._Element) -> None:
        element, node = find(root, at), etree.Comment(inside)
        whole = element.text or ""
        element.text, node.tail = whole[:after], whole[after:]
        element.insert(0, node)

    draft.edit(change)
