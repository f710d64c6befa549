from uuid import UUID

import pytest

from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.network.dienstverlener.catalogue import DEFAULT_INDEX
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.dienstverlener.catalogue import answerable
from broker.network.dienstverlener.catalogue import make_own_catalogue
from broker.network.dienstverlener.catalogue import offered_services
from broker.ports import Role
from broker.saml.catalogue import read_catalogue
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from tests.network.installation import Installation


def test_the_makelaar_reads_every_service_as_it_was_written(installation: Installation) -> None:
    partner = installation.makelaar.station.partners.find(GEMEENTE.entity_id, Role.DV)
    document = make_own_catalogue(installation.of(GEMEENTE))
    services, report = read_catalogue(document, partner, MAKELAAR.oin)
    assert list(services.values()) == [offer.service for offer in OFFERS.values()]
    # One metadata for both, so that one box shows both.
    assert [finding.reason.partition(",")[0] for finding in report.findings] == [
        "eHerkenning and eIDAS services stand in one metadata"
    ]


@pytest.mark.parametrize(
    ("index", "level"),
    [
        (1, LevelOfAssurance.LOA2),
        (2, LevelOfAssurance.LOA2PLUS),
        (3, LevelOfAssurance.LOA3),
        (4, LevelOfAssurance.LOA3),
        (5, LevelOfAssurance.LOA4),
        (6, LevelOfAssurance.LOA3),
    ],
)
def test_each_level_has_a_service(index: int, level: LevelOfAssurance) -> None:
    assert OFFERS[index].service.level is level


def test_one_service_refuses_chains_and_one_accepts_a_vestiging() -> None:
    assert [index for index, offer in OFFERS.items() if not offer.service.accepts_ketenmachtiging] == [4]
    assert [index for index, offer in OFFERS.items() if offer.service.accepts_vestiging] == [6]


def test_rsin_and_kvk_number_are_asked_together_and_the_kvk_number_alone_will_do() -> None:
    for offer in (each for each in OFFERS.values() if not each.service.is_eidas_inbound):
        both, kvk = offer.service.identifier_sets
        assert set(both) == {IdentifierType.RSIN, IdentifierType.KVKNR}
        assert kvk == (IdentifierType.KVKNR,)


def test_companies_and_citizens_have_services_at_eidas_and_one_more_needs_a_bsn() -> None:
    eidas = {index: offer.service for index, offer in OFFERS.items() if offer.service.is_eidas_inbound}
    assert {index: service.identifier_sets for index, service in eidas.items()} == {
        21: ((IdentifierType.EIDAS_LEGAL,), (IdentifierType.PSEUDO_1_9,)),
        22: ((IdentifierType.BSN,),),
        23: ((IdentifierType.EIDAS_LEGAL,), (IdentifierType.PSEUDO_1_9,)),
    }


def test_the_portal_stands_for_all_the_others_but_those_of_eidas() -> None:
    portal = OFFERS[0].service
    others = {
        offer.service.service_id
        for offer in OFFERS.values()
        if offer.service != portal and not offer.service.is_eidas_inbound
    }
    assert portal.is_portal
    assert answerable(portal.service_id) == others
    assert answerable(OFFERS[3].service.service_id) == {OFFERS[3].service.service_id}
    assert answerable(None) == frozenset()


def test_no_two_services_share_a_uuid() -> None:
    uuids = [
        UUID(text)
        for offer in OFFERS.values()
        for text in (offer.service.service_uuid, offer.service.instance_uuid)
    ]
    assert len(set(uuids)) == 2 * len(OFFERS)


def test_the_metadata_offers_the_default_service_first() -> None:
    assert next(iter(offered_services())) == DEFAULT_INDEX
    assert set(offered_services()) == set(OFFERS)
