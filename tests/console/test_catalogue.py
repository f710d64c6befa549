"""The dienstencatalogus in the console: edited without a script, looked at, and handed in."""

import re
from datetime import UTC
from datetime import datetime
from html import unescape

import pytest
from sqlalchemy import delete

from broker.assembly.onboarding import register
from broker.console.shown import address
from broker.onboarding.catalogue_fields import acted
from broker.onboarding.catalogue_fields import form_of
from broker.ports import Role
from broker.ports.changes import OperatorRole
from broker.settings import MAKELAAR
from broker.storage import tables
from tests.console.conftest import TOKEN
from tests.console.conftest import Site
from tests.domain.catalogue_builders import FORM
from tests.domain.catalogue_builders import MAKELAAR as OIN
from tests.saml.documents import catalogue
from tests.saml.documents import dv_metadata

PATTERN = re.compile(
    r'<input[^>]* name="(?P<name>[^"]+)" (?:type="text" )?value="(?P<value>[^"]*)"(?P<rest>[^>]*)>'
    r'|<textarea[^>]* name="(?P<area>[^"]+)"[^>]*>(?P<text>.*?)</textarea>'
    r'|<select[^>]* name="(?P<select>[^"]+)".*?</select>',
    re.DOTALL,
)


def fields_of(page: str) -> dict[str, list[str]]:
    """What a browser would send of the form on a page."""
    found: dict[str, list[str]] = {}
    for match in PATTERN.finditer(page):
        if match["area"]:
            found.setdefault(match["area"], []).append(unescape(match["text"]))
        elif match["select"]:
            chosen = re.search(r'value="([^"]*)" selected', match[0])
            found.setdefault(match["select"], []).append(unescape(chosen[1]) if chosen else "")
        elif 'type="checkbox"' not in match[0] or "checked" in match["rest"]:
            found.setdefault(match["name"], []).append(unescape(match["value"]))
    return found


@pytest.fixture
def where(site: Site) -> str:
    for table in (tables.partner_version, tables.service, tables.expiry):
        with site.assembled.engine.begin() as connection:
            connection.execute(delete(table))
    partner, _ = register(
        site.assembled.registry,
        Role.DV,
        dv_metadata(),
        catalogue(),
        makelaar_oin=MAKELAAR.oin,
        now=datetime.now(UTC),
    )
    return f"/partners/{address(partner.entity_id)}/catalogue"


def press(site: Site, where: str, page: str, action: str, **changes: str) -> str:
    """The page after a button."""
    fields = fields_of(page) | {name: [value] for name, value in changes.items()}
    token = TOKEN.search(page)
    assert token
    answer = site.client.post(where, data={**fields, "csrf_token": token[1], "do": action})
    assert answer.status_code in {200, 303}, answer.status
    return answer.get_data(as_text=True)


def test_the_form_sends_back_what_it_shows(site: Site, where: str) -> None:
    site.log_in("anna")
    page = site.text(where)

    checked = press(site, where, page, "check")

    assert "Er verandert niets." in checked
    assert "ServiceCatalogue" in checked


def test_what_is_wrong_stands_beside_its_field_with_the_rule(site: Site, where: str) -> None:
    site.log_in("anna")
    wrong = press(site, where, site.text(where), "save", **{"names.nl": ""})

    assert "Vul dit in het Nederlands in. (Afsprakenstelsel, Service catalog)" in wrong
    assert 'aria-invalid="true"' in wrong
    assert "version-submitted" not in site.history()


@pytest.mark.parametrize("odd", ["a\x1b[2Jb", "a\ufffeb"])
@pytest.mark.parametrize("field", ["names.nl", "definitions.0.rationale"])
def test_signs_that_cannot_be_shown_are_no_fault_of_ours(
    site: Site, where: str, field: str, odd: str
) -> None:
    site.log_in("anna")

    press(site, where, site.text(where), "save", **{field: odd, "reason": odd})


def test_rows_come_and_go_by_buttons(site: Site, where: str) -> None:
    site.log_in("anna")
    page = press(site, where, site.text(where), "add.definitions")
    assert "Definitie 2" in page

    page = press(site, where, page, "add.definitions.1.attributes")
    assert "definitions.1.attributes.0.name" in page
    page = press(site, where, page, "remove.definitions.1")

    assert "Definitie 2" not in page


def test_it_is_handed_in_as_a_version_with_its_reason(site: Site, where: str) -> None:
    site.log_in("anna", OperatorRole.OPERATOR)
    changed = {"definitions.0.names.nl": "Andere naam", "reason": "andere naam"}
    page = press(site, where, site.text(where), "check", **changed)
    assert "Andere naam" in page

    press(site, where, page, "save", reason="andere naam")

    assert "version-submitted" in site.history()


def test_who_may_only_look_cannot_change(site: Site, where: str) -> None:
    site.log_in("kees", OperatorRole.VIEWER)
    page = site.text(where)
    token = TOKEN.search(page)
    assert token

    assert "Lever in als versie" not in page
    assert site.client.post(where, data={"csrf_token": token[1], "do": "save"}).status_code == 403


def test_buttons_that_name_nothing_change_nothing() -> None:
    for action in (
        "add.nothing",
        "add.definitions.9.attributes",
        "remove.definitions.x",
        "remove.a.b",
        "else",
    ):
        assert acted(FORM, action, OIN) == FORM
    assert len(acted(FORM, "add.instances", OIN).instances) == len(FORM.instances) + 1
    assert acted(FORM, "add.instances", OIN).instances[-1].service_id.endswith(":services:10")
    assert (
        acted(FORM, "remove.instances.0.certificates.1", OIN).instances[0].certificates
        == (FORM.instances[0].certificates[:1])
    )


def test_fields_of_another_kind_are_passed_over() -> None:
    assert form_of({"csrf_token": ["x"], "do": ["check"], "oin": [" 12 "], "a.b": ["c"]}).oin == "12"
