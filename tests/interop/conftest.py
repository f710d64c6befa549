"""Fixtures of the foreign dienstverleners: connected by an operator, gone afterwards."""

from collections.abc import Iterator

import pytest

from tests.box import Box
from tests.interop import site
from tests.interop.site import Site


@pytest.fixture(scope="module")
def stock_site(box: Box) -> Iterator[Site]:
    """A site with the backend that the package comes with."""
    yield from _connected(box, "00000099000000005000", site.STOCK)


@pytest.fixture(scope="module")
def adapted_site(box: Box) -> Iterator[Site]:
    """A site whose backend keeps the KvK-nummer too."""
    yield from _connected(box, "00000099000000005100", site.ADAPTED)


def _connected(box: Box, oin: str, backend: str) -> Iterator[Site]:
    with site.running_site(box, oin, backend) as running:
        added = box.command("dv", "add", running.metadata, "--catalogue", running.catalogue)
        assert added.returncode == 0, added.stderr
        yield running
        removed = box.command("dv", "remove", running.entity_id)
        assert removed.returncode == 0, removed.stderr
