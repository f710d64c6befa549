"""Which identifiers of somebody from another member state a service gets."""

import pytest

from broker.domain.identifiers import IdentifierType
from broker.domain.services import Service
from broker.network.berichtenservice.identifiers import BsnUnknown
from broker.network.berichtenservice.identifiers import NotDeliverable
from broker.network.berichtenservice.identifiers import identify
from broker.network.foreigners import FOREIGNERS
from broker.network.foreigners import find
from tests.domain.builders import a_service

SECRET = bytes(32)
LEGAL, PSEUDO, BSN = IdentifierType.EIDAS_LEGAL, IdentifierType.PSEUDO_1_9, IdentifierType.BSN
CITIZEN, WITHOUT, COMPANY = (
    next(person for person in FOREIGNERS if person.username == username)
    for username in ("burger", "grensarbeider", "prokurist")
)


def service(
    *sets: tuple[IdentifierType, ...], acting: tuple[tuple[IdentifierType, ...], ...] = ()
) -> Service:
    return a_service(identifier_sets=sets, acting_sets=acting)


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (service((LEGAL,), (PSEUDO,)), {PSEUDO}),
        (service((BSN,), (PSEUDO,)), {BSN}),
        (service((PSEUDO,), (BSN,)), {PSEUDO}),
        (service((BSN, PSEUDO)), {BSN, PSEUDO}),
        (service((PSEUDO,), acting=((BSN,),)), {BSN}),
        (service((IdentifierType.BSN_POLYMORPHIC,), (PSEUDO,)), {PSEUDO}),
    ],
)
def test_a_citizen_is_given_the_first_set_that_is_known_whole(
    offered: Service, expected: set[IdentifierType]
) -> None:
    identified = identify(CITIZEN, offered, SECRET)
    assert {kind for kind, _ in identified.acting} == expected
    assert identified.legal == ()


def test_without_a_bsn_the_next_set_will_do() -> None:
    assert {kind for kind, _ in identify(WITHOUT, service((BSN,), (PSEUDO,)), SECRET).acting} == {PSEUDO}


@pytest.mark.parametrize("wanted", [(BSN,), (BSN, PSEUDO), (IdentifierType.BSN_POLYMORPHIC,)])
def test_where_only_a_bsn_lacks_it_is_the_bsn_that_is_unknown(wanted: tuple[IdentifierType, ...]) -> None:
    with pytest.raises(BsnUnknown):
        identify(WITHOUT, service(wanted), SECRET)


@pytest.mark.parametrize("wanted", [LEGAL, IdentifierType.KVKNR, IdentifierType.PSEUDO_ID])
def test_a_citizen_is_not_what_a_service_for_companies_is_about(wanted: IdentifierType) -> None:
    with pytest.raises(NotDeliverable):
        identify(CITIZEN, service((wanted,), acting=((PSEUDO,),)), SECRET)


def test_a_company_is_given_beside_who_represents_it() -> None:
    identified = identify(COMPANY, service((PSEUDO,), (LEGAL,)), SECRET)
    ((kind, value),) = identified.legal
    assert (kind, value.reveal()) == (LEGAL, "NL/DE/HRB900000")
    assert [each for each, _ in identified.acting] == [PSEUDO]


def test_a_company_is_not_delivered_to_a_service_for_citizens() -> None:
    with pytest.raises(NotDeliverable):
        identify(COMPANY, service((PSEUDO,)), SECRET)


def test_nobody_shares_a_pseudonym() -> None:
    offered = service((LEGAL,), (PSEUDO,))
    pseudonyms = {identify(person, offered, SECRET).acting[0][1].reveal() for person in FOREIGNERS}
    assert len(pseudonyms) == len(FOREIGNERS)


def test_every_test_person_shows_something_in_both_languages() -> None:
    assert all(all(person.shows) and all(person.country) for person in FOREIGNERS)
    assert len({person.username for person in FOREIGNERS}) == len(FOREIGNERS)
    assert [find(person.username) for person in FOREIGNERS] == list(FOREIGNERS)
    assert find("nobody") is None
    assert "999990019" not in repr(CITIZEN)
