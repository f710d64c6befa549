"""Refusals of which the dienstverlener is proven: a page, and a signed Response that says the same (section 8)."""

import re
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from broker.network import cast
from tests.journeys import documents
from tests.journeys.conftest import Recorded
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.foreign_dv import stamp
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import UNDELIVERABLE
from tests.journeys.received import UNSUPPORTED
from tests.journeys.visitor import Visitor

REFERENCE = re.compile(r"EH-[0-9A-Z]{4}-[0-9A-Z]{4}")


def assert_refused(visitor: Visitor, status: tuple[str, ...], code: str, recorded: Recorded) -> None:
    """The page shows code and reference; going back gives the dienstverlener the same, with this status."""
    assert code in visitor.text
    (reference,) = set(REFERENCE.findall(visitor.text))
    visitor.press("back")
    received = visitor.received()
    assert received.status == status
    assert reference in received.message
    assert code in received.message
    assert received.one("//samlp:StatusDetail/om:Reason").get("Code") == code
    assert not received.find("//saml:Assertion")
    assert visitor.request is not None
    assert received.response.get("InResponseTo") == visitor.request.id
    assert received.response.get("Destination") == f"{visitor.dv.url}/acs"
    assert {outcome for _, outcome in recorded("reference", reference)} == {code}


UNCLEAR = "passief-niet-mogelijk"
CONTEXT = '<samlp:RequestedAuthnContext Comparison="{}">{}</samlp:RequestedAuthnContext>'
CLASS = "<saml:AuthnContextClassRef>urn:etoegang:core:assurance-class:{}</saml:AuthnContextClassRef>"


@pytest.mark.rule("2.25", "2.26", "2.35", "2.46", "2.48", "2.49", "2.53", "8.12", "8.13", "8.15", "8.27")
@pytest.mark.parametrize(
    ("code", "request_"),
    [
        ("dienst-onbekend", {"service": 99}),
        ("niveau-boven-catalogus", {"level": "loa4"}),
        ("niveau-boven-catalogus", {"service": documents.PLAIN, "level": "loa3"}),
        ("niveau-ingetrokken", {"level": "loa1"}),
        (UNCLEAR, {"IsPassive": "true"}),
        (UNCLEAR, {"IsPassive": "1"}),
        (UNCLEAR, {"inside": CONTEXT.format("better", CLASS.format("loa4"))}),
        (UNCLEAR, {"inside": CONTEXT.format("minimum", CLASS.format("LOA3"))}),
        (UNCLEAR, {"inside": CONTEXT.format("minimum", CLASS.format("loa2") + CLASS.format("x"))}),
        (UNCLEAR, {"inside": "<saml:Subject><saml:NameID>x</saml:NameID></saml:Subject>"}),
        (UNCLEAR, {"inside": "<saml:Conditions/>"}),
    ],
)
def test_what_cannot_be_asked_is_the_requesters_fault(
    visitor: Visitor, recorded: Recorded, code: str, request_: dict[str, str]
) -> None:
    visitor.ask(**request_)  # type: ignore[arg-type]
    assert_refused(visitor, UNSUPPORTED, code, recorded)


@pytest.mark.rule("2.21", "8.25", "8.26", "9.25")
@pytest.mark.parametrize("offset", [timedelta(minutes=-6), timedelta(minutes=2), timedelta(hours=-23)])
def test_a_request_of_another_moment_is_refused(
    visitor: Visitor, recorded: Recorded, offset: timedelta
) -> None:
    visitor.ask(IssueInstant=stamp(datetime.now(UTC) + offset))
    assert_refused(visitor, UNSUPPORTED, "verzoek-verlopen", recorded)


@pytest.mark.rule("2.21", "9.24")
@pytest.mark.parametrize("offset", [timedelta(minutes=-4), timedelta(seconds=30)])
def test_a_clock_may_differ_a_little(visitor: Visitor, offset: timedelta) -> None:
    visitor.ask(IssueInstant=stamp(datetime.now(UTC) + offset))
    assert "ad" in visitor.fields()


@pytest.mark.rule("2.16", "8.26", "9.27")
def test_a_request_that_is_used_again_is_refused(
    new_visitor: Callable[[], Visitor], dv: ForeignDv, recorded: Recorded
) -> None:
    request = dv.ask()
    assert "ad" in new_visitor().send(request).fields()
    for binding in ("post", "redirect"):
        assert_refused(
            new_visitor().send(request, binding=binding), UNSUPPORTED, "verzoek-herhaald", recorded
        )


