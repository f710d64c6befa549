from dataclasses import replace
from datetime import UTC
from datetime import datetime

import pytest

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Intermediation
from broker.domain.services import RequestedAttribute
from broker.domain.services import Service
from broker.saml import schema
from broker.saml.catalogue import read_network_catalogue
from broker.saml.catalogue_writing import Offer
from broker.saml.catalogue_writing import make_catalogue
from broker.saml.parsing import parse
from tests.keys import certificate
from tests.keys import signer

MAKELAAR = Oin("00000099000000001000")
SERVICE = Service(
    service_id="urn:etoegang:DV:00000099000000004000:services:0",
    service_uuid="4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d10",
    instance_uuid="0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7711",
    dienstverlener=Oin("00000099000000004000"),
    dienstverlener_names={"nl": "Gemeente <Voorbeeld>", "en": "Municipality"},
    names={"nl": "Vergunning & meer", "en": "Permit"},
    level=LevelOfAssurance.LOA3,
    identifier_sets=((IdentifierType.RSIN, IdentifierType.KVKNR), (IdentifierType.KVKNR,)),
    restrictions_allowed=frozenset({"urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"}),
    makelaars=frozenset({MAKELAAR}),
    is_portal=True,
    classifiers=frozenset({"one", "two"}),
    acting_sets=((IdentifierType.PSEUDO,),),
    portal_for=("5a3b1c2d-0000-4000-8000-000000000008",),
    sso_support=True,
    intermediated_service="5a3b1c2d-0000-4000-8000-000000000009",
    intermediation=Intermediation.APPROVAL,
    intermediaries=frozenset({Oin("00000099000000005000"), Oin("00000099000000005100")}),
    requested_attributes=(
        RequestedAttribute("urn:etoegang:1.9:attribute:FirstName", True, {"nl": "Aanspreken", "en": "Greet"}),
        RequestedAttribute("urn:etoegang:1.11:attribute-represented:CompanyName", False, {"nl": "Tonen"}),
    ),
)


def write(*services: Service) -> bytes:
    return make_catalogue(
        [Offer(service, {"nl": "Omschrijving", "en": "Description"}) for service in services],
        makelaar=MAKELAAR,
        certificate=certificate("dv"),
        catalogue_id="_catalogue",
        version="1",
        now=datetime(2026, 11, 22, tzinfo=UTC),
        key=signer("dv"),
    )


def test_a_catalogue_is_valid_against_the_schema() -> None:
    assert schema.list_faults(parse(write(SERVICE))) == []


def test_a_service_is_read_back_as_it_was_written() -> None:
    services, recipients = read_network_catalogue(write(SERVICE), [certificate("dv")], "dv")
    assert services == {SERVICE.service_id: SERVICE}
    assert recipients[SERVICE.service_id].certificate == certificate("dv")


def test_services_of_several_dienstverleners_do_not_make_one_catalogue() -> None:
    with pytest.raises(ValueError, match="one dienstverlener"):
        write(SERVICE, replace(SERVICE, dienstverlener=Oin("00000099000000005000")))


def test_an_empty_catalogue_is_not_made() -> None:
    with pytest.raises(ValueError, match="at least one service"):
        write()
