"""The pages of a setup link: what its holder can do, and what nobody gets out of them."""

import json
from http.server import BaseHTTPRequestHandler

import pytest

from broker.assembly.party import Assembled
from broker.exchange.own import system_clock
from broker.onboarding import setup_desk
from broker.onboarding.actors import NotAllowed
from broker.onboarding.setup_links import SetupLinks
from broker.onboarding.setup_links import UnknownLink
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.versions import VersionState
from broker.settings import Settings
from broker.storage import tables
from broker.storage.changes import SqlChangeLog
from broker.storage.outbox import SqlOutbox
from broker.storage.rehearsals import SqlRehearsals
from broker.storage.versions import SqlVersions
from tests.console.conftest import Site
from tests.console.newcomer import ENTITY_ID
from tests.console.newcomer import OIN
from tests.console.newcomer import OPERATOR
from tests.console.newcomer import OTHER_OIN
from tests.console.newcomer import NewLink
from tests.console.newcomer import connect
from tests.console.newcomer import hand
from tests.console.newcomer import metadata
from tests.exchange.test_http import serving


def test_a_newcomer_checks_hands_over_a_concept_and_nothing_is_in_force(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    path = new_link()
    assert hand(site, path, "check") == 303
    assert SqlVersions(makelaar.engine).of(ENTITY_ID) == []
    report = json.loads(site.text(path + "/report.json"))
    assert report["counts"]["fout"] == 0
    assert "<h1" in site.text(path + "/report")

    assert hand(site, path, "submit") == 303
    (version,) = SqlVersions(makelaar.engine).of(ENTITY_ID)
    assert (version.state, version.created_by) == (VersionState.CONCEPT, "link:Gemeente Test")
    assert makelaar.registry.find(ENTITY_ID) is None
    assert ENTITY_ID in site.text(path)
    assert SqlChangeLog(makelaar.engine).of(ENTITY_ID)[0].who == "link:Gemeente Test"


def test_a_link_hands_over_nothing_for_another_organisation(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    connect(makelaar, OTHER_OIN)
    known = f"urn:etoegang:DV:{OTHER_OIN}:entities:9001"
    assert hand(site, new_link(), "submit", OTHER_OIN) == 403, "a newcomer that is somebody who is there"
    assert hand(site, new_link(known), "submit", OIN) == 403, "somebody who is there as another"
    assert SqlVersions(makelaar.engine).of(ENTITY_ID) == []


def test_operators_get_a_mail_of_what_was_handed_in(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    hand(site, new_link(), "submit")

    (version,) = SqlVersions(makelaar.engine).of(ENTITY_ID)
    (mail,) = (
        each.mail
        for each in SqlOutbox(makelaar.engine).latest()
        if each.mail.key == f"handed-in:{version.id}"
    )
    assert mail.subject == f"To be looked at: {ENTITY_ID}#1"
    assert f"makelaar dv test {ENTITY_ID}#1" in mail.body


def test_two_newcomers_do_not_see_what_the_other_handed_over(site: Site, new_link: NewLink) -> None:
    first, second = new_link(), new_link()
    assert hand(site, first, "submit") == 303
    assert hand(site, second, "submit") == 403
    assert ENTITY_ID not in site.text(second).replace(metadata().decode(), "")


def test_a_test_login_starts_at_the_makelaar_and_is_judged_on_the_page(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    connect(makelaar)
    path = new_link(ENTITY_ID)
    hand(site, path, "check")
    started = site.client.post(path, data={"do": "test", "kind": "expired"})
    assert started.status_code == 303
    assert started.headers["Location"].startswith(f"{makelaar.public_url}/test/")
    store = SqlRehearsals(makelaar.engine)
    (test,) = store.of(ENTITY_ID)
    assert test.started_by == "link:Gemeente Test"
    assert site.client.post(path, data={"do": "saw", "id": test.id, "seen": "logged-in"}).status_code == 400

    store.answered(test.id, "EH-TEST-0001", system_clock())
    assert site.client.post(path, data={"do": "saw", "id": test.id, "seen": "nonsense"}).status_code == 400
    assert site.client.post(path, data={"do": "saw", "id": test.id, "seen": "logged-in"}).status_code == 303
    rows = json.loads(site.text(path + "/report.json"))["rows"]
    (row,) = [each for each in rows if each["family"] == "behaviour"]
    assert (row["id"], row["severity"], row["found"]) == ("BH-expired", "fout", "logged-in")

    site.client.post(path, data={"do": "saw", "id": test.id, "seen": "back"})
    assert "BH-expired" in json.loads(site.text(path + "/report.json"))["passed"]


def test_what_is_seen_at_another_dienstverlener_cannot_be_said(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    connect(makelaar)
    connect(makelaar, OTHER_OIN)
    mine, theirs = new_link(ENTITY_ID), new_link(f"urn:etoegang:DV:{OTHER_OIN}:entities:9001")
    site.client.post(mine, data={"do": "test", "kind": "right"})
    store = SqlRehearsals(makelaar.engine)
    (test,) = store.of(ENTITY_ID)
    store.answered(test.id, "EH-TEST-0002", system_clock())
    assert site.client.post(theirs, data={"do": "saw", "id": test.id, "seen": "logged-in"}).status_code == 400
    found = store.find(test.id)
    assert found is not None
    assert found.seen is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"do": "check"}, 400),
        ({"do": "check", "metadata_url": "http://169.254.169.254/"}, 400),
        ({"do": "submit", "metadata": "<not metadata"}, 400),
        ({"do": "test", "kind": "expired"}, 400),
        ({"do": "nothing"}, 303),
    ],
)
def test_what_cannot_be_done_is_said(
    site: Site, new_link: NewLink, fields: dict[str, str], status: int
) -> None:
    assert site.client.post(new_link(), data=fields).status_code == status


@pytest.mark.parametrize("login_url", ["javascript:alert(1)", "http://dv.example.nl/", "//elsewhere"])
def test_a_login_page_is_on_https(site: Site, makelaar: Assembled, new_link: NewLink, login_url: str) -> None:
    connect(makelaar)
    data = {"do": "test", "kind": "right", "login_url": login_url}
    assert site.client.post(new_link(ENTITY_ID), data=data).status_code == 400


@pytest.mark.parametrize(
    "url", ["http://localhost:{port}/", "http://127.0.0.1:{port}/", "file:///etc/passwd"]
)
def test_nobody_reads_what_listens_on_this_machine_through_a_link(
    site: Site, new_link: NewLink, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    asked: list[str] = []

    class Inside(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    monkeypatch.setattr(Settings, "is_tried_out", property(lambda _: False))
    with serving(Inside) as address:
        data = {"do": "check", "metadata_url": url.format(port=address.rpartition(":")[2])}
        assert site.client.post(new_link(), data=data).status_code == 400
    assert asked == []


def test_a_link_that_has_ended_or_never_was_opens_nothing(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    path = new_link(days=1)
    links = SetupLinks(makelaar.engine)
    (link,) = links.of()
    assert site.client.get(path).status_code == 200
    links.revoke(link.id, OPERATOR)
    for page in (path, path + "/report", path + "/report.json", "/setup/made-up"):
        assert site.client.get(page).status_code == 404
    assert site.client.post(path, data={"do": "check"}).status_code == 404
    with pytest.raises(UnknownLink):
        links.revoke(link.id, OPERATOR)


def test_a_link_ends_by_itself(makelaar: Assembled, new_link: NewLink, site: Site) -> None:
    path = new_link(days=1)
    later = SetupLinks(makelaar.engine, lambda: site.clock.at)
    site.clock.forward(hours=23)
    assert later.find(path.removeprefix("/setup/")) is not None
    site.clock.forward(hours=2)
    assert later.find(path.removeprefix("/setup/")) is None


def test_the_token_is_kept_nowhere_and_leads_nowhere(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    path = new_link()
    with makelaar.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(tables.setup_link.select()).mappings()]
    assert path.removeprefix("/setup/") not in str(rows)
    answer = site.client.get(path)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_a_link_does_so_much_a_minute_and_no_more(
    site: Site, new_link: NewLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_desk, "ACTS_A_MINUTE", 2)
    path = new_link()
    statuses = [site.client.post(path, data={"do": "check"}).status_code for _ in range(6)]
    assert statuses[:2] == [400, 400]
    # At most one minute ends while this runs.
    assert statuses.count(429) >= 2


def test_a_link_does_so_much_a_day_and_no_more(
    site: Site, new_link: NewLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup_desk, "ACTS_A_DAY", 2)
    path = new_link()
    statuses = [site.client.post(path, data={"do": "check"}).status_code for _ in range(6)]
    # At most one midnight passes while this runs.
    assert statuses[:2] == [400, 400]
    assert statuses.count(429) >= 2


def test_only_an_operator_makes_links(makelaar: Assembled) -> None:
    viewer = Actor("kijker", OperatorRole.VIEWER)
    with pytest.raises(NotAllowed):
        SetupLinks(makelaar.engine).make(None, "x", viewer)
