"""django-digid-eherkenning as it comes from its package index, connected as an operator connects it."""

from base64 import b64decode
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest

from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from tests.box import Box
from tests.interop.site import Site
from tests.walker import Walker

pytestmark = pytest.mark.interop

BAKKERIJ_RSIN, BAKKERIJ_KVK = "900000028", "90000011"


@pytest.mark.rule("7.1.17", "7.1.18", "7.3.08")
def test_its_documents_connect_with_warnings_for_what_is_tolerated(box: Box, stock_site: Site) -> None:
    added = box.command("dv", "add", stock_site.metadata, "--catalogue", stock_site.catalogue)

    assert added.returncode == 0, added.stderr
    assert f": {stock_site.entity_id}" in added.stdout
    assert "service 9052" in added.stdout
    assert "NameIDFormat is forbidden; it is ignored" in added.stderr
    assert "the catalogue is not signed" in added.stderr
    assert "error" not in added.stderr


@pytest.mark.rule(
    "2.56", "3.5.10", "3.8.01", "3.8.02", "3.8.03", "3.8.04", "3.8.05", "3.8.06", "3.8.07", "3.8.08"
)
def test_a_person_logs_in_and_the_stock_backend_knows_the_rsin(
    box: Box, walker: Walker, stock_site: Site
) -> None:
    visited = _visited(walker)
    walker.open(stock_site.login, attr_consuming_service_index="9052").relay()
    assert "Evenementenvergunning" in walker.text

    walker.choose_ad("werknemer").authenticate("werknemer")

    assert walker.url == f"{stock_site.url}/"
    assert f"Logged in: RSIN {BAKKERIJ_RSIN}" in walker.text
    assert visited >= {urlsplit(box.url(party)).netloc for party in (MAKELAAR, AD_SLEUTEL, MR_EEN)}


def test_an_adapted_backend_gets_rsin_and_kvk_number(walker: Walker, adapted_site: Site) -> None:
    walker.open(adapted_site.login, attr_consuming_service_index="9052").relay()
    walker.choose_ad("werknemer").authenticate("werknemer")

    assert f"Logged in: RSIN {BAKKERIJ_RSIN}, KvK {BAKKERIJ_KVK}" in walker.text


@pytest.mark.rule("2.34")
def test_without_index_the_default_service_is_asked(walker: Walker, stock_site: Site) -> None:
    walker.open(stock_site.login).relay()

    assert "Evenementenvergunning" in walker.text
    assert "eIDAS" not in walker.text


@pytest.mark.rule("2.04", "2.56")
def test_a_relay_state_of_more_than_80_bytes_comes_back_unchanged(walker: Walker, stock_site: Site) -> None:
    page = "/?after=" + "a" * 120 + "&with=%C3%A9"

    walker.open(stock_site.login, next=page).relay().choose_ad("werknemer").authenticate("werknemer")

    assert walker.url == stock_site.url + page
    assert "Logged in" in walker.text


@pytest.mark.rule("3.7.02", "8.33")
def test_a_cancel_ends_as_the_clean_message_of_the_package(walker: Walker, stock_site: Site) -> None:
    before = len(stock_site.log())
    walker.open(stock_site.login, next="/?cancelled=1").relay().press("cancel")
    logged = stock_site.log()[before:]

    assert walker.status == 200
    assert walker.url == f"{stock_site.url}/?cancelled=1"
    assert "Login to eHerkenning did not succeed. Please try again." in walker.text
    assert "Nobody is logged in" in walker.text
    assert "did not succeed or was cancelled" in logged
    assert "technical error" not in logged


def test_a_company_without_rsin_is_refused_by_the_stock_backend_in_its_own_words(
    walker: Walker, stock_site: Site
) -> None:
    walker.open(stock_site.login).relay().choose_ad("eigenaar").authenticate("eigenaar")
    walker.choose_company("Klusbedrijf")

    assert walker.status == 200
    assert "No RSIN returned by eHerkenning." in walker.text


@pytest.mark.rule("8.16")
def test_a_service_whose_identifiers_cannot_be_delivered_is_refused_with_a_way_back(
    walker: Walker, stock_site: Site
) -> None:
    walker.open(stock_site.login, attr_consuming_service_index="9053").relay()
    assert "ad" not in walker.fields()
    before = len(stock_site.log())

    walker.press("back")

    assert walker.status == 200
    assert "Login to eHerkenning did not succeed. Please try again." in walker.text
    assert "technical error" in stock_site.log()[before:]


def _visited(walker: Walker) -> set[str]:
    """The hosts and ports that the walker goes to from now on, filled as it walks."""
    visited: set[str] = set()
    walker.session.hooks["response"].append(lambda answer, **_: visited.add(urlsplit(answer.url).netloc))
    return visited


@pytest.mark.rule("3.1.11", "3.1.14", "9.16")
def test_it_resolves_over_mutual_tls_with_the_pair_of_its_metadata(
    box: Box, walker: Walker, stock_site: Site
) -> None:
    add = ("dv", "add", stock_site.metadata, "--catalogue", stock_site.catalogue)
    assert "mutual TLS    required" in box.command(*add, "--mutual-tls").stdout
    walker.open(stock_site.login).relay().choose_ad("werknemer").authenticate("werknemer")
    artifacts = [
        parse_qs(urlsplit(answer.headers.get("Location", "")).query)["SAMLart"][0]
        for answer in walker.answer.history  # type: ignore[union-attr]  # a page was opened
        if answer.headers.get("Location", "").startswith(stock_site.url)
    ]
    assert f"Logged in: RSIN {BAKKERIJ_RSIN}" in walker.text
    assert [b64decode(artifact)[2:4] for artifact in artifacts] == [b"\x00\x00"]
    assert "mutual TLS    not required" in box.command(*add, "--no-mutual-tls").stdout
