"""Acting for a client by ketenmachtiging (Interface specifications HM-MR chain authorization)."""

from collections.abc import Callable

import pytest

from broker.network import cast
from broker.settings import AD_SLEUTEL
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys import documents
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import NS
from tests.journeys.received import SUCCESS
from tests.journeys.visitor import Visitor


@pytest.fixture
def chain(visitor: Visitor) -> Visitor:
    """An accountant before the choice of companies."""
    return visitor.complete("accountant")


@pytest.mark.rule("1.3.06", "1.3.10", "1.3.11", "3.4.12", "3.7.05")
def test_the_client_is_represented_and_the_intermediary_is_named_beside_it(chain: Visitor) -> None:
    chain.choose_company(cast.BLOEMIST.name)
    received = chain.received()
    assert received.status == SUCCESS
    assert received.opened("LegalSubjectID") == {"KvKnr": cast.BLOEMIST.kvk, "RSIN": cast.BLOEMIST.rsin}
    assert received.opened("IntermediateSubjectID") == {"KvKnr": cast.KANTOOR.kvk}
    assert received.level == "loa3"


@pytest.mark.rule("1.3.12", "1.3.13")
def test_the_registers_of_a_chain_are_not_disclosed(chain: Visitor) -> None:
    chain.choose_company(cast.BLOEMIST.name)
    received = chain.received()
    assert [each.findtext("saml:Issuer", "", NS) for each in received.advice] == [AD_SLEUTEL.entity_id]


def test_a_chain_that_was_revoked_is_refused_by_name(chain: Visitor) -> None:
    chain.choose_company(cast.GARAGE.name)
    assert "keten-ingetrokken" in chain.text
    chain.press("back")
    received = chain.received()
    assert received.status == AUTHN_FAILED
    assert "keten-ingetrokken" in received.message


@pytest.mark.rule("1.3.11")
def test_for_the_own_office_there_is_no_intermediary(chain: Visitor) -> None:
    chain.choose_company(cast.KANTOOR.name)
    received = chain.received()
    assert received.opened("LegalSubjectID")["KvKnr"] == cast.KANTOOR.kvk
    assert received.opened("IntermediateSubjectID") == {}
    assert len(received.advice) == 2


@pytest.mark.rule("4.14", "4.15")
def test_a_person_has_one_pseudonym_for_all_clients_of_their_office(
    new_visitor: Callable[[], Visitor],
) -> None:
    found = set()
    for company in (cast.KANTOOR, cast.BLOEMIST):
        visitor = new_visitor().complete("accountant").choose_company(company.name)
        assert isinstance(visitor, Visitor)
        found.add(visitor.received().opened("ActingSubjectID")["Pseudo"])
    assert len(found) == 1


def test_a_service_that_refuses_chains_offers_no_clients(visitor: Visitor) -> None:
    visitor.complete("accountant", documents.NO_CHAIN)
    assert visitor.received().opened("LegalSubjectID")["KvKnr"] == cast.KANTOOR.kvk


@pytest.mark.rule("3.6.04")
def test_the_makelaar_cannot_read_whom_it_is_about(box: Box, chain: Visitor) -> None:
    chain.choose_company(cast.BLOEMIST.name)
    first = [passing for passing in chain.passed if passing.kind == "Response"][1]
    assert cast.BLOEMIST.kvk.encode() not in first.message
    assert first.message.count(f'Recipient="{MAKELAAR.entity_id}"'.encode()) == 0
