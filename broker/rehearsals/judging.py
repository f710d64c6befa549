"""What was seen, held against what a good dienstverlener shows."""

from typing import Final

from broker.rehearsals.kinds import Kind
from broker.rehearsals.kinds import Severity
from broker.rehearsals.seen import Seen

UGLY: Final = "waarschuwing"
"""How bad a crash is where nobody had to be let in: the person has no way on, but nothing was let through."""


def judge(kind: Kind, seen: Seen) -> Severity | None:
    """How bad it is that this was seen after an answer of this kind; None when it is good."""
    if seen in kind.good:
        return None
    if seen is Seen.BROKEN and Seen.ERROR_PAGE in kind.good:
        return UGLY
    return kind.severity
