"""Behaviour tests in the console: links that are shown once, a login without the dienstverlener, and what was seen."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from broker.assembly.onboarding import register
from broker.console.shown import address
from broker.domain.connection import STANDARD
from broker.onboarding.behaviour import rehearsals_of
from broker.onboarding.gate import Gate
from broker.onboarding.rehearsing import SENTENCES
from broker.onboarding.submissions import Submission
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.rehearsals import Rehearsal
from broker.ports.versions import Origin
from broker.ports.versions import VersionState
from broker.rehearsals.kinds import KINDS
from broker.screens.language import Language
from broker.screens.texts import load_texts
from broker.settings import MAKELAAR
from broker.storage import tables
from broker.storage.rehearsals import SqlRehearsals
from tests.console.conftest import Site
from tests.saml.builders import DV
from tests.saml.documents import catalogue
from tests.saml.documents import dv_metadata

PART = address(DV)
TESTS = f"/partners/{PART}/tests"
LINK = re.compile(r"http://localhost:8440/test/[\w-]+")


@pytest.fixture
def desk(site: Site) -> Site:
    """A console of a makelaar with one dienstverlener, used by an operator."""
    with site.assembled.engine.begin() as connection:
        for table in (tables.rehearsal, tables.partner_version, tables.service, tables.expiry):
            connection.execute(delete(table))
    register(
        site.assembled.registry,
        Role.DV,
        dv_metadata(),
        catalogue(),
        makelaar_oin=MAKELAAR.oin,
        now=site.clock(),
    )
    site.log_in("olga", OperatorRole.OPERATOR)
    return site


def answered(site: Site, **values: str) -> Rehearsal:
    """A test login whose answer has left."""
    store = SqlRehearsals(site.assembled.engine)
    test = Rehearsal("a1b2", DV, values.get("kind", "expired"), "olga", site.clock())
    store.add(test)
    store.answered(test.id, "ref-1234", site.clock())
    return test


def test_each_answer_that_was_chosen_gets_a_link_that_is_shown_once(desk: Site) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', desk.text(TESTS))
    assert token
    fields = {
        "csrf_token": token[1],
        "kind": ["expired", "unsigned"],
        "login_url": "https://dv.example/login",
    }
    shown = desk.client.post(TESTS, data=fields)

    assert shown.status_code == 200
    assert len(set(LINK.findall(shown.text))) == 2
    assert not LINK.search(desk.text(TESTS))
    assert {each.kind for each in SqlRehearsals(desk.assembled.engine).of(DV)} == {"expired", "unsigned"}
    assert desk.history()[-2:] == ["rehearsal-started"] * 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Kies minstens één antwoord"),
        ({"kind": "another"}, "Kies minstens één antwoord"),
        ({"kind": "expired", "login_url": "ftp://dv.example"}, "moet met https:// beginnen. Controleer"),
        ({"kind": "expired", "service": "urn:nobody"}, "heeft deze dienst niet. Kies"),
        ({"kind": "expired", "version": "0" * 32}, "heeft deze versie niet. Kies"),
        ({"kind": "next-key"}, "geen volgende sleutel van ons aangekondigd"),
    ],
)
def test_a_test_that_cannot_be_done_says_what_to_do(desk: Site, fields: dict[str, str], words: str) -> None:
    desk.text(f"{TESTS}?lang=nl")
    refused = desk.post(TESTS, **fields)

    assert refused.status_code == 422
    assert words in refused.text
    assert 'lang="en">(' not in refused.text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_reason_why_a_test_cannot_be_has_words_in_both_languages(language: Language) -> None:
    texts = load_texts(language)

    assert {key.rsplit(".", 1)[1] for key in texts if key.startswith("console.not_this_test.")} == set(
        SENTENCES
    )


def test_one_click_leads_to_a_login_at_a_service_without_its_dienstverlener(desk: Site) -> None:
    page = desk.client.get(f"/partners/{PART}")
    service = re.search(r'name="service" value="([^"]+)"', page.text)
    assert service
    assert f"form-action 'self' {desk.assembled.public_url};" in page.headers["Content-Security-Policy"] + ";"

    sent = desk.post(f"{TESTS}/login", TESTS, service=service[1])
    assert sent.status_code == 303
    assert LINK.fullmatch(sent.location)
    (test,) = SqlRehearsals(desk.assembled.engine).of(DV)
    assert (test.kind, test.service_id, test.started_by) == ("look", service[1], "olga")


def test_forms_of_other_pages_lead_nowhere_else(desk: Site) -> None:
    policy = desk.client.get("/partners").headers["Content-Security-Policy"]
    assert "form-action 'self'" in policy.split("; ")


def test_what_was_seen_is_judged_and_joins_the_report(desk: Site) -> None:
    test = answered(desk)
    assert 'name="seen"' in desk.text(TESTS)

    kept = desk.post(f"{TESTS}/seen", TESTS, id=test.id, seen="logged-in")
    assert kept.status_code == 303
    assert kept.location == f"{TESTS}#test-{test.id}"
    shown = desk.text(f"{TESTS}?lang=nl")
    assert "olga zag: Ik was ingelogd" in shown
    assert '<span class="tag bad">Fout</span>' in shown
    assert 'name="seen"' not in shown


@pytest.mark.parametrize("fields", [{"id": "nobody", "seen": "back"}, {"id": "a1b2", "seen": "a ghost"}])
def test_what_nobody_can_have_seen_is_not_kept(desk: Site, fields: dict[str, str]) -> None:
    answered(desk)
    assert desk.post(f"{TESTS}/seen", TESTS, **fields).status_code == 422
    assert SqlRehearsals(desk.assembled.engine).of(DV)[0].seen is None


def test_the_report_of_a_version_holds_its_own_test_logins_only(desk: Site) -> None:
    version = Gate(desk.assembled, desk.clock).versions(DV)[0]
    store = SqlRehearsals(desk.assembled.engine)
    desk.clock.forward(hours=1)
    for name, of in (("named", version.id), ("any", None), ("other", "0" * 32)):
        store.add(Rehearsal(name, DV, "expired", "olga", desk.clock(), version_id=of))

    assert {each.id for each in rehearsals_of(desk.assembled, version)} == {"named", "any"}
    over = replace(version, state=VersionState.ENDED)
    assert {each.id for each in rehearsals_of(desk.assembled, over)} == {"named"}
    early = replace(version, activated_at=desk.clock() + timedelta(days=1))
    assert {each.id for each in rehearsals_of(desk.assembled, early)} == {"named"}


def test_a_version_in_test_is_tried_out_and_its_page_shows_what_was_seen(desk: Site) -> None:
    with desk.assembled.engine.begin() as connection:
        for table in (tables.partner_version, tables.partner):
            connection.execute(delete(table))
    gate, anna = Gate(desk.assembled, desk.clock), Actor("anna", OperatorRole.OPERATOR)
    submission = Submission(Role.DV, dv_metadata(), catalogue(), STANDARD, Origin.PASTE)
    version = gate.submit(submission, anna).version
    assert "Er is niets om te testen" in desk.text(f"{TESTS}?lang=nl")
    gate.put_in_test(version.id, anna)
    assert f"version={version.id}" in desk.text(f"/versions/{version.id}")
    assert f'name="version" value="{version.id}"' in desk.text(TESTS)

    assert desk.post(TESTS, kind="expired", version=version.id).status_code == 200
    store = SqlRehearsals(desk.assembled.engine)
    (test,) = store.of(DV)
    assert test.version_id == version.id
    assert "BH-expired" not in desk.text(f"/versions/{version.id}")
    store.saw(test.id, "logged-in", "olga", desk.clock())
    assert "BH-expired" in desk.text(f"/versions/{version.id}")


def test_who_may_only_look_starts_nothing(site: Site, desk: Site) -> None:
    desk.post("/logout", "/")
    desk.log_in("vera", OperatorRole.VIEWER)
    assert 'name="kind"' not in desk.text(TESTS)
    assert desk.post(TESTS, "/account", kind="expired").status_code == 403
    assert desk.post(f"{TESTS}/login", "/account").status_code == 403
    assert desk.post(f"{TESTS}/seen", "/account").status_code == 403


def test_every_kind_can_be_chosen_except_for_a_key_that_is_not_there(desk: Site) -> None:
    offered = set(re.findall(r'name="kind" value="([\w-]+)"', desk.text(TESTS)))
    assert offered == set(KINDS) - {"next-key"}
