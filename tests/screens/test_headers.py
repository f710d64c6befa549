"""The security headers on every answer."""

import pytest
from flask import Flask
from flask import Response
from werkzeug.datastructures import Headers

from broker.screens import init_screens
from broker.screens.assets import MissingAsset
from broker.screens.assets import load_asset

HTTPS = "https://makelaar.example"
LOCALHOST = "http://localhost:8000"


def answer(public_url: str, path: str = "/") -> Headers:
    app = Flask(__name__)
    init_screens(app, party="Partij Voorbeeld", public_url=public_url)

    @app.get("/")
    def page() -> str:
        return "hello"

    @app.get("/metadata")
    def metadata() -> Response:
        own = {"Cache-Control": "public, max-age=60", "Content-Security-Policy": "default-src 'none'"}
        return Response("<x/>", headers=own)

    return app.test_client().get(path).headers


@pytest.mark.rule("2.06", "9.30", "9.32")
@pytest.mark.parametrize("public_url", [HTTPS, LOCALHOST])
@pytest.mark.parametrize("path", ["/", "/does-not-exist"])
def test_no_page_may_be_framed_sniffed_indexed_referred_to_or_stored(public_url: str, path: str) -> None:
    headers = answer(public_url, path)

    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-cache, no-store"
    assert headers["Pragma"] == "no-cache"


@pytest.mark.rule("9.30", "9.32")
def test_on_https_forms_go_to_https_only() -> None:
    assert answer(HTTPS)["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' https:; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def test_on_localhost_forms_also_go_to_the_other_ports() -> None:
    policy = answer(LOCALHOST)["Content-Security-Policy"]

    assert "form-action 'self' https: http://localhost:*;" in policy


@pytest.mark.rule("9.30")
def test_only_https_is_pinned() -> None:
    assert answer(HTTPS)["Strict-Transport-Security"] == "max-age=63072000"
    assert "Strict-Transport-Security" not in answer(LOCALHOST)


def test_what_a_view_chose_itself_stays() -> None:
    headers = answer(HTTPS, "/metadata")

    assert headers["Cache-Control"] == "public, max-age=60"
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Pragma" not in headers


@pytest.mark.parametrize("name", ["screens.css", "icon.svg"])
def test_an_asset_is_kept_for_a_year_under_its_own_hash(name: str) -> None:
    headers = answer(HTTPS, f"/static/{name}?v={load_asset(name)[1]}")

    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Pragma" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("query", ["", "?v=0123456789abcdef"])
def test_an_asset_asked_for_by_another_release_is_not_kept(query: str) -> None:
    assert answer(HTTPS, f"/static/screens.css{query}")["Cache-Control"] == "no-cache"


def test_a_stylesheet_that_was_not_built_says_how_to_build_it() -> None:
    with pytest.raises(MissingAsset, match="make assets"):
        load_asset("never-built.css")
