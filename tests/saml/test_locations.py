"""Addresses that people and messages may be sent to."""

import pytest

from broker.saml.locations import location_problem


@pytest.mark.parametrize(
    "location",
    [
        "https://dv.example.nl/acs",
        "https://dv.example.nl:8443/acs?a=b",
        "http://localhost:8000/",
        "http://127.0.0.1/",
    ],
)
def test_https_anywhere_and_http_at_home_are_fit(location: str) -> None:
    assert location_problem(location) is None


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("https://[::1/acs", "is no URL"),
        ("https://user@dv.example.nl/", "user information"),
        ("https://:secret@dv.example.nl/", "user information"),
        ("/acs", "no absolute URL"),
        ("https:///acs", "no absolute URL"),
        ("https://dv.example.nl/\u00e9", "no absolute URL"),
        ("https://dv.example.nl/a b", "no absolute URL"),
        ("https://dv.example.nl/#part", "no absolute URL"),
        ("http://dv.example.nl/", "must be https"),
        ("ftp://localhost/", "must be https"),
    ],
)
def test_any_other_address_is_refused_for_a_reason(location: str, why: str) -> None:
    problem = location_problem(location)
    assert problem is not None
    assert why in problem
