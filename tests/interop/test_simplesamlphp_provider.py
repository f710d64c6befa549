"""SimpleSAMLphp of Debian as the identity provider of an organisation, behind an embedded authenticatiedienst."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from broker.assembly import paths
from broker.network.cast import BAKKERIJ
from broker.settings import AD_SLEUTEL
from tests.box import Box
from tests.interop.simplesamlphp import SimpleSaml
from tests.interop.simplesamlphp import simplesamlphp
from tests.keys import key_stem
from tests.walker import Walker

pytestmark = pytest.mark.interop

TOKEN = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"
SOURCES = {
    "accounts": {
        "0": "exampleauth:UserPass",
        "employee:with-token": {"uid": ["e.medewerker"], "factor": ["token"]},
        "colleague:password-only": {"uid": ["c.collega"]},
    }
}
SAYS_HOW = "if (isset($attributes['factor'])) { $state['saml:AuthnContextClassRef'] = '" + TOKEN + "'; }"
"""Its own filter: without it SimpleSAMLphp calls every login one by password."""


@pytest.fixture(scope="module")
def provider(box: Box) -> Iterator[str]:
    """Its entityID. Connected by its own metadata, and it by ours; both of its people have a machtiging."""
    hosted = {
        "host": "__DEFAULT__",
        "privatekey": "own.key",
        "certificate": "own.crt",
        "auth": "accounts",
        "validate.authnrequest": True,
        "authproc": {"10": {"class": "core:PHP", "code": SAYS_HOW}},
    }
    settings = {"enable.saml20-idp": True, "module.enable": {"core": True, "saml": True, "exampleauth": True}}
    with (
        tempfile.TemporaryDirectory(prefix="simplesamlphp-") as folder,
        simplesamlphp(Path(folder), key_stem("simplesamlphp-idp"), SOURCES, **settings) as running,
    ):
        entity_id = f"{running.url}/saml2/idp/metadata.php"
        running.know("saml20-idp-hosted", {entity_id: hosted})
        _connect(box, running, entity_id)
        yield entity_id
        assert box.command("ad", "remove", entity_id).returncode == 0


def _connect(box: Box, running: SimpleSaml, entity_id: str) -> None:
    document = running.folder / "idp.xml"
    document.write_bytes(running.get("saml2/idp/metadata.php"))
    added = box.command(
        *("ad", "add", "--metadata", str(document), "--at", "ad-sleutel", "--register", "mr-een"),
        *("--context", f"{TOKEN}=loa3", "--subject", "uid", "--name", "Account van de bakkerij"),
    )
    assert added.returncode == 0, added.stderr
    ours = box.url(AD_SLEUTEL) + paths.AD_DELEGATED_METADATA
    assert ours in added.stdout
    running.know("saml20-sp-remote", running.convert(requests.get(ours, timeout=10).content, "sp"))
    for person in ("e.medewerker", "c.collega"):
        granted = box.command("ad", "authorise", entity_id, person, BAKKERIJ.kvk)
        assert granted.returncode == 0, granted.stderr


@pytest.fixture
def at_provider(walker: Walker, provider: str) -> Walker:
    """Somebody at the login page of SimpleSAMLphp, sent there by the authenticatiedienst."""
    walker.start(3).choose_ad("werknemer").submit(provider=provider)
    assert walker.url.startswith(provider.removesuffix("saml2/idp/metadata.php")), walker.text
    return walker


def test_an_employee_logs_in_with_the_account_of_their_organisation(at_provider: Walker) -> None:
    at_provider.submit(username="employee", password="with-token").relay()

    assert BAKKERIJ.kvk in at_provider.text


def test_a_login_by_password_alone_has_no_level_and_is_refused(at_provider: Walker, box: Box) -> None:
    at_provider.submit(username="colleague", password="password-only").relay()

    assert "Inloggen bij uw organisatie is niet gelukt" in at_provider.text
    assert BAKKERIJ.kvk not in at_provider.text
    assert '"context_not_mapped"' in box.logs()


def test_a_wrong_password_stays_at_the_identity_provider(at_provider: Walker, provider: str) -> None:
    at_provider.submit(username="employee", password="guessed")

    assert at_provider.url.startswith(provider.removesuffix("saml2/idp/metadata.php"))
    assert "Incorrect username or password" in at_provider.text
