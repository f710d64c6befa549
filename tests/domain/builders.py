"""Invented values for the tests of the domain; each can be varied by name."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Oin
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Ketenmachtiging
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Scope
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import Service

NOW = datetime(2025, 3, 3, 9, 15, 50, tzinfo=UTC)
SECOND = timedelta(seconds=1)
YEAR = timedelta(days=365)

GEMEENTE = Oin("00000099000000004000")
WATERSCHAP = Oin("00000099000000005000")
BAKERY = KvkNumber("90000001")
FLORIST = KvkNumber("90000002")
ACCOUNTANT = KvkNumber("90000003")
HIGH_STREET = Vestigingsnummer("000090000011")
STATION = Vestigingsnummer("000090000012")
DOSSIER = Subdossiernummer("0001")
ANNA = InternalPseudonym("anna-at-the-authenticatiedienst")

PERMITS = "4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d10"
TAXES = "4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d11"


def a_service(*, accepts_vestiging: bool = False, **changes: Any) -> Service:
    values: dict[str, Any] = {
        "service_id": f"urn:etoegang:DV:{GEMEENTE}:services:7",
        "service_uuid": PERMITS,
        "instance_uuid": "0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7711",
        "dienstverlener": GEMEENTE,
        "dienstverlener_names": {"nl": "Gemeente Voorbeeld", "en": "Municipality of Example"},
        "names": {"nl": "Vergunning aanvragen", "en": "Apply for a permit"},
        "level": LevelOfAssurance.LOA3,
        "identifier_sets": ((IdentifierType.RSIN, IdentifierType.KVKNR), (IdentifierType.KVKNR,)),
        "restrictions_allowed": frozenset({VESTIGING_RESTRICTION} if accepts_vestiging else ()),
        "makelaars": frozenset({Oin("00000099000000001000")}),
        "is_portal": False,
        "classifiers": frozenset(),
    }
    return Service(**(values | changes))


def a_machtiging(**changes: Any) -> Machtiging:
    values: dict[str, Any] = {
        "id": "m-1",
        "subject": ANNA,
        "company": BAKERY,
        "scope": Scope(),
        "level": LevelOfAssurance.LOA3,
        "valid_from": NOW - YEAR,
        "valid_until": NOW + YEAR,
    }
    return Machtiging(**(values | changes))


def a_ketenmachtiging(**changes: Any) -> Ketenmachtiging:
    values: dict[str, Any] = {
        "id": "k-1",
        "client": BAKERY,
        "intermediary": ACCOUNTANT,
        "scope": Scope(),
        "level": LevelOfAssurance.LOA3,
        "valid_from": NOW - YEAR,
        "valid_until": NOW + YEAR,
    }
    return Ketenmachtiging(**(values | changes))
