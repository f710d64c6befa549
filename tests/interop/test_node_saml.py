"""node-saml, the library of passport-saml, with its defaults: a request by POST is deflated first."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree

from broker.assembly import paths
from broker.network.cast import BAKKERIJ
from broker.network.cast import BLOEMIST
from broker.network.cast import KANTOOR
from broker.settings import MAKELAAR
from tests.box import Box
from tests.keys import certificate_pem
from tests.keys import private_pem
from tests.walker import Walker

pytestmark = pytest.mark.interop

FOLDER = Path(__file__).parent / "node"
SERVICE = (
    *("--service-id", "urn:etoegang:DV:00000099000000007600:services:1"),
    *("--service-name", "Aanvraagportaal", "--level", "loa3", "--organisation", "Coöperatie Voorbeeld"),
)


@dataclass(frozen=True)
class Site:
    """A running site on node-saml."""

    url: str
    entity_id: str
    binding: str


@pytest.fixture(
    scope="module",
    params=[("HTTP-Redirect", False), ("HTTP-POST", True)],
    ids=["by Redirect", "by POST, encrypted"],
)
def site(
    request: pytest.FixtureRequest, box: Box, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site that is connected by its own metadata."""
    binding, encrypted = request.param
    folder = tmp_path_factory.mktemp("node-saml")
    entity_id = f"https://node-saml.example.nl/{binding}"
    with _running(folder, _options(box, entity_id, binding, encrypted=encrypted)) as url:
        document = folder / "sp.xml"
        document.write_bytes(requests.get(f"{url}/metadata", timeout=10).content)
        added = box.command("dv", "add", str(document), "--profile", "saml", *SERVICE)
        assert added.returncode == 0, added.stderr
        yield Site(url, entity_id, binding)
        assert box.command("dv", "remove", entity_id).returncode == 0


def _options(box: Box, entity_id: str, binding: str, *, encrypted: bool) -> dict[str, Any]:
    """What has no default, and two defaults that must go: signing with SHA-1, and asking for a password."""
    metadata = etree.fromstring(requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).content)
    (certificate,) = set(metadata.xpath("//*[local-name()='X509Certificate']/text()"))
    (sign_on,) = set(metadata.xpath("//*[local-name()='SingleSignOnService']/@Location"))
    key, own = private_pem("node-saml").decode(), certificate_pem("node-saml").decode()
    return {
        "issuer": entity_id,
        "entryPoint": str(sign_on),
        "idpCert": str(certificate),
        "privateKey": key,
        "publicCert": own,
        "signatureAlgorithm": "sha256",
        "digestAlgorithm": "sha256",
        "disableRequestedAuthnContext": True,
        "validateInResponseTo": "always",  # stricter than its default
        "authnRequestBinding": binding,
        **({"decryptionPvk": key, "decryptionCert": own} if encrypted else {}),
    }


@contextmanager
def _running(folder: Path, options: dict[str, Any]) -> Iterator[str]:
    node = shutil.which("node") or shutil.which("nodejs")
    assert node, "these tests need Node: tools/system-packages.sh"
    assert (FOLDER / "node_modules").is_dir(), "these tests need node-saml: tools/node.sh"
    (folder / "options.json").write_text(json.dumps(options), "utf-8")
    process = subprocess.Popen(
        [node, str(FOLDER / "site.js"), str(folder / "options.json")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _log_in(walker: Walker, site: Site, username: str) -> Walker:
    return (
        walker.open(f"{site.url}/login", next="/dossier?één=1")
        .relay()
        .choose_ad(username)
        .authenticate(username)
    )


def _arrived(walker: Walker) -> dict[str, Any]:
    assert walker.url.endswith("/acs"), f"{walker.url}: {walker.text}"
    assert walker.answer is not None
    found: dict[str, Any] = walker.answer.json()
    return found


def test_a_login_gives_company_person_and_level(site: Site, walker: Walker) -> None:
    arrived = _arrived(_log_in(walker, site, "werknemer"))

    profile = arrived["profile"]
    assert profile["KvKnr"] == BAKKERIJ.kvk
    assert profile["LoA"] == "urn:etoegang:core:assurance-class:loa3"
    assert profile["nameID"] == profile["Pseudonym"]
    assert profile["nameIDFormat"] == "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    assert arrived["relayState"] == "/dossier?één=1"


def test_in_a_chain_the_intermediary_stands_beside_the_client(site: Site, walker: Walker) -> None:
    profile = _arrived(_log_in(walker, site, "accountant").choose_company(BLOEMIST.name))["profile"]

    assert profile["KvKnr"] == BLOEMIST.kvk
    assert profile["IntermediateKvKnr"] == KANTOOR.kvk


def test_a_cancel_is_no_login(site: Site, walker: Walker) -> None:
    arrived = _arrived(walker.open(f"{site.url}/login").relay().press("cancel").relay())

    assert walker.status == 403
    assert "profile" not in arrived
    assert "geannuleerd" in arrived["error"]


def test_what_is_deflated_before_it_is_posted_is_noted(site: Site, walker: Walker, box: Box) -> None:
    walker.open(f"{site.url}/login").relay()
    assert "ad" in walker.fields()

    noted = box.command("dv", "tolerances", site.entity_id).stdout
    (line,) = (line for line in noted.splitlines() if "deflated-post" in line)
    assert (line.split()[2] != "-") == (site.binding == "HTTP-POST"), line
