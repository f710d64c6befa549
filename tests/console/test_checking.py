"""Documents are checked without being kept, and the report is taken along."""

import json
import re
from html import unescape
from io import BytesIO

import pytest
from lxml import etree
from sqlalchemy import func
from sqlalchemy import select

from broker.ports.changes import OperatorRole
from broker.storage import tables
from tests.console.conftest import TOKEN
from tests.console.conftest import Site
from tests.saml.documents import catalogue
from tests.saml.documents import dv_metadata


@pytest.fixture
def viewer(site: Site) -> Site:
    site.log_in("vera", OperatorRole.VIEWER)
    return site


def _kept(site: Site) -> list[int]:
    """How many documents and reports there are; tests before this one left theirs."""
    with site.assembled.engine.connect() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (tables.partner_version, tables.check_run)
        ]


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return unescape(found[1])


def test_files_of_any_kind_are_told_apart_and_nothing_is_kept(viewer: Site) -> None:
    before = _kept(viewer)
    token = TOKEN.search(viewer.text("/checks"))
    assert token
    files = [(BytesIO(dv_metadata()), "een.xml"), (BytesIO(catalogue()), "twee.xml")]
    answer = viewer.client.post(
        "/checks?lang=nl",
        data={"csrf_token": token[1], "documents": files},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 200
    assert "een.xml, twee.xml" in answer.text
    assert "Wat is gecontroleerd en in orde is" in answer.text
    assert _kept(viewer) == before


def test_the_report_is_taken_along_in_three_forms(viewer: Site) -> None:
    shown = viewer.post("/checks", text=dv_metadata().decode()).text
    kept = {"report": _hidden(shown, "report"), "seal": _hidden(shown, "seal")}
    files = {
        form: viewer.post("/checks/report", "/checks", form=form, **kept)
        for form in ("json", "junit", "html")
    }

    for answer in files.values():
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert json.loads(files["json"].data)["documents"] == ["text"]
    assert etree.fromstring(files["junit"].data).tag == "testsuites"
    assert files["html"].text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    "change", [{"seal": "0" * 64}, {"report": "e30="}, {"report": "no base64"}, {"form": "another"}]
)
def test_a_report_that_the_console_did_not_make_is_not_shown_as_its_own(
    viewer: Site, change: dict[str, str]
) -> None:
    shown = viewer.post("/checks", text=dv_metadata().decode()).text
    kept = {"form": "html", "report": _hidden(shown, "report"), "seal": _hidden(shown, "seal")}

    assert viewer.post("/checks/report", "/checks", **(kept | change)).status_code == 400


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "niets om te controleren"),
        ({"text": "hallo"}, "Dit is geen metadata"),
        ({"text": "<a/>", "profile": "9"}, "Dit is geen metadata"),
        ({"text": "<EntityDescriptor/>", "profile": "9"}, "Kies een profiel"),
        ({"text": "<AuthnRequest/>", "request_text": "<AuthnRequest/>"}, "twee keer"),
    ],
)
def test_what_cannot_be_checked_is_told_with_what_to_do(
    viewer: Site, fields: dict[str, str], words: str
) -> None:
    viewer.text("/checks?lang=nl")
    refused = viewer.post("/checks", **fields)

    assert refused.status_code == 422
    assert words in refused.text
    assert 'aria-invalid="true"' in refused.text or "profile" in fields


def test_a_request_is_held_against_our_own_address(viewer: Site) -> None:
    shown = viewer.post("/checks", request_text='<AuthnRequest Destination="https://elsewhere.example/"/>')
    assert "RQ-007" in shown.text


@pytest.mark.parametrize("field", ["url", "tls"])
def test_who_may_only_look_has_us_connect_with_nobody(viewer: Site, field: str) -> None:
    assert f'name="{field}"' not in viewer.text("/checks")
    fields = {field: "https://dv.example/", "text": dv_metadata().decode()}
    assert viewer.post("/checks", **fields).status_code == 403


def test_an_address_that_cannot_be_fetched_is_said_to_be_so(site: Site) -> None:
    site.log_in("olga", OperatorRole.OPERATOR)
    refused = site.post("/checks", url="ftp://dv.example/metadata")
    assert refused.status_code == 422
    assert "use https" in refused.text
    assert re.search(r'id="url"[^>]*aria-invalid', refused.text)
