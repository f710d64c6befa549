"""Logging out: from the dienstverlener through the makelaar to the authenticatiedienst, and what ends on the way."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest
from lxml import etree

from broker.assembly import paths
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.partner import Endpoint
from broker.saml.redirect import inflate
from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys import documents
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.foreign_dv import Request
from tests.journeys.foreign_dv import stamp
from tests.journeys.received import Received
from tests.journeys.test_single_sign_on import CASES
from tests.journeys.test_single_sign_on import TAXES
from tests.journeys.test_single_sign_on import is_logged_in
from tests.journeys.test_single_sign_on import stay
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.walker import Walker

MINUTE = timedelta(minutes=1)
CLOSE = "Sluit alle vensters van uw browser"
NOT_DONE = "Uitloggen is niet gelukt"


def log_in(visitor: Visitor, service: int = documents.JOINED) -> Received:
    """Log in at the foreign dienstverlener, and choose to stay logged in."""
    visitor.ask(service, ForceAuthn=None).choose_ad("werknemer")
    visitor.authenticate("werknemer", stay="1")
    return visitor.received()


def is_known(visitor: Visitor) -> bool:
    """Whether the authenticatiedienst would let this browser in without asking."""
    visitor.ask(documents.JOINED, ForceAuthn=None).choose_ad("werknemer")
    if not visitor.location.startswith(visitor.dv.url + "/"):
        return False
    visitor.received()  # an answer in clear that nobody fetches would lie there until it expires
    return True


def post(visitor: Visitor, request: Request, key: str | None = None, dv: ForeignDv | None = None) -> Visitor:
    """Bring a LogoutRequest to the makelaar."""
    there = dv or visitor.dv
    return visitor.post(there.slo, there.form(request, key=key))


@pytest.mark.rule("10.08", "10.09", "10.11", "7.4.08", "10.16")
@pytest.mark.parametrize("binding", ["redirect", "post", "artifact"])
def test_who_logs_out_is_logged_out_everywhere(walker: Walker, box: Box, binding: str) -> None:
    assert is_logged_in(stay(walker))
    walker.submit(binding=binding).relay()
    assert walker.url == box.url(AD_SLEUTEL) + "/logged-out"
    assert "U bent uitgelogd bij de dienstverlener en bij Sleutel Voorbeeld" in walker.text
    left = {cookie.name for cookie in walker.session.cookies}
    assert not any(name.startswith(("gemeente-", "ad-sleutel-")) for name in left), left

    walker.start(TAXES).choose_ad("werknemer")
    assert "password" in walker.fields(), "asked anew"


def test_the_page_that_says_so_can_be_loaded_again(walker: Walker) -> None:
    stay(walker).submit(binding="redirect").relay()
    assert "U bent uitgelogd" in walker.open(walker.url).text
    assert "You are logged out" in walker.open(walker.url, lang="en").text


def test_logging_out_after_a_login_that_was_not_kept_ends_just_as_well(walker: Walker, box: Box) -> None:
    walker.start(CASES).choose_ad("werknemer").authenticate("werknemer").submit(binding="redirect").relay()
    assert walker.url == box.url(AD_SLEUTEL) + "/logged-out"


def test_a_service_without_single_sign_on_has_nothing_to_log_out_of(walker: Walker) -> None:
    walker.log_in("werknemer", 3)
    assert is_logged_in(walker)
    assert "binding" not in walker.fields()


def test_one_logout_ends_every_login_there(walker: Walker, box: Box) -> None:
    stay(walker)
    first = walker.url
    walker.start(TAXES).choose_ad("werknemer")
    walker.submit(binding="redirect").relay()
    assert walker.open(first).url == box.url(GEMEENTE) + "/"


@pytest.mark.rule("10.10")
def test_without_the_cookie_of_the_makelaar_the_advice_is_to_close_the_browser(
    walker: Walker, box: Box
) -> None:
    stay(walker)
    walker.session.cookies.clear(domain="localhost.local", path="/", name="hm-sso")
    walker.submit(binding="redirect").relay()
    assert walker.url.startswith(box.url(MAKELAAR) + "/logout/")
    assert walker.status == 200
    assert CLOSE in walker.text
    assert not walker.page.forms, "the stelsel has nowhere to go back to"
    assert "Close all windows of your browser" in walker.open(walker.url, lang="en").text


@pytest.mark.rule("10.12")
@pytest.mark.parametrize("with_index", [True, False])
def test_name_and_session_index_are_all_that_is_needed(visitor: Visitor, with_index: bool) -> None:
    received = log_in(visitor)
    indexes = (received.session_index,) if with_index else ()
    post(visitor, visitor.dv.ask_to_log_out(received.name_id, *indexes))
    assert "/logged-out" in visitor.url
    assert not is_known(visitor)


def test_the_authenticatiedienst_is_asked_by_artifact_in_our_name(visitor: Visitor, box: Box) -> None:
    received = log_in(visitor)
    post(visitor, visitor.dv.ask_to_log_out(received.name_id, received.session_index))
    passed = visitor.last("LogoutRequest")
    assert passed.address.startswith(box.url(AD_SLEUTEL) + paths.AD_SLO)
    assert "RelayState" not in passed.address
    asked = etree.fromstring(passed.message)
    assert asked.findtext("{*}Issuer") == MAKELAAR.entity_id
    assert asked.find("{*}Signature") is not None
    (ad_assertion, _) = received.advice
    assert asked.findtext("{*}NameID") == ad_assertion.findtext("{*}Subject/{*}NameID")


def test_logging_out_twice_is_no_fault(visitor: Visitor) -> None:
    received = log_in(visitor)
    for _ in range(2):
        post(visitor, visitor.dv.ask_to_log_out(received.name_id, received.session_index))
        assert "U bent uitgelogd" in visitor.text


def test_an_earlier_login_of_the_same_session_ends_it_as_well(visitor: Visitor) -> None:
    first = log_in(visitor)
    visitor.ask(documents.JOINED_CODE, ForceAuthn=None).choose_ad("werknemer")
    assert visitor.received().name_id != first.name_id
    post(visitor, visitor.dv.ask_to_log_out(first.name_id, first.session_index))
    assert not is_known(visitor)


def test_the_outcome_is_on_record(visitor: Visitor, recorded: Recorded) -> None:
    received = log_in(visitor)
    asked = visitor.dv.ask_to_log_out(received.name_id)
    post(visitor, asked)
    assert [outcome for _, outcome in recorded("request_id", asked.id)] == ["logout"]
    unknown = visitor.dv.ask_to_log_out("somebody")
    post(visitor, unknown)
    ((reference, outcome),) = recorded("request_id", unknown.id)
    assert outcome == "logout-unknown"
    assert reference in visitor.text


# What may end nothing


def test_a_name_of_somebody_else_ends_nothing(
    visitor: Visitor, box: Box, dv: ForeignDv, ledger: Ledger
) -> None:
    log_in(visitor)
    other = Visitor(box, dv, ledger)
    theirs = log_in(other)
    post(visitor, dv.ask_to_log_out(theirs.name_id, theirs.session_index))
    assert CLOSE in visitor.text
    assert is_known(visitor), "not the one of this browser"
    assert is_known(other), "and not the one that is named"


def test_a_session_index_of_another_login_ends_nothing(visitor: Visitor) -> None:
    received = log_in(visitor)
    post(visitor, visitor.dv.ask_to_log_out(received.name_id, "_another"))
    assert CLOSE in visitor.text
    assert is_known(visitor)


def test_a_dienstverlener_ends_no_session_it_had_no_part_in(visitor: Visitor, other_dv: ForeignDv) -> None:
    received = log_in(visitor)
    post(visitor, other_dv.ask_to_log_out(received.name_id, received.session_index), dv=other_dv)
    assert CLOSE in visitor.text
    assert is_known(visitor)


def test_a_request_of_another_browser_ends_nothing(
    visitor: Visitor, box: Box, dv: ForeignDv, ledger: Ledger
) -> None:
    received = log_in(visitor)
    post(Visitor(box, dv, ledger), dv.ask_to_log_out(received.name_id, received.session_index))
    assert is_known(visitor)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Destination": "http://localhost:1/slo/1.13"}, "bestemming-onjuist"),
        ({"Destination": None}, "bestemming-onjuist"),
        ({"IssueInstant": stamp(datetime.now(UTC) - timedelta(hours=1))}, "verzoek-verlopen"),
        ({"IssueInstant": stamp(datetime.now(UTC) + timedelta(hours=1))}, "verzoek-verlopen"),
        ({"NotOnOrAfter": stamp(datetime.now(UTC) - 2 * MINUTE)}, "verzoek-verlopen"),
        ({"NotOnOrAfter": "tomorrow"}, "bericht-ongeldig"),
        ({"Version": "1.1"}, "bericht-ongeldig"),
        ({"inside": "<saml:NameID></saml:NameID>"}, "bericht-ongeldig"),
        ({"inside": "<saml:NameID>a</saml:NameID><saml:NameID>b</saml:NameID>"}, "bericht-ongeldig"),
        ({"inside": "<saml:BaseID/>"}, "bericht-ongeldig"),
    ],
    ids=[
        "another Destination",
        "no Destination",
        "old",
        "from the future",
        "lapsed",
        "no moment",
        "another version",
        "an empty name",
        "two names",
        "no name",
    ],
)
def test_a_request_that_is_not_believed_ends_nothing_and_says_what_to_do(
    visitor: Visitor, changes: dict[str, str | None], code: str
) -> None:
    received = log_in(visitor)
    post(visitor, visitor.dv.ask_to_log_out(received.name_id, **changes))
    assert visitor.status == 400
    assert NOT_DONE in visitor.text
    assert code in visitor.text
    assert "Sluit alle vensters" in visitor.text
    assert is_known(visitor)


def test_an_unsigned_request_or_one_of_another_key_ends_nothing(
    visitor: Visitor, dv: ForeignDv, other_dv: ForeignDv
) -> None:
    received = log_in(visitor)
    asked = dv.ask_to_log_out(received.name_id)
    unsigned = {"SAMLRequest": base64.b64encode(asked.text.encode()).decode()}
    for fields in (unsigned, dv.form(asked, key=other_dv.name)):
        visitor.post(dv.slo, fields)
        assert (visitor.status, "handtekening-ongeldig" in visitor.text) == (400, True)
    query = dv.query(asked)
    for changed in (
        query.partition("&SigAlg")[0],
        dv.query(asked, key=other_dv.name),
        query + "&RelayState=x",
    ):
        visitor.open(f"{dv.slo}?{changed}")
        assert (visitor.status, "handtekening-ongeldig" in visitor.text) == (400, True)
    assert is_known(visitor)


def test_a_request_is_good_once(visitor: Visitor) -> None:
    received = log_in(visitor)
    asked = visitor.dv.ask_to_log_out(received.name_id)
    post(visitor, asked)
    again = log_in(visitor)
    post(visitor, asked)
    assert (visitor.status, "verzoek-herhaald" in visitor.text) == (400, True)
    assert is_known(visitor)
    post(visitor, visitor.dv.ask_to_log_out(again.name_id))
    assert not is_known(visitor)


def test_a_logout_is_no_login_and_a_login_no_logout(visitor: Visitor, dv: ForeignDv) -> None:
    visitor.post(dv.slo, dv.form(dv.ask(Destination=dv.slo)))
    assert (visitor.status, "bericht-ongeldig" in visitor.text) == (400, True)
    visitor.post(dv.sso, dv.form(dv.ask_to_log_out("name", Destination=dv.sso)))
    assert (visitor.status, "bericht-ongeldig" in visitor.text) == (400, True)


def test_the_authenticatiedienst_takes_no_logout_but_from_a_makelaar(visitor: Visitor, box: Box) -> None:
    received = log_in(visitor)
    there = box.url(AD_SLEUTEL) + paths.AD_SLO
    visitor.post(there, visitor.dv.form(visitor.dv.ask_to_log_out(received.name_id, Destination=there)))
    assert visitor.status == 400
    assert "partij-onbekend" in visitor.text
    assert is_known(visitor)


# Dienstverleners that wait for an answer

URL = "http://localhost:9/waiting"
OFFERS = {
    "redirect": Endpoint(BINDING_REDIRECT, f"{URL}/slo", response_location=f"{URL}/slo/answer"),
    "post": Endpoint(BINDING_POST, f"{URL}/slo"),
    "artifact": Endpoint(BINDING_ARTIFACT, f"{URL}/slo?from=1"),
}


@pytest.fixture(scope="module", params=OFFERS)
def waiting(request: pytest.FixtureRequest, box: Box) -> Iterator[ForeignDv]:
    """A dienstverlener whose metadata has a SingleLogoutService."""
    logout = (OFFERS[request.param],)
    connected = ForeignDv(box, "waiting-dv", "00000099000000006350", URL, logout=logout)
    connected.connect()
    yield connected
    connected.disconnect()


def answer_to(visitor: Visitor, dv: ForeignDv) -> tuple[str, etree._Element, str]:
    """Where the LogoutResponse was brought, what it says, and RelayState."""
    if dv.logout[0].binding == BINDING_POST:
        form = visitor.form("SAMLResponse")
        fields = dict(form.form_values())
        return (
            str(form.action),
            etree.fromstring(base64.b64decode(fields["SAMLResponse"])),
            fields["RelayState"],
        )
    address = visitor.location
    values = {name: each[0] for name, each in parse_qs(urlsplit(address).query).items()}
    if dv.logout[0].binding == BINDING_REDIRECT:
        assert "Signature" in values
        message = inflate(base64.b64decode(values["SAMLResponse"]))
        return address.partition("?")[0], etree.fromstring(message), values["RelayState"]
    resolved = dv.resolve(values["SAMLart"]).one("//samlp:ArtifactResponse/samlp:LogoutResponse")
    return address.partition("&SAMLart")[0], resolved, values["RelayState"]


def status_of(answer: etree._Element) -> str:
    (code,) = answer.iterfind("{*}Status/{*}StatusCode")
    return str(code.get("Value")).rpartition(":")[2]


@pytest.mark.rule("7.4.07")
def test_who_waits_for_an_answer_gets_it_at_the_address_in_its_metadata(
    box: Box, waiting: ForeignDv, ledger: Ledger
) -> None:
    visitor = Visitor(box, waiting, ledger)
    received = log_in(visitor)
    asked = waiting.ask_to_log_out(received.name_id, received.session_index)
    visitor.post(waiting.slo, waiting.form(asked, "case & more"))
    address, answer, relay_state = answer_to(visitor, waiting)
    expected = waiting.logout[0].for_responses.location
    assert address == expected
    assert answer.get("Destination") == expected
    assert answer.get("InResponseTo") == asked.id
    assert answer.findtext("{*}Issuer") == MAKELAAR.entity_id
    assert relay_state == "case & more"
    assert status_of(answer) == "Success"
    assert not is_known(visitor)


def test_who_waits_hears_that_it_was_not_complete_after_the_advice(
    box: Box, waiting: ForeignDv, ledger: Ledger
) -> None:
    visitor = Visitor(box, waiting, ledger)
    asked = waiting.ask_to_log_out("nobody")
    visitor.post(waiting.slo, waiting.form(asked, "state"))
    assert CLOSE in visitor.text
    visitor.submit(_with="token")
    _, answer, _ = answer_to(visitor, waiting)
    assert status_of(answer) == "Responder"
    assert answer.get("InResponseTo") == asked.id


def test_an_answer_in_another_browser_goes_nowhere(box: Box, waiting: ForeignDv, ledger: Ledger) -> None:
    visitor = Visitor(box, waiting, ledger)
    received = log_in(visitor)
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_SLO_AD)
    visitor.post(waiting.slo, waiting.form(waiting.ask_to_log_out(received.name_id), "state"))
    address = visitor.location
    stranger = Visitor(box, waiting, ledger).open(address)
    assert (stranger.status, "cookie-ontbreekt" in stranger.text) == (403, True)
    visitor.browser.stops.pop()
    visitor.open(address)
    assert status_of(answer_to(visitor, waiting)[1]) == "Success"
    visitor.open(address)
    assert visitor.status in {403, 410}, "once"


def test_who_waits_no_longer_when_the_answer_comes_is_not_on_record_as_never_logged_in(
    box: Box, ledger: Ledger, recorded: Recorded
) -> None:
    waited = ForeignDv(box, "waiting-dv", "00000099000000006351", URL, logout=(OFFERS["post"],))
    waited.connect()
    visitor = Visitor(box, waited, ledger)
    received = log_in(visitor)
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_SLO_AD)
    asked = waited.ask_to_log_out(received.name_id)
    visitor.post(waited.slo, waited.form(asked, "state"))
    replace(waited, logout=()).connect()
    visitor.browser.stops.pop()
    visitor.open(visitor.location)
    assert CLOSE in visitor.text
    waited.disconnect()
    assert [outcome for _, outcome in recorded("request_id", asked.id)] == ["logout", "logout-unknown"]


def test_an_answer_that_is_not_believed_is_not_passed_on(
    box: Box, waiting: ForeignDv, ledger: Ledger
) -> None:
    visitor = Visitor(box, waiting, ledger)
    received = log_in(visitor)
    visitor.browser.stops.append(box.url(MAKELAAR) + paths.HM_SLO_AD)
    visitor.post(waiting.slo, waiting.form(waiting.ask_to_log_out(received.name_id), "state"))
    (relay_state,) = parse_qs(urlsplit(visitor.location).query)["RelayState"]
    visitor.browser.stops.pop()
    forged = waiting.ask_to_log_out("x").text.replace("LogoutRequest", "LogoutResponse")
    fields = {"SAMLResponse": base64.b64encode(forged.encode()).decode(), "RelayState": relay_state}
    visitor.post(box.url(MAKELAAR) + paths.HM_SLO_AD, fields)
    assert CLOSE in visitor.text
    visitor.submit(_with="token")
    assert status_of(answer_to(visitor, waiting)[1]) == "Responder"


def test_where_no_service_has_joined_single_sign_on_there_is_nothing_to_end(box: Box, ledger: Ledger) -> None:
    offered = (documents.DEFAULT, documents.PLAIN)
    plain = ForeignDv(box, "plain-dv", "00000099000000006420", URL, offered=offered)
    plain.connect()
    try:
        visitor = post(Visitor(box, plain, ledger), plain.ask_to_log_out("somebody"))
        assert "U bent uitgelogd bij Waterschap Toets" in visitor.text
        assert CLOSE not in visitor.text
    finally:
        plain.disconnect()


@pytest.mark.parametrize("profile", ["saml", "1.11"])
def test_who_has_the_same_name_each_time_logs_out_of_the_login_it_means(
    box: Box, ledger: Ledger, profile: str
) -> None:
    options = ("--profile", profile, *(["--no-encrypt-assertion"] if profile == "saml" else []))
    dv = ForeignDv(box, "same-dv", "00000099000000006500", URL, options=options)
    dv.connect()
    try:
        visitor = Visitor(box, dv, ledger)
        first = log_in(visitor)
        visitor.ask(documents.JOINED_CODE, ForceAuthn=None).choose_ad("werknemer")
        assert visitor.received().name_id == first.name_id
        other = Visitor(box, dv, ledger)
        post(other, dv.ask_to_log_out(first.name_id))
        assert CLOSE in other.text, "the name is no secret, so the browser decides"
        assert is_known(visitor)
        post(visitor, dv.ask_to_log_out(first.name_id, first.session_index))
        assert not is_known(visitor)
    finally:
        dv.disconnect()
