from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from broker.domain.identifiers import Oin
from broker.exchange.http import PartnerUnavailable
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.dienstverlener.catalogue import OFFERS
from broker.ports import Role
from broker.saml.encryption import Recipient
from broker.saml.errors import InvalidSignature
from broker.saml.partner import Partner
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from tests.keys import certificate
from tests.network.installation import Installation


@pytest.fixture
def makelaar(installation: Installation) -> Partner:
    return installation.of(MR_EEN).station.partners.find(MAKELAAR.entity_id, Role.HM)


def test_the_catalogue_is_fetched_where_the_metadata_of_the_makelaar_says(makelaar: Partner) -> None:
    catalogue = Dienstencatalogus().of(makelaar)
    assert set(catalogue.services) == {offer.service.service_id for offer in OFFERS.values()}
    assert set(catalogue.recipients) == set(catalogue.services)


def test_it_is_kept_for_a_while(makelaar: Partner) -> None:
    read = Dienstencatalogus()
    kept = read.of(makelaar)
    assert read.of(makelaar) is kept


def test_a_service_is_found_by_the_uuid_of_its_definition_or_instance(makelaar: Partner) -> None:
    catalogue, service = Dienstencatalogus().of(makelaar), OFFERS[2].service
    assert catalogue.by_uuid(service.service_uuid, GEMEENTE.oin) == service
    assert catalogue.by_uuid(service.instance_uuid, None) == service
    assert catalogue.by_uuid(None, GEMEENTE.oin) is None


def test_a_service_is_told_for_certain_by_its_dienstverlener_only(makelaar: Partner) -> None:
    catalogue, service = Dienstencatalogus().of(makelaar), OFFERS[2].service
    assert catalogue.declared_for(service.service_uuid, GEMEENTE.oin) == service
    assert catalogue.declared_for(service.service_uuid, "00000099000000005000") is None
    assert catalogue.declared_for(None, GEMEENTE.oin) is None
    assert catalogue.declared_for(service.service_uuid, None) == service, "nobody else shares its definition"
    other = replace(service, service_id="urn:other", dienstverlener=Oin("00000099000000005000"))
    shared = replace(catalogue, services={**catalogue.services, "urn:other": other})
    assert shared.declared_for(service.service_uuid, None) is None
    assert shared.declared_for(service.service_uuid, other.dienstverlener.value) == other


def test_instances_of_one_definition_may_have_keys_of_their_own(makelaar: Partner) -> None:
    catalogue, service = Dienstencatalogus().of(makelaar), OFFERS[2].service
    own = catalogue.recipients[service.service_id].certificate
    now = datetime.now(UTC)
    assert catalogue.certificates(service, now) == (own,)
    assert catalogue.certificates(service, now - timedelta(days=1)) == ()
    again = replace(service, service_id="urn:again")
    elsewhere = replace(service, service_id="urn:other", dienstverlener=Oin("00000099000000005000"))
    more = {
        "urn:again": Recipient("", certificate("dv")),
        "urn:other": Recipient("", certificate("stranger")),
    }
    shared = replace(
        catalogue,
        services={**catalogue.services, "urn:again": again, "urn:other": elsewhere},
        recipients={**catalogue.recipients, **more},
    )
    assert {each.der for each in shared.certificates(service, now)} == {own.der, certificate("dv").der}


def test_a_catalogue_that_the_makelaar_did_not_sign_is_refused(makelaar: Partner) -> None:
    with pytest.raises(InvalidSignature):
        Dienstencatalogus().of(replace(makelaar, signing=(certificate("stranger"),)))


def test_without_address_there_is_no_catalogue(makelaar: Partner) -> None:
    with pytest.raises(PartnerUnavailable):
        Dienstencatalogus().of(replace(makelaar, catalogue_location=None))


def test_a_makelaar_that_does_not_answer_leaves_the_last_catalogue_in_use(makelaar: Partner) -> None:
    moments = iter((0.0, 3600.0, 3600.0))
    read = Dienstencatalogus(lambda: next(moments))
    kept = read.of(makelaar)
    gone = replace(makelaar, catalogue_location="http://localhost:9/catalogue")
    assert read.of(gone) is kept


def test_a_service_that_was_added_just_now_is_found_without_waiting_a_minute(makelaar: Partner) -> None:
    moments = iter((0.0, 0.1, 3.0, 3.0))
    read = Dienstencatalogus(lambda: next(moments))
    kept = read.of(makelaar)
    assert read.of(makelaar, "urn:new") is kept
    assert read.of(makelaar, "urn:new") is not kept


def test_a_service_that_got_another_definition_is_read_again(makelaar: Partner) -> None:
    service = OFFERS[2].service
    moments = iter((0.0, 1.0, 1.0, 1.5))
    read = Dienstencatalogus(lambda: next(moments))
    kept = read.of(makelaar, service.service_id, service.service_uuid)
    assert read.of(makelaar, service.service_id, "another") is not kept


@pytest.mark.parametrize("name", ["0" * 32, "../../metadata", "0" * 31, "0" * 33, ""])
def test_a_catalogue_of_a_test_that_is_not_there_is_not_what_is_published(
    makelaar: Partner, name: str
) -> None:
    read = Dienstencatalogus()
    read.of(makelaar)
    with pytest.raises(PartnerUnavailable):
        read.of(makelaar, in_test=name)
