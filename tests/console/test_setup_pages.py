"""What the pages of a setup link say: where one is, what one's software needs, and nothing of anybody else."""

import re
from html import unescape

import pytest
import structlog

from broker.assembly import logs
from broker.assembly.party import Assembled
from broker.assembly.personal_address import PersonalAddresses
from broker.onboarding.gate import Gate
from broker.onboarding.setup_desk import SetupDesk
from broker.onboarding.setup_links import SetupLinks
from broker.onboarding.snippets import Product
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.storage.rehearsals import SqlRehearsals
from broker.storage.versions import SqlVersions
from tests.console.conftest import Site
from tests.console.newcomer import ENTITY_ID
from tests.console.newcomer import OTHER_OIN
from tests.console.newcomer import NewLink
from tests.console.newcomer import connect
from tests.console.newcomer import hand

CHIEF = Actor("anna", OperatorRole.APPROVER)
OTHER = f"urn:etoegang:DV:{OTHER_OIN}:entities:9001"
WHERE = f"entity_id={ENTITY_ID}&url=https://www.example.nl"
STEP_NOW = re.compile(r'aria-current="step"><strong>([^<]+)<')


def step_now(page: str) -> str:
    found = STEP_NOW.search(page)
    assert found, "no step is shown as the one of now"
    return found[1]


