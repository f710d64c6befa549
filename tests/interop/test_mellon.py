"""mod_auth_mellon of Debian, with its defaults: Redirect with a signed query, transient policy, answers by POST."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from broker.assembly import paths
from broker.settings import MAKELAAR
from tests.box import Box
from tests.interop.apache import Mellon
from tests.interop.apache import mellon
from tests.keys import key_stem
from tests.walker import Walker

pytestmark = pytest.mark.interop

ENTITY_ID = "http://mellon.example.nl/mellon/metadata"
SERVICE = (
    *("--service-id", "urn:etoegang:DV:00000099000000007400:services:1"),
    *("--service-name", "Ledenportaal", "--level", "loa3", "--organisation", "Bond Voorbeeld"),
)
SUBSTANTIAL = "http://eidas.europa.eu/LoA/substantial"


@pytest.fixture(
    scope="module",
    params=["", f'MellonAuthnContextClassRef "{SUBSTANTIAL}"\n    MellonAuthnContextComparisonType minimum'],
    ids=["asks no level", "asks a level of eIDAS"],
)
def site(request: pytest.FixtureRequest, box: Box) -> Iterator[Mellon]:
    """Connected by the metadata that it makes of itself."""
    ours = requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).content
    with (
        tempfile.TemporaryDirectory(prefix="mellon-") as folder,
        mellon(Path(folder), key_stem("mellon"), ENTITY_ID, ours, request.param) as running,
    ):
        document = Path(folder) / "sp.xml"
        document.write_bytes(running.metadata())
        added = box.command("dv", "add", str(document), *SERVICE)
        assert added.returncode == 0, added.stderr
        assert "profile saml" in added.stdout
        yield running
        assert box.command("dv", "remove", ENTITY_ID).returncode == 0


def test_a_login_leads_to_the_page_that_was_asked_for(site: Mellon, walker: Walker) -> None:
    walker.open(f"{site.url}/secret/?case=1")
    walker.choose_ad("werknemer").authenticate("werknemer")
    assert walker.text == "in", f"{walker.url}: {walker.text}\n{site.log()}"
    assert walker.url == f"{site.url}/secret/?case=1"
    assert walker.answer is not None
    assert walker.answer.headers["X-KvK"] == "90000011"
    assert walker.answer.headers["X-Level"] == "urn:etoegang:core:assurance-class:loa3"
    assert len(walker.answer.headers["X-Person"]) == 97


def test_a_person_at_a_higher_level_than_asked_gets_in(site: Mellon, walker: Walker) -> None:
    walker.open(f"{site.url}/secret/").choose_ad("directeur").authenticate("directeur")
    assert walker.text == "in", f"{walker.url}: {walker.text}\n{site.log()}"


def test_a_cancel_ends_outside(site: Mellon, walker: Walker) -> None:
    walker.open(f"{site.url}/secret/").press("cancel").relay()
    assert walker.url.startswith(site.url)
    assert walker.status in {400, 401, 403}
    walker.open(f"{site.url}/secret/")
    assert walker.text != "in"


def test_a_logout_is_answered_and_leads_to_the_page_that_was_asked_for(site: Mellon, walker: Walker) -> None:
    walker.open(f"{site.url}/secret/").choose_ad("werknemer").authenticate("werknemer")
    assert walker.text == "in"

    walker.open(f"{site.url}/mellon/logout", ReturnTo=f"{site.url}/secret/?again=1").relay()

    assert "ad" in walker.fields(), f"{walker.url}: {walker.text}\n{site.log()}"
    assert site.log().count("Logout") == 0
