"""What may be logged, and that nothing else is."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask
from structlog.testing import capture_logs

from broker.assembly import web
from broker.assembly.logs import ALLOWED
from broker.assembly.logs import keep_allowed
from broker.screens import init_screens

ROOT = Path(__file__).parents[2]
MARKER = "90000001-marker"
PERSONAL = [
    "name",
    "kvk",
    "rsin",
    "pseudonym",
    "username",
    "password",
    "otp",
    "message",
    "exception",
    "exc_info",
    "ip",
]


@pytest.mark.parametrize("field", sorted(ALLOWED))
def test_a_field_that_holds_nothing_personal_is_kept(field: str) -> None:
    assert keep_allowed(None, "info", {"event": "e", field: "value"})[field] == "value"


@pytest.mark.parametrize("field", PERSONAL)
def test_any_other_field_loses_its_value_and_leaves_its_name(field: str) -> None:
    kept = keep_allowed(None, "info", {"event": "login", field: MARKER, "code": "storing"})

    assert kept == {"event": f"login (dropped: {field})", "code": "storing"}


def test_several_are_named_in_order() -> None:
    kept = keep_allowed(None, "info", {"zip": MARKER, "event": "login", "kvk": MARKER})

    assert kept == {"event": "login (dropped: kvk, zip)"}


PROGRAM = """
import structlog
from broker.assembly.logs import configure

log = structlog.get_logger()
configure("ad-sleutel")
log.debug("unheard", code="storing")
log.info("heard", code="storing", kvk="{marker}", party="somebody else")
try:
    raise ValueError("{marker}")
except ValueError:
    log.exception("failed", error="ValueError")
    log.error("failed too", exc_info=True, stack_info=True)
structlog.contextvars.bind_contextvars(pseudonym="{marker}")
log.warning("bound")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """What a process writes that logs more than it should."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(marker=MARKER)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""
    assert MARKER not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_each_line_is_one_object_with_allowed_fields_only(lines: list[dict[str, Any]]) -> None:
    assert [line["event"].split(" (")[0] for line in lines] == ["heard", "failed", "failed too", "bound"]
    assert all(set(line) <= ALLOWED for line in lines)


def test_each_line_says_which_party_when_and_how_bad(lines: list[dict[str, Any]]) -> None:
    assert {line["party"] for line in lines} == {"ad-sleutel"}
    assert [line["level"] for line in lines] == ["info", "error", "error", "warning"]
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_an_unexpected_error_is_logged_by_type_and_place_and_shown_as_a_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Flask("test", template_folder=None)
    init_screens(app, party="Open makelaar", public_url="http://localhost:8440")

    def fail() -> str:
        raise LookupError(MARKER)

    app.add_url_rule("/", "fails", fail)
    app.register_error_handler(Exception, web._unexpected)
    monkeypatch.setattr(web, "log", structlog.get_logger())

    with capture_logs() as logged:
        answer = app.test_client().get("/")

    assert answer.status_code == 503
    assert MARKER not in answer.text
    (line,) = logged
    assert MARKER not in repr(line)
    assert (line["event"], line["error"], line["endpoint"]) == ("unexpected_error", "LookupError", "fails")
    assert __file__ in line["place"]
