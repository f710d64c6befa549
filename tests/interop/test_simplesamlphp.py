"""SimpleSAMLphp of Debian as service provider, as its defaults are: Redirect with a signed query."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from broker.assembly import paths
from broker.network.cast import BAKKERIJ
from broker.saml.names import BINDING_ARTIFACT
from broker.settings import MAKELAAR
from tests.box import Box
from tests.interop.simplesamlphp import SimpleSaml
from tests.interop.simplesamlphp import simplesamlphp
from tests.keys import key_stem
from tests.walker import Walker

pytestmark = pytest.mark.interop

BY_POST, BY_ARTIFACT = "default-sp", "by-artifact"
"""Its authentication sources: one has all its defaults, the other asks for answers by artifact."""


@pytest.fixture(scope="module")
def running(box: Box) -> Iterator[SimpleSaml]:
    """It runs, and knows the makelaar by what its own parser made of our metadata."""
    common = {
        "0": "saml:SP",
        "idp": MAKELAAR.entity_id,
        "privatekey": "own.key",
        "certificate": "own.crt",
        "sign.logout": True,
    }
    sources = {
        BY_POST: {**common, "entityID": _entity_id(BY_POST)},
        BY_ARTIFACT: {**common, "entityID": _entity_id(BY_ARTIFACT), "ProtocolBinding": BINDING_ARTIFACT},
    }
    ours = requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).content
    with (
        tempfile.TemporaryDirectory(prefix="simplesamlphp-") as folder,
        simplesamlphp(Path(folder), key_stem("simplesamlphp"), sources) as found,
    ):
        found.know("saml20-idp-remote", found.convert(ours, "idp"))
        yield found


@pytest.fixture(scope="module", params=[BY_POST, BY_ARTIFACT])
def page(request: pytest.FixtureRequest, box: Box, running: SimpleSaml) -> Iterator[str]:
    """Its own page to try an authentication source on, which is connected by the metadata it makes of itself."""
    source = str(request.param)
    number = 1 + (BY_POST, BY_ARTIFACT).index(source)
    document = running.folder / f"{source}.xml"
    document.write_bytes(running.get(f"module.php/saml/sp/metadata.php/{source}"))
    service = (
        *("--service-id", f"urn:etoegang:DV:00000099000000007500:services:{number}"),
        *("--service-name", "Samenwerkruimte", "--level", "loa3", "--organisation", "Vereniging Voorbeeld"),
    )
    added = box.command("dv", "add", str(document), *service)
    assert added.returncode == 0, added.stderr
    assert "profile saml" in added.stdout
    yield f"{running.url}/module.php/core/authenticate.php?as={source}"
    assert box.command("dv", "remove", _entity_id(source)).returncode == 0


def _entity_id(source: str) -> str:
    return f"https://simplesamlphp.example.nl/{source}"


def test_a_login_shows_company_person_and_level(page: str, running: SimpleSaml, walker: Walker) -> None:
    walker.open(page).choose_ad("werknemer").authenticate("werknemer")

    assert walker.url == page, f"{walker.text}\n{running.log()}"
    assert f"KvKnr{BAKKERIJ.kvk} " in walker.text
    assert "LoAurn:etoegang:core:assurance-class:loa3 " in walker.text
    assert "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" in walker.text


def test_a_cancel_is_authn_failed(page: str, running: SimpleSaml, walker: Walker) -> None:
    walker.open(page).press("cancel").relay()

    assert walker.url.startswith(running.url)
    assert "Responder/AuthnFailed" in walker.text
    assert "geannuleerd" in walker.text


def test_a_logout_is_answered_and_ends_at_its_own_page(
    page: str, running: SimpleSaml, walker: Walker
) -> None:
    walker.open(page).choose_ad("werknemer").authenticate("werknemer")
    assert BAKKERIJ.kvk in walker.text
    log = running.log()

    walker.open(f"{page}&logout").relay()

    assert walker.url == f"{running.url}/logout.php", f"{walker.text}\n{running.log()}"
    assert "You have been logged out." in walker.text
    assert "Unsuccessful logout" not in running.log()[len(log) :]
    walker.open(page)
    assert "ad" in walker.fields(), "the next visit begins with a login again"
