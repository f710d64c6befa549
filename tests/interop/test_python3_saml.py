"""python3-saml, which knows SAML but not eHerkenning, with its strictest settings: profile `saml`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from broker.assembly import paths
from broker.settings import MAKELAAR
from tests.box import Box
from tests.interop.landing import Arrivals
from tests.interop.landing import landing
from tests.keys import certificate_pem
from tests.keys import private_pem
from tests.walker import Walker

pytestmark = pytest.mark.interop

ENTITY_ID = "https://portaal.example.nl/saml/metadata"
SERVICE = (
    *("--service-id", "urn:etoegang:DV:00000099000000007300:services:1"),
    *("--service-name", "Ondernemersportaal", "--level", "loa3", "--organisation", "Portaal Voorbeeld"),
)


@dataclass(frozen=True)
class Portal:
    """A site on python3-saml."""

    settings: dict[str, Any]
    arrivals: Arrivals

    def auth(self, posted: dict[str, str] | None = None) -> OneLogin_Saml2_Auth:
        """The library, in a request of its own."""
        acs = urlsplit(self.arrivals.url)
        request = {
            "https": "off",
            "http_host": acs.netloc,
            "script_name": acs.path,
            "get_data": {},
            "post_data": posted or {},
        }
        return OneLogin_Saml2_Auth(request, self.settings)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "encrypted"])
def portal(
    request: pytest.FixtureRequest, box: Box, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Portal]:
    """Connected by its own metadata, once with a key to encrypt assertions for."""
    encrypted = bool(request.param)
    ours = requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).text
    with landing() as arrivals:
        settings = OneLogin_Saml2_IdPMetadataParser.merge_settings(
            OneLogin_Saml2_IdPMetadataParser.parse(ours), _settings(arrivals.url, encrypted=encrypted)
        )
        generated = OneLogin_Saml2_Settings(settings, sp_validation_only=True).get_sp_metadata()
        document = tmp_path_factory.mktemp("python3-saml") / "metadata.xml"
        Path(document).write_bytes(generated if isinstance(generated, bytes) else generated.encode())
        added = box.command("dv", "add", str(document), "--profile", "saml", *SERVICE)
        assert added.returncode == 0, added.stderr
        yield Portal(settings, arrivals)
        assert box.command("dv", "remove", ENTITY_ID).returncode == 0


def _settings(acs: str, *, encrypted: bool) -> dict[str, Any]:
    return {
        "strict": True,
        "sp": {
            "entityId": ENTITY_ID,
            "assertionConsumerService": {
                "url": acs,
                "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
            },
            "x509cert": certificate_pem("python3-saml").decode(),
            "privateKey": private_pem("python3-saml").decode(),
        },
        "security": {
            "authnRequestsSigned": True,
            "wantMessagesSigned": True,
            "wantAssertionsSigned": True,
            "wantAssertionsEncrypted": encrypted,
            "signMetadata": True,
            "requestedAuthnContext": False,
            "rejectDeprecatedAlgorithm": True,
        },
    }


def test_a_login_gives_company_and_person(portal: Portal, walker: Walker) -> None:
    asked = portal.auth()
    walker.open(asked.login(return_to="https://portaal.example.nl/dossier?een=1&twee=ü"))
    walker.choose_ad("werknemer").authenticate("werknemer")
    assert walker.text == "arrived"
    posted = portal.arrivals.received[-1]
    assert posted["RelayState"] == "https://portaal.example.nl/dossier?een=1&twee=ü"

    auth = portal.auth(posted)
    auth.process_response(request_id=asked.get_last_request_id())

    assert auth.get_errors() == [], auth.get_last_error_reason()
    assert auth.is_authenticated()
    attributes = auth.get_attributes()
    assert attributes["KvKnr"] == ["90000011"]
    assert attributes["LoA"] == ["urn:etoegang:core:assurance-class:loa3"]
    assert auth.get_nameid() == attributes["Pseudonym"][0]
    assert auth.get_nameid_format() == "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


def test_a_person_keeps_their_name_and_another_person_has_another(portal: Portal, box: Box) -> None:
    names = []
    for username in ("werknemer", "werknemer", "directeur"):
        asked, walker = portal.auth(), Walker(box)
        walker.open(asked.login()).choose_ad(username).authenticate(username)
        auth = portal.auth(portal.arrivals.received[-1])
        auth.process_response(request_id=asked.get_last_request_id())
        names.append(auth.get_nameid())
    assert names[0] == names[1]
    assert names[0] != names[2]


def test_a_cancel_is_authn_failed(portal: Portal, walker: Walker) -> None:
    asked = portal.auth()
    walker.open(asked.login()).press("cancel").relay()
    auth = portal.auth(portal.arrivals.received[-1])
    auth.process_response(request_id=asked.get_last_request_id())
    assert not auth.is_authenticated()
    assert "AuthnFailed" in str(auth.get_last_error_reason()) or "Responder" in str(
        auth.get_last_error_reason()
    )
    assert "geannuleerd" in str(auth.get_last_error_reason())


def test_an_answer_to_another_question_is_refused_by_the_library(portal: Portal, walker: Walker) -> None:
    asked = portal.auth()
    walker.open(asked.login()).choose_ad("werknemer").authenticate("werknemer")
    auth = portal.auth(portal.arrivals.received[-1])
    auth.process_response(request_id="_another")
    assert not auth.is_authenticated()
