"""What probed code calls: it notes which mutants would have made a difference just now."""

import operator
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import Final
from typing import TypeVar

TRUTH: Final = "__probe_truth__"
COMPARE: Final = "__probe_compare__"
EXTREME: Final = "__probe_extreme__"
PASSED: Final = "__probe_pass__"

SEEN: Final[set[int]] = set()
"""The numbers noted since it was last emptied."""

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "Is": operator.is_,
    "IsNot": operator.is_not,
    "In": lambda one, other: one in other,
    "NotIn": lambda one, other: one not in other,
}

T = TypeVar("T")


def truth(value: T, when_true: int, when_false: int) -> T:
    """The value; notes one number or the other."""
    SEEN.add(when_true if value else when_false)
    return value


def compare(
    names: tuple[str, ...], boundaries: tuple[int, ...], halves: tuple[int, ...], *values: Any
) -> Any:
    """``a < b``, or ``a < b < c``; notes a boundary that was met exactly, and a half that decided alone."""
    outcomes = []
    for part, name in enumerate(names):
        one, other = values[part], values[part + 1]
        outcomes.append(_OPERATORS[name](one, other))
        if boundaries[part] >= 0 and one == other:
            SEEN.add(boundaries[part])
    failed = [part for part, outcome in enumerate(outcomes) if not outcome]
    if len(failed) == 1:
        SEEN.add(halves[failed[0]])
    return outcomes[failed[0]] if failed else outcomes[-1]


def extreme(numbers: tuple[int, ...], choose: Callable[..., Any], *values: Any, **options: Any) -> Any:
    """``min(a, b)`` or ``max(a, b)``; notes each argument that the outcome depends on."""
    outcome = choose(*values, **options)
    for part, number in enumerate(numbers):
        rest = values[:part] + values[part + 1 :]
        if choose(rest, **options) != outcome:
            SEEN.add(number)
    return outcome


def sharp(number: int) -> int:
    """The number to note, besides ``number``, when this is a test of the very check."""
    return -2 - number


PROBES: Final[Mapping[str, object]] = {TRUTH: truth, COMPARE: compare, EXTREME: extreme, PASSED: SEEN.add}
"""What the globals of a probed module must hold."""
