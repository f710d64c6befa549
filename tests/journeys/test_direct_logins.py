"""Whole logins for one's own company, from AuthnRequest to decrypted identifiers."""

import re
from collections.abc import Callable

import pytest

from broker.network import cast
from broker.settings import AD_SLEUTEL
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor

PSEUDONYM = re.compile(r"[0-9a-f]{64}@[0-9a-f]{32}")


@pytest.mark.rule("2.11", "2.12", "3.4.05")
@pytest.mark.parametrize("binding", ["post", "redirect"])
def test_an_employee_logs_in_for_their_company(visitor: Visitor, binding: str) -> None:
    visitor.send(visitor.dv.ask(), "state-1", binding=binding).choose_ad("werknemer").authenticate(
        "werknemer"
    )
    received = visitor.received()
    assert received.status == SUCCESS
    assert received.level == "loa3"
    assert received.opened("LegalSubjectID") == {"KvKnr": cast.BAKKERIJ.kvk, "RSIN": cast.BAKKERIJ.rsin}
    assert PSEUDONYM.fullmatch(received.opened("ActingSubjectID")["Pseudo"])
    assert received.opened("IntermediateSubjectID") == {}


@pytest.mark.parametrize(
    "company", [cast.BOEKHANDEL, cast.FIETSENMAKER, cast.KLUSBEDRIJF], ids=lambda each: each.name
)
def test_an_owner_logs_in_for_the_company_they_choose(visitor: Visitor, company: cast.Company) -> None:
    received = visitor.complete("eigenaar").choose_company(company.name).received()
    expected = {"KvKnr": company.kvk} | ({"RSIN": company.rsin} if company.rsin else {})
    assert received.opened("LegalSubjectID") == expected


@pytest.mark.rule("3.4.13")
def test_a_machtiging_for_a_branch_names_the_branch(visitor: Visitor) -> None:
    visitor.complete("vestiging", documents.VESTIGING)
    received = visitor.received()
    assert received.plain("urn:etoegang:1.9:ServiceRestriction:Vestigingsnr") == cast.MARKTKRAAM.vestiging
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.MARKTKRAAM.kvk


@pytest.mark.rule("3.4.14", "15.12")
def test_a_machtiging_for_a_subdossier_names_the_subdossier(visitor: Visitor) -> None:
    visitor.complete("subdossier", documents.VESTIGING)
    received = visitor.received()
    assert received.plain("urn:etoegang:1.9:ServiceRestriction:SubdossierNr") == "0002"
    assert received.plain("urn:etoegang:1.9:ServiceRestriction:Vestigingsnr") is None
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.VEILING.kvk


def test_where_a_restriction_is_accepted_one_logs_in_for_the_whole_company_as_well(visitor: Visitor) -> None:
    visitor.complete("werknemer", documents.VESTIGING)
    received = visitor.received()
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.BAKKERIJ.kvk
    assert received.plain("urn:etoegang:1.9:ServiceRestriction:Vestigingsnr") is None


@pytest.mark.rule("1.2.02")
def test_the_other_authenticatiedienst_and_register_serve_as_well(visitor: Visitor) -> None:
    visitor.complete("medewerker", documents.CODE)
    received = visitor.received()
    assert received.level == "loa2plus"
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.ATELIER.kvk


@pytest.mark.rule("3.3.17", "3.8.07", "5.04", "5.08", "5.09", "5.12")
@pytest.mark.parametrize(
    ("username", "service", "level", "delivered"),
    [
        ("directeur", documents.HIGH, None, "loa4"),
        ("directeur", documents.PLAIN, None, "loa4"),
        ("reder", documents.PLAIN, None, "loa3"),
        ("reder", documents.DEFAULT, None, "loa3"),
        ("reder", documents.DEFAULT, "loa2plus", "loa3"),
        ("laag", documents.DEFAULT, "loa2plus", "loa2plus"),
        ("laag", documents.DEFAULT, "loa2", "loa2plus"),
        ("basis", documents.PLAIN, None, "loa2"),
        ("basis", documents.DEFAULT, "loa2", "loa2"),
    ],
)
def test_the_level_is_the_lowest_of_middel_and_machtiging(
    visitor: Visitor, username: str, service: int, level: str | None, delivered: str
) -> None:
    visitor.complete(username, service, level=level)
    assert visitor.received().level == delivered


@pytest.mark.rule("2.34", "3.4.01", "3.4.03")
def test_a_service_that_is_not_asked_for_is_the_default_one(visitor: Visitor, dv: ForeignDv) -> None:
    visitor.complete("werknemer", None)
    received = visitor.received()
    assert received.plain("urn:etoegang:core:ServiceID") == documents.service_id(dv.oin, documents.DEFAULT)
    assert received.plain("urn:etoegang:core:ServiceUUID") == documents.service_uuid(
        dv.oin, documents.DEFAULT
    )


@pytest.mark.rule("2.32")
def test_a_service_is_chosen_by_its_index(visitor: Visitor, dv: ForeignDv) -> None:
    visitor.complete("werknemer", documents.NO_CHAIN)
    received = visitor.received()
    assert received.plain("urn:etoegang:core:ServiceID") == documents.service_id(dv.oin, documents.NO_CHAIN)


@pytest.mark.rule("4.07", "4.13")
def test_a_person_is_the_same_at_one_dienstverlener_and_unknown_at_another(
    box: Box, dv: ForeignDv, other_dv: ForeignDv, ledger: Ledger
) -> None:
    def pseudonym(there: ForeignDv) -> str:
        visitor = Visitor(box, there, ledger).complete("werknemer")
        return visitor.received().opened("ActingSubjectID")["Pseudo"]

    first, again, elsewhere = pseudonym(dv), pseudonym(dv), pseudonym(other_dv)
    assert first == again
    assert not set(first.split("@")) & set(elsewhere.split("@"))


@pytest.mark.rule("3.3.03", "3.3.04")
def test_the_transient_name_is_new_in_every_login(new_visitor: Callable[[], Visitor]) -> None:
    names = set()
    for _ in range(2):
        received = new_visitor().complete("werknemer").received()
        name = received.one("//samlp:Response/saml:Assertion/saml:Subject/saml:NameID")
        assert name.get("Format") == "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
        assert name.get("NameQualifier") == AD_SLEUTEL.entity_id
        names.add(name.text)
    assert len(names) == 2


@pytest.mark.rule("1.8.09", "2.54")
def test_a_chosen_authenticatiedienst_is_asked_at_once_when_the_dienstverlener_names_it(
    visitor: Visitor,
) -> None:
    entry = f'<samlp:Scoping><samlp:IDPList><samlp:IDPEntry ProviderID="{AD_SLEUTEL.entity_id}"/>'
    visitor.ask(inside=f"{entry}</samlp:IDPList></samlp:Scoping>")
    assert "username" in visitor.fields()
    visitor.authenticate("werknemer")
    assert visitor.received().status == SUCCESS


def test_cancelling_is_told_to_the_dienstverlener(visitor: Visitor) -> None:
    visitor.ask().press("cancel")
    assert visitor.received().status == AUTHN_FAILED
