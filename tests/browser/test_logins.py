"""Every seeded person who can log in anywhere does, and the dienstverlener shows what it received."""

import re
from dataclasses import dataclass

import pytest

from broker.network.dienstverlener.catalogue import OFFERS
from broker.settings import GEMEENTE
from tests.browser.visitor import Visitor

_PSEUDONYM = re.compile(r"[0-9a-f]{64}@[0-9a-f]{32}")
_EXCHANGED = ["AuthnRequest", "ArtifactResolve", "ArtifactResponse"]


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in where, for which company when there is a choice, and what the dienstverlener must get."""

    username: str
    service: int
    kvk: str
    level: str
    choice: str | None = None
    rsin: str | None = None
    vestiging: str | None = None
    subdossier: str | None = None
    intermediary: str | None = None

    def __str__(self) -> str:
        return f"{self.username}-{self.service}{'-' + self.choice.split()[-1] if self.choice else ''}"


LOGINS = (
    Login("werknemer", 3, "90000011", "EH3", rsin="900000028"),
    Login("werknemer", 4, "90000011", "EH3", rsin="900000028"),
    Login("eigenaar", 1, "90000022", "EH3", "Boekhandel Het Testblad", rsin="900001173"),
    Login("eigenaar", 3, "90000044", "EH3", "Klusbedrijf De Oefening"),
    Login("laag", 2, "90000066", "EH2+", rsin="900005014"),
    Login("vestiging", 6, "90000077", "EH3", rsin="900006201", vestiging="000090000077"),
    Login("subdossier", 6, "90000156", "EH3", rsin="900015603", subdossier="0002"),
    Login("accountant", 3, "90000088", "EH3", "90000088", rsin="900007710"),
    Login("accountant", 3, "90000099", "EH3", "Testtulp", rsin="900009044", intermediary="90000088"),
    Login("boekhouder", 3, "90000099", "EH3", "Testtulp", rsin="900009044", intermediary="90000088"),
    Login("directeur", 5, "90000112", "EH4", rsin="900012006"),
    Login("basis", 1, "90000134", "EH2"),
    Login("medewerker", 2, "90000145", "EH2+", rsin="900014520"),
    Login("reder", 3, "90000123", "EH3", rsin="900013151"),
)


@pytest.mark.parametrize("login", LOGINS, ids=str)
def test_the_dienstverlener_learns_for_whom_and_how_surely(visitor: Visitor, login: Login) -> None:
    visitor.log_in(login.username, login.service)
    if login.choice:
        visitor.choose_company(login.choice)
    assert visitor.at is GEMEENTE, visitor.text
    assert visitor.heading == visitor.says("dv.result.title")
    service = OFFERS[login.service].service
    assert {
        key: visitor.fact(f"dv.result.{key}")
        for key in ("kvk", "rsin", "vestiging", "subdossier", "intermediary")
    } == {
        "kvk": login.kvk,
        "rsin": login.rsin,
        "vestiging": login.vestiging,
        "subdossier": login.subdossier,
        "intermediary": login.intermediary,
    }
    assert {key: visitor.fact(f"dv.result.{key}") for key in ("level", "service", "service_id")} == {
        "level": login.level,
        "service": service.name("nl"),
        "service_id": service.service_id,
    }
    assert _PSEUDONYM.fullmatch(visitor.fact("dv.result.pseudonym") or "")


@pytest.mark.rule("1.4.04")
def test_at_the_portal_the_dienstverlener_learns_for_which_services(visitor: Visitor) -> None:
    visitor.log_in("laag", 0)
    assert visitor.heading == visitor.says("dv.result.title")
    named = (visitor.fact("dv.result.service") or "").split(", ")
    assert named == [OFFERS[index].service.name("nl") for index in (1, 2, 12, 10)]
    assert visitor.fact("dv.result.service_uuid") == OFFERS[0].service.service_uuid


def test_the_page_of_the_dienstverlener_takes_them_to_the_makelaar_by_either_binding(
    visitor: Visitor,
) -> None:
    for binding in ("post", "redirect"):
        visitor.choose_service(3, binding=binding).choose_ad("werknemer").authenticate("werknemer")
        assert visitor.fact("dv.result.kvk") == "90000011"


def test_each_raw_message_is_shown_in_the_order_in_which_it_went(scripted: Visitor) -> None:
    scripted.log_in("accountant", 3).choose_company("Testtulp")
    messages = scripted.messages()
    titles = [title for title, _ in messages]
    assert titles == [*_EXCHANGED, "LegalSubjectID, IntermediateSubjectID, ActingSubjectID"]
    for (_, xml), root in zip(messages, ("AuthnRequest", "Envelope", "Envelope"), strict=False):
        assert re.match(rf"<\w+:{root}\s", xml)
        assert "\n  <" in xml, "laid out for reading"
    assert "artifactresponse" in messages[2][1].lower()
    decrypted = messages[3][1]
    assert all(
        value in decrypted for value in ("90000099", "90000088", scripted.fact("dv.result.pseudonym") or "?")
    )


def test_the_same_person_has_one_pseudonym_per_company(scripted: Visitor) -> None:
    seen = [
        scripted.log_in("eigenaar", service).choose_company(name).fact("dv.result.pseudonym")
        for service, name in ((3, "Boekhandel"), (4, "Boekhandel"), (3, "Fietsenmaker"))
    ]
    assert seen[0] == seen[1] != seen[2]


def test_a_lower_level_can_be_asked_for(scripted: Visitor) -> None:
    scripted.choose_service(3, level="loa2plus").choose_ad("laag").authenticate("laag")
    assert scripted.fact("dv.result.level") == "EH2+"


def test_a_code_of_a_test_person_is_the_one_their_secret_makes(scripted: Visitor) -> None:
    scripted.ask(3).choose_ad("werknemer")
    row = scripted.page.locator(
        "tr", has=scripted.page.get_by_role("rowheader", name="werknemer", exact=True)
    )
    shown = re.search(r"\b\d{6}\b", row.inner_text())
    assert shown
    scripted.fill_in_password("werknemer").do("login")
    scripted.page.fill("input[name=otp]", f"{shown[0][:3]} {shown[0][3:]}")
    assert scripted.do("login").fact("dv.result.kvk") == "90000011"
