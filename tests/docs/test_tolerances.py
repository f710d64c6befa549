"""docs/connect/README.md explains each tolerance."""

from pathlib import Path

import pytest

from broker.domain.connection import Tolerance

CONNECT = (Path(__file__).parents[2] / "docs/connect/README.md").read_text("utf-8")


@pytest.mark.parametrize("tolerance", list(Tolerance))
def test_every_tolerance_has_a_row(tolerance: Tolerance) -> None:
    assert f"| `{tolerance}` |" in CONNECT