@pytest.mark.rule("6.4.15", "8.10")
@pytest.mark.parametrize(
    ("username", "service", "code"),
    [
        ("zonder", documents.DEFAULT, "geen-machtiging"),
        ("verlopen", documents.DEFAULT, "machtiging-verlopen"),
        ("ingetrokken", documents.DEFAULT, "machtiging-ingetrokken"),
        ("laag", documents.DEFAULT, "machtiging-niveau-te-laag"),
        ("reder", documents.HIGH, "machtiging-niveau-te-laag"),
        ("vestiging", documents.DEFAULT, "vestiging-niet-toegestaan"),
        ("subdossier", documents.DEFAULT, "subdossier-niet-toegestaan"),
        ("boekhouder", documents.NO_CHAIN, "keten-niet-toegestaan"),
    ],
)
def test_a_machtiging_that_does_not_do_is_refused_by_name(
    visitor: Visitor, recorded: Recorded, username: str, service: int, code: str
) -> None:
    visitor.complete(username, service)
    assert code in visitor.text
    visitor.press("continue").relay()
    assert_refused(visitor, AUTHN_FAILED, code, recorded)


@pytest.mark.rule("8.16", "8.17")
def test_a_company_without_the_identifier_that_is_asked_is_refused_by_name(
    visitor: Visitor, recorded: Recorded
) -> None:
    visitor.complete("basis", documents.RSIN_ONLY)
    assert_refused(visitor, UNDELIVERABLE, "identificatie-niet-leverbaar", recorded)


@pytest.mark.rule("6.3.21")
def test_only_companies_with_the_identifier_that_is_asked_can_be_chosen(visitor: Visitor) -> None:
    visitor.complete("eigenaar", documents.RSIN_ONLY)
    assert cast.KLUSBEDRIJF.name not in visitor.text
    visitor.choose_company(cast.BOEKHANDEL.name)
    assert visitor.received().opened("LegalSubjectID") == {"RSIN": cast.BOEKHANDEL.rsin}


@pytest.mark.rule("8.14")
def test_a_middel_that_is_too_low_is_refused(visitor: Visitor, recorded: Recorded) -> None:
    visitor.complete("basis", documents.CODE).press("cancel").relay()
    assert_refused(visitor, AUTHN_FAILED, "niveau-te-laag", recorded)


@pytest.mark.rule("1.7.06", "3.2.12", "3.7.02", "8.07")
def test_cancelling_at_our_screen_ends_the_login(visitor: Visitor, recorded: Recorded) -> None:
    visitor.ask().press("cancel")
    received = visitor.received()
    assert received.status == AUTHN_FAILED
    (reference,) = REFERENCE.findall(received.message)
    assert recorded("reference", reference) == [(reference, "geannuleerd")]
    assert visitor.landing["RelayState"] == "state-1"


@pytest.mark.rule("1.7.02", "1.7.03", "1.7.05", "8.07")
def test_cancelling_at_the_authenticatiedienst_leads_back_to_the_list(visitor: Visitor) -> None:
    visitor.ask().choose_ad("werknemer").press("cancel")
    visitor.relay()
    assert "ad" in visitor.fields()
    visitor.press("cancel")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("1.7.02", "8.07")
def test_cancelling_at_the_register_leads_back_to_the_list(visitor: Visitor) -> None:
    visitor.complete("eigenaar").press("cancel").relay()
    assert "ad" in visitor.fields()
    visitor.press("cancel")
    assert visitor.received().status == AUTHN_FAILED


@pytest.mark.rule("8.14")
def test_after_a_refusal_another_person_may_try(visitor: Visitor) -> None:
    visitor.complete("zonder").press("continue").relay().press("other")
    visitor.choose_ad("werknemer").authenticate("werknemer")
    assert visitor.received().level == "loa3"


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_refusal_is_explained_in_both_languages(visitor: Visitor, language: str) -> None:
    visitor.session.headers["Accept-Language"] = language
    visitor.ask(99)
    assert visitor.page.get("lang") == language
    assert ("bekend" if language == "nl" else "known") in visitor.text
