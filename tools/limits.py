"""Writes `docs/limits.md` from the numbers in the code, the texts beside them, and the tests that carry their names.

`python -m tools.limits`. A test says which limit it tries with `@pytest.mark.limit("message_bytes", ...)`. The text
beside a number tells what it bounds and why, and after "Past it:" what whoever passes it sees.
"""

import ast
import dataclasses
import importlib
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from typing import Final

from broker.saml import policy
from tools.conformance import ROOT
from tools.conformance import proofs

PAGE: Final = ROOT / "docs" / "limits.md"

FAMILIES: Final = {
    "LIMITS": "What is read",
    "LIFETIMES": "How long",
    "FRONT": "What a browser may bring",
    "CALLS": "What we take when we call a partner",
    "CRYPTO": "Algorithms and keys",
}
"""The objects of the policy, with the titles of their tables."""

ELSEWHERE: Final = (
    "broker.journey.eidas:MOST_ASSERTIONS",
    "broker.exchange.handshake:_LINGER_SECONDS",
    "broker.exchange.handshake:_LINGER_BYTES",
    "broker.exchange.partners:_KEPT",
    "broker.makelaar.listing:_KEPT",
    "broker.storage.engine:BUSY_TIMEOUT_SECONDS",
    "broker.storage.engine:CONNECT_TIMEOUT_SECONDS",
    "broker.storage.engine:POOL_TIMEOUT_SECONDS",
    "broker.storage.redis_client:SOCKET_TIMEOUT_SECONDS",
    "broker.assembly.attempts:ALLOWED",
    "broker.assembly.passwords:AT_ONCE",
    "broker.network.authenticatiedienst.login:_LONGEST",
    "broker.network.machtigingenregister.views:_LONGEST_SEARCH",
)
"""Numbers that bound what others can make us do, and stand where they are used: their floors know no messages."""

_HEAD = """# Limits

Made by `python -m tools.limits` from `broker/saml/policy.py` and the markers on the tests; do not edit.

Everything that strangers send, and everything that they can make us do, has a bound with a name. Each is tried at the
limit, below it and past it, by the tests beside it. `tests/limits/test_bombs.py` sends what is made to hurt (DEFLATE
bombs, entities, a hundred thousand levels, a million elements, bodies without end) to a running makelaar, and prints at
the end of a test run what each cost in time and memory.

Some things have no number, for there is exactly one of them: a message in a request, a Signature of an element, its
Reference, an EncryptedData in an EncryptedID, an AudienceRestriction, an obligation. A second one is refused.

What has a code is explained in `refusals.md`. The threads and processes that do the work are settings (`workers`,
`threads`).
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """A number, or a set of algorithms, with the text beside it; ``mark`` is what its tests carry."""

    shown: str
    mark: str
    value: Any
    text: str

    @property
    def why(self) -> str:
        """What it bounds, and the reason of the number."""
        return " ".join(self.text.partition("Past it:")[0].split())

    @property
    def past(self) -> str:
        """What happens past it."""
        return " ".join(self.text.partition("Past it:")[2].split())


def of_policy(name: str) -> list[Limit]:
    """The limits of one object of the policy, in the order of the file."""
    values = getattr(policy, name)
    kind = type(values).__name__
    module = ast.parse(Path(policy.__file__).read_text("utf-8"))
    (found,) = (node for node in module.body if isinstance(node, ast.ClassDef) and node.name == kind)
    texts = dict(_described(found.body))
    return [
        Limit(f"{kind}.{field.name}", field.name, getattr(values, field.name), texts.get(field.name, ""))
        for field in dataclasses.fields(values)
    ]


def elsewhere() -> list[Limit]:
    """The limits that stand where they are used."""
    limits = []
    for place in ELSEWHERE:
        path, _, name = place.partition(":")
        module = importlib.import_module(path)
        texts = dict(_described(ast.parse(Path(str(module.__file__)).read_text("utf-8")).body))
        mark = f"{path.rpartition('.')[2]}.{name}"
        limits.append(Limit(mark, mark, getattr(module, name), texts.get(name, "")))
    return limits


def every() -> list[Limit]:
    """All limits of the page."""
    return [limit for name in FAMILIES for limit in of_policy(name)] + elsewhere()


def _described(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Each name that is given a value, with the text that follows it."""
    for node, after in pairwise(body):
        target = given(node)
        if (
            isinstance(target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            yield target.id, str(after.value.value)


def given(node: ast.stmt) -> ast.expr | None:
    """To what a statement gives a value, if it does."""
    if isinstance(node, ast.Assign):
        return node.targets[0]
    return node.target if isinstance(node, ast.AnnAssign) else None


def shown(limit: Limit) -> str:
    """The value with its unit, which is in the name or in the type."""
    value, name = limit.value, limit.mark.lower()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, frozenset):
        return ", ".join(sorted(each.rpartition("#")[2] for each in value))
    if name.endswith("bytes"):
        return _bytes(value)
    for unit, short in (("seconds", "s"), ("characters", "characters"), ("bits", "bits")):
        if name.endswith(unit):
            return f"{value:,} {short}"
    return f"{value:,}"


def _duration(value: timedelta) -> str:
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min")):
        if value % unit == timedelta() and value > unit:
            return f"{value // unit} {name}"
    seconds = value.total_seconds()
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _bytes(value: int) -> str:
    for unit, name in ((1024**2, "MiB"), (1024, "KiB")):
        if value % unit == 0:
            return f"{value // unit} {name}"
    return f"{value:,} bytes"


def render() -> str:
    """The page."""
    parts = [_HEAD]
    for name, title in FAMILIES.items():
        parts.append(_table(title, of_policy(name)))
    parts.append(_table("Where they are used", elsewhere()))
    return "\n".join(parts)


def _table(title: str, limits: list[Limit]) -> str:
    rows = "\n".join(_row(limit) for limit in limits)
    return (
        f"## {title}\n\n| name | value | what and why | past it | tried by |\n|---|---|---|---|---|\n{rows}\n"
    )


def _row(limit: Limit) -> str:
    tests = "<br>".join(f"[{each.sentence}](../{each.file})" for each in proofs("limit").get(limit.mark, ()))
    return f"| {limit.shown} | {shown(limit)} | {limit.why} | {limit.past} | {tests} |"


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
