"""Fixtures of the foreign dienstverleners: connected by an operator, gone afterwards."""

from collections.abc import Iterator

import pytest
import requests

from tests.box import Box
from tests.interop import site
from tests.interop.site import Site


@pytest.fixture(scope="module")
def stock_site(box: Box) -> Iterator[Site]:
    """A site with the backend and the dienstencatalogus that the package comes with."""
    with site.running_site(box, "00000099000000005000", site.STOCK) as running:
        yield from _connected(box, running, running.catalogue)


@pytest.fixture(scope="module")
def adapted_site(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose backend keeps the whole answer; it resolves over mutual TLS, and takes foreign companies."""
    with site.running_site(box, "00000099000000005100", site.ADAPTED) as running:
        catalogue = tmp_path_factory.mktemp("catalogue") / "catalogue.xml"
        catalogue.write_text(_with_foreign_companies(running), "utf-8")
        yield from _connected(box, running, str(catalogue), "--mutual-tls")


def _connected(box: Box, running: Site, catalogue: str, *options: str) -> Iterator[Site]:
    added = box.command("dv", "add", running.metadata, "--catalogue", catalogue, *options)
    assert added.returncode == 0, added.stderr
    yield running
    removed = box.command("dv", "remove", running.entity_id)
    assert removed.returncode == 0, removed.stderr


def _with_foreign_companies(running: Site) -> str:
    """The dienstencatalogus of the package, in which its service for eIDAS takes companies too: it has no setting."""
    made = requests.get(running.catalogue, timeout=10).text
    person = "urn:etoegang:1.9:EntityConcernedID:Pseudo</esc:EntityConcernedTypesAllowed>"
    assert made.count(person) == 1
    company = "urn:etoegang:1.11:EntityConcernedID:eIDASLegalIdentifier</esc:EntityConcernedTypesAllowed>"
    return made.replace(person, f'{person}<esc:EntityConcernedTypesAllowed setNumber="2">{company}')
