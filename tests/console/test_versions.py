"""From pasted text to a dienstverlener in force, and back, in the console."""

import re
from io import BytesIO

import pytest
from sqlalchemy import delete

from broker.onboarding.own_keys import OwnKeys
from broker.ports.changes import OperatorRole
from broker.ports.sightings import Seen
from broker.ports.versions import VersionState
from broker.storage import tables
from broker.storage.sightings import SqlSightingLog
from tests.console.conftest import TOKEN
from tests.console.conftest import Site
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.saml.builders import DV


@pytest.fixture(autouse=True)
def _nothing_handed_over(site: Site) -> None:
    with site.assembled.engine.begin() as connection:
        for table in (tables.partner_version, tables.approval, tables.service, tables.expiry):
            connection.execute(delete(table))


def paste(site: Site, key: str = "dv", **extra: str) -> str:
    """Hand the documents of a dienstverlener over as text; the address of the version."""
    answer = site.post(
        "/submit",
        role="DV",
        metadata_text=metadata_of("dv", key).decode(),
        catalogue_text=catalogue_of("dv", key).decode(),
        reason="eerste keer",
        **extra,
    )
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"].partition("?")[0]


def state(site: Site) -> list[str]:
    with site.assembled.engine.connect() as connection:
        column = tables.partner_version.c
        query = tables.partner_version.select().with_only_columns(column.state).order_by(column.number)
        return list(connection.execute(query).scalars())


def test_text_becomes_a_concept_with_report_and_difference_and_then_comes_in_force(site: Site) -> None:
    site.log_in("anna", OperatorRole.OPERATOR)
    page = paste(site)

    shown = site.text(page)
    assert "Concept" in shown
    assert f"Nieuw: {DV}" in shown or "Nieuw: " in shown
    assert "controles in orde" in shown
    assert "eerste keer" in shown
    answer = site.post(page, do="activate", reason="klaar")

    assert answer.headers["Location"] == f"{page}?did=activate"
    assert state(site) == [VersionState.ACTIVE]
    assert site.assembled.registry.content_hash(DV) is not None
    assert DV in site.text("/partners")


