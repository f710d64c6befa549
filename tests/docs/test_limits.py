"""docs/limits.md holds every number that bounds what others can make us do, with its reason and its tests."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.saml import policy
from tools import limits
from tools.conformance import proofs
from tools.limits import Limit

ROOT = Path(__file__).parents[2]

REACHED = ("saml", "journey", "exchange", "screens", "storage", "assembly", "makelaar")
"""The packages that strangers reach at the makelaar."""

OTHER_NUMBERS = {
    "formats that others gave": {
        *(
            "encryption._BLOCK",
            "encryption._GCM_IV",
            "encryption._GCM_TAG",
            "artifact._LENGTH",
            "artifact.HANDLE_BYTES",
        ),
    },
    "sizes of what we make ourselves": {
        *(
            "binder._SECRET_BYTES",
            "binder._SHOWN",
            "catalogue_form._SHOWN",
            "http._CHUNK",
            "audit._CHAINS_AT_ONCE",
            "audit_trail._AT_ONCE",
            "http._CONNECTIONS",
            "personal_address._CODE_CHARACTERS",
        ),
    },
    "indexes": {
        *("asking.AD_CONSUMER_INDEX", "asking.MR_CONSUMER_INDEX", "eidas.CONSUMER_INDEX"),
        *("resolution.MUTUAL_TLS_INDEX", "resolution.FRONT_INDEX", "__init__._LOCK_NUMBER"),
        "app._MOST_EDITIONS",
    },
    "how long things are kept, and when they are done again": {
        *("answers._ONE_YEAR", "setup._ONE_YEAR", "assets._ONE_YEAR", "headers._TWO_YEARS"),
        *(
            "memory_state.PURGE_EVERY",
            "readiness.KEPT_SECONDS",
            "sql_state.PURGE_EVERY",
            "sql_state.PURGE_AT_MOST",
            "trust._KEPT_SECONDS",
            "artifacts._GUESSES_SECONDS",
            "sightings.WRITTEN_AFTER_SECONDS",
        ),
        *(
            "metadata._FAULTS_SHOWN",
            "odd_files._HEAD",
            "other_partners._NAMED",
            "marker.LASTS_SECONDS",
            "versions._TRIES",
            "neighbours._SOME",
        ),
        *("attempts._WINDOW", "codes._STEP"),
    },
}
"""Numbers of modules that bound nothing a stranger sends or causes."""


def numbers() -> Iterator[str]:
    """Every name that a module gives to a plain number, or a product of such."""
    for path in sorted(path for part in REACHED for path in (ROOT / "broker" / part).rglob("*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            target = limits.given(node)
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            if (
                isinstance(target, ast.Name)
                and target.id.isupper()
                and value is not None
                and is_number(value)
            ):
                yield f"{path.stem}.{target.id}"


def is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return is_number(node.left) and is_number(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value is not True


def test_no_number_hides() -> None:
    listed = {limit.mark for limit in limits.elsewhere()}
    others = set().union(*OTHER_NUMBERS.values())

    assert set(numbers()) - listed - others == set()
    assert others - set(numbers()) == set()


def test_every_object_of_the_policy_is_a_table() -> None:
    kinds = {name for name in vars(policy) if name.isupper() and hasattr(getattr(policy, name), "__slots__")}

    assert {name for name in kinds if type(getattr(policy, name)).__module__ == policy.__name__} == set(
        limits.FAMILIES
    )


@pytest.mark.parametrize("limit", limits.every(), ids=lambda limit: limit.shown)
def test_a_limit_has_a_reason_and_a_reaction(limit: Limit) -> None:
    assert len(limit.why) > 20
    assert limit.past.endswith(".")


def test_every_limit_of_the_policy_is_tried() -> None:
    ours = {limit.mark for name in limits.FAMILIES for limit in limits.of_policy(name)}

    assert ours - set(proofs("limit")) == set()


def test_no_test_tries_a_limit_that_there_is_not() -> None:
    assert set(proofs("limit")) - {limit.mark for limit in limits.every()} == set()
