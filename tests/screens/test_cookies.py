"""Cookies on https and on a development machine."""

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from broker.screens import CookieStyle

HTTPS = "https://makelaar.example"
LOCALHOST = "http://localhost:8000"


def cookie_set(public_url: str, *, cross_site: bool = False, max_age: int | None = None) -> set[str]:
    response = Response()
    CookieStyle(public_url).set(response, "journey", "v", max_age, cross_site=cross_site)
    return set(response.headers["Set-Cookie"].split("; "))


def request_with(name: str, value: str) -> Request:
    return Request(EnvironBuilder(headers=[("Cookie", f"{name}={value}")]).get_environ())


@pytest.mark.rule("9.17", "9.31")
def test_on_https_a_cookie_is_bound_to_the_host_and_to_tls() -> None:
    assert cookie_set(HTTPS) == {"__Host-journey=v", "Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


@pytest.mark.rule("9.17", "9.31")
def test_a_cross_site_cookie_comes_along_with_the_post_of_another_party() -> None:
    assert cookie_set(HTTPS, cross_site=True) == {
        "__Host-journey=v",
        "Secure",
        "HttpOnly",
        "Path=/",
        "SameSite=None",
    }


@pytest.mark.parametrize("cross_site", [True, False])
def test_on_localhost_a_cookie_is_plain(cross_site: bool) -> None:
    assert cookie_set(LOCALHOST, cross_site=cross_site) == {"journey=v", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_a_cookie_lasts_as_long_as_it_was_given() -> None:
    assert "Max-Age=600" in cookie_set(HTTPS, max_age=600)


@pytest.mark.parametrize(("public_url", "name"), [(HTTPS, "__Host-journey"), (LOCALHOST, "journey")])
def test_a_cookie_is_read_back_under_its_own_name_only(public_url: str, name: str) -> None:
    style = CookieStyle(public_url)

    assert style.get(request_with(name, "v"), "journey") == "v"
    assert style.get(request_with("other", "v"), "journey") is None


def test_on_https_a_cookie_without_the_prefix_is_not_believed() -> None:
    assert CookieStyle(HTTPS).get(request_with("journey", "planted"), "journey") is None


@pytest.mark.parametrize("cross_site", [True, False])
def test_a_cookie_is_deleted_with_the_attributes_it_was_set_with(cross_site: bool) -> None:
    response = Response()
    CookieStyle(HTTPS).delete(response, "journey", cross_site=cross_site)
    deleted = set(response.headers["Set-Cookie"].split("; "))

    assert {"__Host-journey=", "Max-Age=0"} <= deleted
    assert cookie_set(HTTPS, cross_site=cross_site) - {"__Host-journey=v"} <= deleted


@pytest.mark.rule("9.13", "9.17")
@pytest.mark.parametrize(
    "public_url",
    [
        "http://makelaar.example",
        "http://127.0.0.1:8000",
        "http://localhost.example",
        "ftp://localhost",
        "https://",
        "localhost:8000",
        "",
    ],
)
def test_any_other_public_url_is_refused_with_the_reason(public_url: str) -> None:
    with pytest.raises(ValueError, match="could be read on the way"):
        CookieStyle(public_url)