def test_a_file_is_taken_before_text(site: Site) -> None:
    site.log_in("anna")
    token = TOKEN.search(site.text("/submit"))
    assert token
    data = {
        "csrf_token": token[1],
        "role": "DV",
        "metadata_file": (BytesIO(metadata_of("dv")), "metadata.xml"),
        "metadata_text": "no metadata",
        "catalogue_file": (BytesIO(catalogue_of("dv")), "catalogue.xml"),
    }

    answer = site.client.post("/submit", data=data)

    assert answer.status_code == 303
    assert "Bestand in de console" in site.text(answer.headers["Location"])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"metadata_text": "<broken"}, "Dit kan niet in gebruik"),
        ({"metadata_text": ""}, "Geef de metadata"),
        ({"metadata_url": "https://localhost/metadata"}, "kunnen we niets ophalen"),
        ({"metadata_text": "<x/>", "role": "IDP"}, "Kies een rol"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(site: Site, fields: dict[str, str], words: str) -> None:
    site.log_in("anna")

    answer = site.post("/submit", **{"role": "DV", "reason": "onze reden", **fields})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="onze reden"' in answer.text
    assert state(site) == []


def test_with_four_eyes_somebody_else_approves_and_it_comes_back_after_a_rollback(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    four_eyes = site.assembled.settings.model_copy(update={"four_eyes": True})
    object.__setattr__(site.assembled, "settings", four_eyes)
    try:
        site.person("chief")
        site.log_in("anna")
        page = paste(site)
        assert "Neem in gebruik" not in site.text(page)
        assert "eerst goedkeuren" in site.post(page, do="activate").text
        site.post(page, do="ask")
        assert "Keur goed" not in site.text(page), "who handed it over may not"
        assert DV in site.text("/approvals")
        site.post("/logout", "/account")
        site.enter("chief")
        assert "1</strong> <span>wacht op goedkeuring" in site.text("/")
        site.post(page, do="approve", reason="gezien")
        site.post(page, do="activate")
    finally:
        object.__setattr__(site.assembled, "settings", four_eyes.model_copy(update={"four_eyes": False}))

    second = paste(site, "dv2", new_keys="1")
    assert "vervalt" in site.text(second)
    site.post(second, do="activate")
    site.post(page, do="rollback", reason="ging mis")

    assert state(site) == [VersionState.ENDED, VersionState.ENDED, VersionState.ACTIVE]
    assert site.history()[-1] == "version-rolled-back"


def test_a_date_is_one_in_the_netherlands_and_a_wrong_one_is_told(site: Site) -> None:
    site.log_in("anna")
    page = paste(site)
    for wrong in ("morgen", "0001-01-01T00:00", "9" * 5000):
        assert "Vul een datum en tijd in" in site.post(page, do="activate", at=wrong).text

    site.post(page, do="activate", at="2099-07-01T09:00")

    assert "1 juli 2099, 09:00" in site.text(page)
    assert state(site) == [VersionState.SCHEDULED]


def test_what_has_a_date_is_told_beside_what_is_in_force(site: Site) -> None:
    site.log_in("anna")
    first = paste(site)
    site.post(first, do="activate")
    assert "Let op" not in site.text(first)
    second = paste(site, "dv2", new_keys="1")
    site.post(second, do="activate", at="2099-07-01T09:00")

    page = site.text(first)
    assert "versie 2 komt op 1 juli 2099, 09:00 in gebruik" in page
    assert f'href="{second}"' in page
    assert "Let op" not in site.text(second)
    name = metadata_name(page)
    for where in ("/approvals", "/history", "/"):
        assert name in site.text(where)


def metadata_name(page: str) -> str:
    """How the page of a version calls its dienstverlener."""
    found = re.search(r'class="long">([^<]+)</a></p>', page)
    assert found is not None
    assert found[1] != DV
    return found[1]


def test_rejecting_takes_a_reason(site: Site) -> None:
    site.person("chief")
    site.log_in("anna")
    page = paste(site)
    site.post(page, do="ask")

    assert site.post(page, do="reject").status_code == 422
    site.post(page, do="reject", reason="niet compleet")

    assert state(site) == [VersionState.REJECTED]
    assert "niet compleet" in site.text(page)


def test_a_viewer_looks_and_changes_nothing(site: Site) -> None:
    site.log_in("anna")
    page = paste(site)
    site.post("/logout", "/account")
    site.log_in("vera", OperatorRole.VIEWER)

    assert "Wat nu" not in site.text(page)
    assert site.client.get("/submit").status_code == 403
    assert site.post(page, "/account", do="activate").status_code == 403
    assert state(site) == [VersionState.CONCEPT]


def test_a_partner_is_suspended_and_goes_on(site: Site) -> None:
    site.log_in("anna")
    site.post(paste(site), do="activate")
    link = site.text("/partners").partition('<a href="/partners/')[2].partition('"')[0]
    page = f"/partners/{link}"
    assert DV in site.text(page)

    site.post(page, do="suspend", reason="lek")
    assert "Geschorst" in site.text(page)
    site.post(page, do="resume")

    assert "Geschorst" not in site.text(page)
    assert site.history()[-2:] == ["partner-suspended", "partner-resumed"]


def test_what_is_not_there_is_not_found(site: Site) -> None:
    site.log_in("anna")

    for page in ("/versions/nothing", "/partners/dXJu", "/partners/!", "/partners?role=king", "/nowhere"):
        answer = site.client.get(page)
        assert answer.status_code == 404
        assert "Deze pagina is er niet" in answer.text


def test_a_token_is_shown_once_and_ends_when_revoked(site: Site) -> None:
    site.log_in("anna")
    assert site.post("/tokens", name="robot", days="0", scope="partners:read").status_code == 422
    made = site.post("/tokens", name="robot", days="30", scope="partners:read")
    secret = made.text.partition('class="secret">')[2].partition("<")[0]
    page = site.text("/tokens")
    assert secret
    assert secret not in page

    identity = page.partition('name="id" value="')[2].partition('"')[0]
    site.post("/tokens/revoke", "/tokens", id=identity)

    assert "Ingetrokken" in site.text("/tokens")
    assert site.history()[-2:] == ["token-made", "token-revoked"]


def test_the_page_of_keys_counts_who_was_seen_and_names_who_would_break(site: Site) -> None:
    site.log_in("anna")
    site.post(paste(site), do="activate")
    with site.assembled.engine.begin() as connection:
        connection.execute(delete(tables.key_sighting))
    key = OwnKeys(site.assembled).states(site.clock.at)[0].key

    assert "1 partijen zijn nog niet met deze sleutel gezien" in site.text("/keys")
    SqlSightingLog(site.assembled.engine).note([(DV, key.fingerprint, Seen.CONFIRMED)], site.clock.at)

    assert "Elke partij is met deze sleutel gezien." in site.text("/keys")
    page = site.text(f"/keys/{key.name}")
    assert "Elke partij is met deze sleutel gezien." in page
    assert "Bevestigde dat aan een operator" in page
