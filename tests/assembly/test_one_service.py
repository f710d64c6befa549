"""A dienstencatalogus for software that has none."""

import pytest

from broker.assembly.onboarding import connection_of
from broker.assembly.onboarding import register
from broker.assembly.one_service import OneService
from broker.assembly.one_service import one_service_catalogue
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.ports import Role
from broker.saml.findings import DocumentRefused
from broker.saml.parsing import parse
from broker.saml.schema import is_valid
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import MemoryRegistry
from tests.saml.builders import NOW
from tests.saml.builders import SERVICE_ID
from tests.saml.documents import dv_metadata

APP = dv_metadata(entity_id="https://app.example/saml", services="")
PLAIN_SAML = Connection(profile=Profile.SAML)
WANTED = OneService(SERVICE_ID, "Mijn applicatie", LevelOfAssurance.LOA3)


def made(wanted: OneService = WANTED, metadata: bytes = APP) -> bytes:
    return one_service_catalogue(metadata, wanted, makelaar_oin=MAKELAAR_OIN, now=NOW, connection=PLAIN_SAML)


def test_it_is_a_catalogue_that_can_be_registered() -> None:
    registry = MemoryRegistry()
    assert is_valid(parse(made()))

    partner, findings = register(
        registry, Role.DV, APP, made(), makelaar_oin=MAKELAAR_OIN, now=NOW, connection=PLAIN_SAML
    )

    (service,) = partner.catalogue.values()
    assert (service.service_id, service.level) == (SERVICE_ID, LevelOfAssurance.LOA3)
    assert service.names == {"nl": "Mijn applicatie"}
    assert service.dienstverlener_name("nl") == "Gemeente Voorbeeld"
    assert partner.default_service == SERVICE_ID
    assert {finding.reason.partition(";")[0] for finding in findings} == {
        "the metadata is not signed",
        "the catalogue is not signed",
    }
    assert connection_of(registry, APP) == PLAIN_SAML


def test_it_asks_the_least_that_simple_software_can_handle() -> None:
    partner, _ = register(
        MemoryRegistry(), Role.DV, APP, made(), makelaar_oin=MAKELAAR_OIN, now=NOW, connection=PLAIN_SAML
    )

    (service,) = partner.catalogue.values()
    assert service.identifier_sets == ((IdentifierType.KVKNR,),)
    assert not service.accepts_vestiging
    assert not service.accepts_subdossier


def test_the_name_of_the_organisation_may_be_given() -> None:
    wanted = OneService(SERVICE_ID, "Mijn applicatie", LevelOfAssurance.LOA3, "Waterschap Toets")

    assert b"Waterschap Toets" in made(wanted)
    assert b"Gemeente Voorbeeld" not in made(wanted)


def test_the_same_service_keeps_its_uuid() -> None:
    def uuids(document: bytes) -> list[str | None]:
        return [each.text for each in parse(document).iter("{*}ServiceUUID")]

    assert uuids(made()) == uuids(made())


def test_a_service_id_of_another_form_is_refused() -> None:
    with pytest.raises(DocumentRefused, match="the ServiceID is not"):
        made(OneService("my-app", "Mijn applicatie", LevelOfAssurance.LOA3))


def test_an_unknown_partner_has_no_connection_yet() -> None:
    assert connection_of(MemoryRegistry(), APP) is None
