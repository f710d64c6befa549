"""Requests that no browser sends end on a page like any other."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from broker.assembly import paths
from broker.assembly.publication import publish
from broker.cli.setup import make_development_keys
from broker.makelaar.app import create_app
from broker.saml.policy import LIMITS
from broker.settings import MAKELAAR
from broker.settings import Settings


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client at a makelaar that knows nobody."""
    settings = Settings(data=Path(tmp_path_factory.mktemp("data")))
    make_development_keys(settings, MAKELAAR)
    publish(settings, MAKELAAR)
    return create_app(settings).test_client()


@pytest.mark.parametrize(
    "octets", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"lang=\xff", b"SAMLRequest=x&\xff=y"]
)
def test_a_query_string_that_is_no_utf8_is_a_message_we_cannot_read(
    stranger: FlaskClient, octets: bytes
) -> None:
    page = stranger.get(paths.HM_SSO, environ_overrides={"QUERY_STRING": octets.decode("latin-1")})

    assert page.status_code == 400
    assert "EH-" in page.text


def test_a_language_is_found_among_octets_that_are_no_utf8(stranger: FlaskClient) -> None:
    page = stranger.get("/nowhere", environ_overrides={"QUERY_STRING": "\xff=\xff&lang=en"})

    assert page.status_code == 404
    assert '<html lang="en"' in page.text


def test_a_request_beyond_all_limits_has_a_reference_too(stranger: FlaskClient) -> None:
    page = stranger.post(paths.HM_ACS_AD, data={"SAMLResponse": "x" * (LIMITS.message_bytes * 3)})

    assert page.status_code == 413
    assert "EH-" in page.text


@pytest.mark.parametrize("host", [f"{'x' * 64}.nl", "a..b", "a@b", "evil.example", "[::1", "", "x:99999"])
def test_whatever_host_is_named_a_page_is_a_page(stranger: FlaskClient, host: str) -> None:
    page = stranger.get("/journey/x", headers={"Host": host})

    assert page.status_code == 410
    assert not host or host not in page.text


def test_an_address_with_two_slashes_leads_to_nobody_else(stranger: FlaskClient) -> None:
    page = stranger.get("/journey//x", headers={"Host": "evil.example"})

    assert "evil.example" not in page.headers.get("Location", "")
