"""python3-saml logs out: it waits for a LogoutResponse, and judges it with its strictest settings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest
import requests
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from broker.assembly import paths
from broker.settings import MAKELAAR
from tests.box import Box
from tests.keys import certificate_pem
from tests.keys import private_pem

pytestmark = pytest.mark.interop

ENTITY_ID = "https://archief.example.nl/saml/metadata"
SLO = "https://archief.example.nl/saml/slo"
SERVICE = (
    *("--service-id", "urn:etoegang:DV:00000099000000007450:services:1"),
    *("--service-name", "Archief", "--level", "loa2", "--organisation", "Archief Voorbeeld"),
)


def _site(received: dict[str, str] | None = None) -> dict[str, Any]:
    address = urlsplit(SLO)
    return {
        "https": "on",
        "http_host": address.netloc,
        "script_name": address.path,
        "get_data": received or {},
        "post_data": {},
    }


@pytest.fixture(scope="module")
def settings(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Connected by its own metadata, which has a SingleLogoutService."""
    ours = requests.get(box.url(MAKELAAR) + paths.METADATA, timeout=10).text
    merged = OneLogin_Saml2_IdPMetadataParser.merge_settings(
        OneLogin_Saml2_IdPMetadataParser.parse(ours),
        {
            "strict": True,
            "sp": {
                "entityId": ENTITY_ID,
                "assertionConsumerService": {"url": "https://archief.example.nl/saml/acs"},
                "singleLogoutService": {"url": SLO},
                "x509cert": certificate_pem("python3-saml").decode(),
                "privateKey": private_pem("python3-saml").decode(),
            },
            "security": {
                "authnRequestsSigned": True,
                "logoutRequestSigned": True,
                "wantMessagesSigned": True,
                "signMetadata": True,
                "rejectDeprecatedAlgorithm": True,
            },
        },
    )
    generated = OneLogin_Saml2_Settings(merged, sp_validation_only=True).get_sp_metadata()
    document = tmp_path_factory.mktemp("python3-saml-logout") / "metadata.xml"
    Path(document).write_bytes(generated if isinstance(generated, bytes) else generated.encode())
    added = box.command("dv", "add", str(document), "--profile", "saml", *SERVICE)
    assert added.returncode == 0, added.stderr
    yield merged
    assert box.command("dv", "remove", ENTITY_ID).returncode == 0


@pytest.mark.rule("7.4.07")
def test_its_logout_is_answered_and_it_believes_the_answer(settings: dict[str, Any]) -> None:
    asking = OneLogin_Saml2_Auth(_site(), settings)
    address = asking.logout(return_to="https://archief.example.nl/tot-ziens?een=1", name_id="somebody")
    answer = requests.get(address, allow_redirects=False, timeout=10)
    location = answer.headers["Location"]
    assert location.startswith(SLO + "?"), answer.text
    received = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert received["RelayState"] == "https://archief.example.nl/tot-ziens?een=1"

    judging = OneLogin_Saml2_Auth(_site(received), settings)
    judging.process_slo(keep_local_session=True, request_id=asking.get_last_request_id())
    assert judging.get_errors() == [], judging.get_last_error_reason()

    spoilt = {**received, "Signature": received["Signature"][:-8] + "AAAAAAA="}
    other = OneLogin_Saml2_Auth(_site(spoilt), settings)
    other.process_slo(keep_local_session=True, request_id=asking.get_last_request_id())
    assert "invalid_logout_response_signature" in other.get_errors()
