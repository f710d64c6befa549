"""The list of all checks, with their texts: read from ``texts/*.toml``, one table for each check.

A check is described there and made by the function that carries its id. An id is never used again for another check.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from typing import Final

from broker.checks.rows import Family
from broker.checks.rows import Severity
from broker.checks.rows import Text
from broker.domain.connection import Profile

_TEXTS: Final = Path(__file__).parent / "texts"
_FAMILIES: Final = {
    "MD": Family.METADATA,
    "DC": Family.CATALOGUE,
    "CE": Family.CERTIFICATES,
    "RQ": Family.REQUEST,
    "TL": Family.TLS,
}
"""What the first letters of an id mean; the files stand in this order in every list."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check as people read about it. ``expected`` is what the place should hold; ``profiles`` for whom it counts."""

    id: str
    family: Family
    severity: Severity
    title: Text
    rule: str
    expected: str
    mend: Text
    profiles: frozenset[Profile]


@cache
def every_check() -> Mapping[str, Check]:
    """All checks by id, in the order in which reports and pages list them."""
    return {
        check_id: _check(check_id, family, values)
        for prefix, family in _FAMILIES.items()
        for check_id, values in tomllib.loads((_TEXTS / f"{prefix}.toml").read_text("utf-8")).items()
    }


def _check(check_id: str, family: Family, values: Mapping[str, Any]) -> Check:
    return Check(
        id=check_id,
        family=family,
        severity=Severity(values["severity"]),
        title=Text(values["nl"], values["en"]),
        rule=values["rule"],
        expected=values.get("expected", ""),
        mend=Text(values["mend_nl"], values["mend_en"]),
        profiles=frozenset(Profile(each) for each in values.get("profiles", tuple(Profile))),
    )