def test_the_page_says_at_each_step_what_to_do_next(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    path = new_link() + "?lang=nl"
    assert step_now(site.text(path)) == "Controleer uw documenten"
    hand(site, path, "check")
    assert step_now(site.text(path)) == "Lever ze in"
    hand(site, path, "submit")
    handed = site.text(path)
    assert step_now(handed) == "Doe een testlogin"
    assert "zet haar in test" in handed
    assert ">Concept<" in handed
    assert not re.search(r"\d{4}-\d\d-\d\d", handed), "a date as programs write it"

    (version,) = SqlVersions(makelaar.engine).of(ENTITY_ID)
    Gate(makelaar).put_in_test(version.id, CHIEF)

    assert ">In test<" in site.text(path)
    assert "Versie 1, die in test staat" in site.text(path)


def test_a_newcomer_tries_out_the_version_that_is_in_test(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    path = new_link()
    hand(site, path, "submit")
    (version,) = SqlVersions(makelaar.engine).of(ENTITY_ID)
    asked = {"do": "test", "kind": "right", "version": version.id}
    assert site.client.post(path, data=asked).status_code == 400, "a concept"
    Gate(makelaar).put_in_test(version.id, CHIEF)
    assert site.client.post(path, data={**asked, "version": ""}).status_code == 400, "nothing is in force"

    started = site.client.post(path, data=asked)

    assert started.status_code == 303
    assert started.headers["Location"].startswith(f"{makelaar.public_url}/test/")
    (test,) = SqlRehearsals(makelaar.engine).of(ENTITY_ID)
    assert (test.version_id, test.started_by) == (version.id, "link:Gemeente Test")
    connect(makelaar, OTHER_OIN)
    assert site.client.post(new_link(OTHER), data=asked).status_code == 400, "by the link of another"


def test_who_named_a_dienstverlener_that_others_connected_sees_nothing_of_it(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    stranger = new_link()
    hand(site, stranger, "submit")
    (version,) = SqlVersions(makelaar.engine).of(ENTITY_ID)
    Gate(makelaar).withdraw(version.id, CHIEF)
    connect(makelaar)

    page = site.text(stranger)

    assert "voor=" not in page
    assert site.client.post(stranger, data={"do": "test", "kind": "right"}).status_code == 400
    assert hand(site, stranger, "submit") == 403
    link = SetupLinks(makelaar.engine).find(stranger.removeprefix("/setup/"))
    assert link is not None
    desk = SetupDesk(makelaar, link)
    assert [each.id for each in desk.versions()] == [version.id]
    assert desk.tests() == ()
    assert desk.partner() is None


def test_what_came_by_a_link_and_was_put_in_force_is_of_that_link(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    path = new_link()
    hand(site, path, "submit")
    (version,) = SqlVersions(makelaar.engine).of(ENTITY_ID)
    Gate(makelaar).activate(version.id, CHIEF)

    page = unescape(site.text(path))

    assert (
        PersonalAddresses.of(makelaar.settings).address(makelaar.public_url + "/metadata", ENTITY_ID) in page
    )
    assert site.client.post(path, data={"do": "test", "kind": "right"}).status_code == 303


@pytest.mark.parametrize("product", list(Product))
def test_software_is_configured_for_who_is_connected_with_an_address_of_its_own(
    site: Site, makelaar: Assembled, new_link: NewLink, product: Product
) -> None:
    connect(makelaar)
    path = new_link(ENTITY_ID)
    page = site.text(f"{path}/software?product={product}")
    shown = unescape(page)
    assert (
        PersonalAddresses.of(makelaar.settings).address(makelaar.public_url + "/metadata", ENTITY_ID) in shown
    )
    downloads = re.findall(rf'href="({path}/software/{product}/\d+[^"]*)"', page)
    assert downloads

    for address in downloads:
        file = site.client.get(unescape(address))
        assert file.status_code == 200
        assert file.headers["Content-Disposition"].startswith("attachment; filename=")
        assert file.text in shown


def test_software_of_a_newcomer_is_configured_from_what_it_types(site: Site, new_link: NewLink) -> None:
    path = new_link()
    assert "<pre" not in site.text(path + "/software")
    page = site.text(f"{path}/software?product=python3-saml&{WHERE}")
    assert "https://www.example.nl/saml/acs" in page
    files = [site.text(f"{path}/software/python3-saml/{number}?{WHERE}") for number in (1, 2)]
    assert any("https://www.example.nl/saml/acs" in file for file in files)

    for wrong in ("entity_id=x&url=https://www.example.nl", f"entity_id={ENTITY_ID}&url=javascript:1"):
        assert site.client.get(f"{path}/software?{wrong}").status_code == 400
        assert site.client.get(f"{path}/software/keycloak/1?{wrong}").status_code == 404


@pytest.mark.parametrize("page", ["/software?product=other", "/software/other/1", "/software/keycloak/99"])
def test_a_file_that_is_not_there_is_not_found(
    site: Site, makelaar: Assembled, new_link: NewLink, page: str
) -> None:
    connect(makelaar)
    assert site.client.get(new_link(ENTITY_ID) + page).status_code == 404


def test_what_a_newcomer_types_finds_nobody_who_is_connected(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    connect(makelaar)
    assert "https://www.example.nl" not in site.text(f"{new_link(ENTITY_ID)}/software?{WHERE}")
    page = site.text(f"{new_link()}/software?{WHERE}")

    assert "voor=" not in page
    assert "https://www.example.nl" in page


def test_what_was_typed_is_there_again_beside_what_is_wrong(site: Site, new_link: NewLink) -> None:
    data = {"do": "check", "catalogue": "<nog niet klaar", "metadata_url": "http://169.254.169.254/"}
    answer = site.client.post(new_link(), data=data)

    assert answer.status_code == 400
    assert "&lt;nog niet klaar" in answer.text
    assert re.search(r'id="metadata_url"[^>]* aria-invalid="true" aria-describedby="error"', answer.text)


def test_no_page_of_a_link_is_kept_or_tells_where_one_came_from(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    connect(makelaar)
    path = new_link(ENTITY_ID)
    hand(site, path, "check")
    for page in ("", "/software", "/software/keycloak/1", "/report", "/report.json"):
        answer = site.client.get(path + page)
        assert answer.status_code == 200, page
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers


def test_a_form_leads_to_the_makelaar_and_nowhere_else(
    site: Site, makelaar: Assembled, new_link: NewLink
) -> None:
    policy = site.client.get(new_link()).headers["Content-Security-Policy"]
    assert f"form-action 'self' {makelaar.public_url};" in policy + ";"
    assert "form-action 'self'" in site.client.get("/login").headers["Content-Security-Policy"].split("; ")


def test_a_fault_of_ours_is_logged_without_the_link(
    site: Site, new_link: NewLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_desk: SetupDesk) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(SetupDesk, "report", fail)
    path = new_link()
    with structlog.testing.capture_logs(processors=[logs.keep_allowed]) as lines:
        answer = site.client.get(path)

    assert answer.status_code == 503
    assert [line["event"] for line in lines] == ["unexpected_error"]
    assert path.removeprefix("/setup/") not in str(lines)
