"""Checks of the names that people will have to read, in both documents."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Final

from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_catalogue
from broker.checks.looking import on_root
from broker.saml.name_checks import Misleading
from broker.saml.name_checks import misleading_names
from broker.saml.policy import LIMITS

_EXPECTED: Final = {Misleading.LONG: f"≤ {LIMITS.name_characters}"}


def _names(misleading: Misleading) -> Callable[[Element, Seen], Iterator[Found]]:
    def look(root: Element, _seen: Seen) -> Iterator[Found]:
        for element, found in misleading_names(root):
            if found is misleading:
                yield Found(element, element.text or "", expected=_EXPECTED.get(found, ""))

    return look


on_root("MD-071")(_names(Misleading.MARKUP))
on_root("MD-072")(_names(Misleading.UNSEEN))
on_root("MD-073")(_names(Misleading.LONG))
on_catalogue("DC-072")(_names(Misleading.MARKUP))
on_catalogue("DC-073")(_names(Misleading.UNSEEN))
# The schema of the catalogue has a maximum of its own for each name.
