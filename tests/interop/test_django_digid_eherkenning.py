"""django-digid-eherkenning as it comes from its package index, connected as an operator connects it."""

from base64 import b64decode
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest
import requests

from broker.network.cast import BAKKERIJ
from broker.network.cast import BLOEMIST
from broker.network.cast import KANTOOR
from broker.network.cast import MARKTKRAAM
from broker.network.foreigners import MUSTERWERK
from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from tests.box import Box
from tests.interop.site import Site
from tests.walker import Walker

pytestmark = pytest.mark.interop


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
    assert f"Logged in: RSIN {BAKKERIJ.rsin}" in walker.text
    assert visited >= {urlsplit(box.url(party)).netloc for party in (MAKELAAR, AD_SLEUTEL, MR_EEN)}


@pytest.mark.rule("3.1.11", "3.1.14", "9.16")
def test_a_site_resolves_over_mutual_tls_and_reads_the_whole_answer(
    walker: Walker, adapted_site: Site
) -> None:
    artifacts = _artifacts(walker)
    walker.open(adapted_site.login, attr_consuming_service_index="9052").relay()
    walker.choose_ad("werknemer").authenticate("werknemer")

    assert f"LegalSubjectID RSIN is {BAKKERIJ.rsin}." in walker.text
    assert f"LegalSubjectID KvKnr is {BAKKERIJ.kvk}." in walker.text
    assert "ActingSubjectID Pseudo is " in walker.text
    assert b64decode(artifacts[-1])[2:4] == b"\x00\x00", "index 0 is the listener with mutual TLS"


@pytest.mark.rule("1.3.06", "1.3.11")
def test_in_a_chain_the_client_is_represented_and_the_intermediary_beside_it(
    walker: Walker, adapted_site: Site
) -> None:
    walker.open(adapted_site.login).relay().choose_ad("accountant").authenticate("accountant")
    walker.choose_company(BLOEMIST.name)

    assert f"LegalSubjectID RSIN is {BLOEMIST.rsin}." in walker.text
    assert f"LegalSubjectID KvKnr is {BLOEMIST.kvk}." in walker.text
    assert f"IntermediateSubjectID KvKnr is {KANTOOR.kvk}." in walker.text


def test_the_stock_backend_knows_the_client_and_not_the_intermediary(
    walker: Walker, stock_site: Site
) -> None:
    walker.open(stock_site.login).relay().choose_ad("accountant").authenticate("accountant")
    walker.choose_company(BLOEMIST.name)

    assert f"Logged in: RSIN {BLOEMIST.rsin}" in walker.text


def test_a_machtiging_for_one_vestiging_arrives_with_its_number(walker: Walker, adapted_site: Site) -> None:
    walker.open(adapted_site.login).relay().choose_ad("vestiging").authenticate("vestiging")

    assert f"LegalSubjectID KvKnr is {MARKTKRAAM.kvk}." in walker.text
    assert f"Vestigingsnr is {MARKTKRAAM.vestiging}." in walker.text


def test_an_artifact_that_was_used_ends_as_the_clean_message_of_the_package(
    walker: Walker, stock_site: Site
) -> None:
    artifacts = _artifacts(walker)
    walker.open(stock_site.login).relay().choose_ad("werknemer").authenticate("werknemer")
    assert "Logged in" in walker.text

    walker.session.cookies.clear()
    walker.open(f"{stock_site.url}/eherkenning/acs/", SAMLart=artifacts[-1])

    assert walker.status == 200
    assert "Login to eHerkenning did not succeed. Please try again." in walker.text
    assert "Nobody is logged in" in walker.text


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


@pytest.mark.rule("1.5.01", "1.5.02", "1.5.03", "1.5.06")
def test_the_eidas_service_that_the_package_offers_takes_a_citizen(
    walker: Walker, adapted_site: Site
) -> None:
    walker.open(adapted_site.login, attr_consuming_service_index="9053").relay()
    assert "(eIDAS)" in walker.text
    walker.press("choose", person="burger").relay()

    assert "ActingSubjectID Pseudo is " in walker.text
    assert "Representation is false." in walker.text
    assert "LegalSubjectID" not in walker.text


@pytest.mark.rule("1.5.03")
def test_a_representative_of_a_foreign_company_logs_in_where_the_catalogue_allows_companies(
    walker: Walker, adapted_site: Site
) -> None:
    walker.open(adapted_site.login, attr_consuming_service_index="9053").relay()
    walker.press("choose", person="prokurist").relay()

    assert f"LegalSubjectID eIDASLegalIdentifier is {MUSTERWERK.identifier}." in walker.text
    assert "Representation is true." in walker.text


@pytest.mark.rule("8.16")
def test_the_catalogue_of_the_package_allows_no_company_there_and_gets_a_clean_refusal(
    walker: Walker, stock_site: Site
) -> None:
    walker.open(stock_site.login, attr_consuming_service_index="9053").relay()
    walker.press("choose", person="prokurist").relay()
    assert "identificatie-niet-leverbaar" in walker.text
    before = len(stock_site.log())

    walker.press("back").relay()

    assert walker.status == 200
    assert "Login to eHerkenning did not succeed. Please try again." in walker.text
    assert "technical error" in stock_site.log()[before:]


def _artifacts(walker: Walker) -> list[str]:
    """The artifacts that the walker carries from now on."""
    carried: list[str] = []

    def note(answer: requests.Response, **_: object) -> None:
        carried.extend(parse_qs(urlsplit(answer.url).query).get("SAMLart", []))

    walker.session.hooks["response"].append(note)
    return carried


def _visited(walker: Walker) -> set[str]:
    """The hosts and ports that the walker goes to from now on, filled as it walks."""
    visited: set[str] = set()
    walker.session.hooks["response"].append(lambda answer, **_: visited.add(urlsplit(answer.url).netloc))
    return visited
