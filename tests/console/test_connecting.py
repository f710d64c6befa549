"""What an operator hands to somebody at a dienstverlener: a link that is shown once, and filled-in configuration."""

import re

import pytest
from markupsafe import escape
from sqlalchemy import delete

from broker.assembly.onboarding import register
from broker.console.shown import address
from broker.onboarding.snippets import Product
from broker.ports import Role
from broker.ports.changes import OperatorRole
from broker.settings import MAKELAAR
from broker.storage import tables
from tests.console.conftest import Site
from tests.saml.builders import DV
from tests.saml.documents import catalogue
from tests.saml.documents import dv_metadata

URL = re.compile(r"http://localhost:\d+(/setup/[\w-]+)")


@pytest.fixture(autouse=True)
def _nobody_connected(site: Site) -> None:
    with site.assembled.engine.begin() as connection:
        for table in (tables.setup_link, tables.service, tables.expiry):
            connection.execute(delete(table))


@pytest.fixture
def part(site: Site) -> str:
    register(
        site.assembled.registry,
        Role.DV,
        dv_metadata(),
        catalogue(),
        makelaar_oin=MAKELAAR.oin,
        now=site.clock(),
    )
    return address(DV)


def test_a_link_is_shown_once_opens_a_page_and_ends_when_it_is_revoked(site: Site) -> None:
    site.log_in("anna", OperatorRole.OPERATOR)
    made = site.post("/links", name="Gemeente Voorbeeld", days="7")
    found = URL.search(made.text)
    assert found
    visitor = site.client.application.test_client()
    assert visitor.get(found[1]).status_code == 200
    listed = site.text("/links")
    assert "Gemeente Voorbeeld" in listed
    assert found[1] not in listed

    number = re.search(r'name="id" value="(\w+)"', listed)
    assert number
    assert site.post("/links/revoke", "/links", id=number[1]).status_code == 303

    assert visitor.get(found[1]).status_code != 200
    assert site.history()[-2:] == ["setup-link-made", "setup-link-revoked"]


@pytest.mark.parametrize(
    "fields", [{"name": " ", "days": "7"}, {"name": "Wij", "days": "91"}, {"name": "Wij", "days": "x"}]
)
def test_a_link_for_nobody_or_for_too_long_is_not_made(site: Site, fields: dict[str, str]) -> None:
    site.log_in("anna", OperatorRole.OPERATOR)
    refused = site.post("/links", **fields)

    assert refused.status_code == 422
    assert "1 tot 90" in refused.text or "1 to 90" in refused.text
    assert "setup-link-made" not in site.history()


def test_who_may_only_look_makes_no_link(site: Site) -> None:
    site.log_in("vera", OperatorRole.VIEWER)
    assert '<form method="post" action="/links"' not in site.text("/links")
    assert site.post("/links", name="Wij", days="7").status_code == 403


@pytest.mark.parametrize("product", list(Product))
def test_software_is_configured_for_who_is_connected(site: Site, part: str, product: Product) -> None:
    site.log_in("vera", OperatorRole.VIEWER)
    page = site.text(f"/partners/{part}/connect?product={product}")

    assert "<h1>Software instellen</h1>" in page or "<h1>Set up software</h1>" in page
    assert DV in page or 'role="status"' in page
    for number, link in enumerate(re.findall(r'href="([^"]+)" download', page)):
        file = site.client.get(link)
        assert file.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8")
        assert file.content_type == "text/plain; charset=utf-8"
        assert str(escape(file.text)) in page, number
    assert site.client.get(f"/partners/{part}/connect/{product}/99").status_code == 404
    assert site.client.get(f"/partners/{part}/connect?product=another").status_code == 404
    assert site.client.get(f"/partners/{address('urn:nobody')}/connect").status_code == 404
    assert "Gemeente" in site.text(f"/links?partner={part}") or DV in site.text(f"/links?partner={part}")
