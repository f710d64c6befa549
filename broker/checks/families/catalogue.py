"""Checks of the dienstencatalogus: the document and its ServiceProvider."""

from collections.abc import Iterator

from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_catalogue


@on_catalogue("DC-000")
def refused_otherwise(_root: Element, _seen: Seen) -> Iterator[Found]:
    """Found by the readers of a login alone; see ``readers``."""
    yield from ()
