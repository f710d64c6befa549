"""The contract of ``MachtigingenStore``, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime

import pytest
from sqlalchemy import Engine

from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Oin
from broker.domain.identifiers import Rsin
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Ketenmachtiging
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Scope
from broker.domain.organisations import Organisation
from broker.ports import Ketenrelatie
from broker.ports import MachtigingenStore
from broker.storage.machtigingen import SqlMachtigingenStore

EVA = InternalPseudonym("ad-1-eva")
BAKKER, KANTOOR, SLAGER = KvkNumber("90001354"), KvkNumber("90002768"), KvkNumber("90000021")
FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
REVOKED = datetime(2026, 11, 22, 13, 0, 0, 1, tzinfo=UTC)

MACHTIGING = Machtiging(
    id="m-1",
    subject=EVA,
    company=BAKKER,
    scope=Scope(),
    level=LevelOfAssurance.LOA3,
    valid_from=FROM,
    valid_until=UNTIL,
    revoked_at=None,
    vestiging=None,
)
KETENMACHTIGING = Ketenmachtiging(
    id="k-1",
    client=BAKKER,
    intermediary=KANTOOR,
    scope=Scope(),
    level=LevelOfAssurance.LOA2PLUS,
    valid_from=FROM,
    valid_until=UNTIL,
    revoked_at=None,
)
SCOPES = [
    Scope(),
    Scope(service_uuid="3f1e3e5c-0000-4000-8000-000000000001"),
    Scope(dienstverlener=Oin("00000001234567890000")),
]


@pytest.fixture
def register(engine: Engine) -> MachtigingenStore:
    return SqlMachtigingenStore(engine)


def test_finds_an_organisation_as_it_was_saved(register: MachtigingenStore) -> None:
    branches = (Vestigingsnummer("000012345678"), Vestigingsnummer("000087654321"))
    bakker = Organisation(kvk=BAKKER, rsin=Rsin("123456782"), name="Bakkerij 't Hoekje", vestigingen=branches)
    register.save_organisation(bakker)
    assert register.organisation(BAKKER) == bakker
    assert register.organisation(KANTOOR) is None


def test_an_eenmanszaak_has_no_rsin(register: MachtigingenStore) -> None:
    register.save_organisation(Organisation(kvk=SLAGER, rsin=None, name="Slagerij"))
    assert register.organisation(SLAGER) == Organisation(kvk=SLAGER, rsin=None, name="Slagerij")


def test_saving_an_organisation_again_replaces_it(register: MachtigingenStore) -> None:
    register.save_organisation(Organisation(kvk=SLAGER, rsin=None, name="Slagerij"))
    register.save_organisation(Organisation(kvk=SLAGER, rsin=None, name="Slagerij en Zonen"))
    found = register.organisation(SLAGER)
    assert found is not None
    assert found.name == "Slagerij en Zonen"


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("vestiging", [None, Vestigingsnummer("000012345678")])
@pytest.mark.parametrize("subdossier", [None, Subdossiernummer("0001")])
def test_finds_a_machtiging_as_it_was_saved(
    register: MachtigingenStore,
    scope: Scope,
    vestiging: Vestigingsnummer | None,
    subdossier: Subdossiernummer | None,
) -> None:
    machtiging = replace(MACHTIGING, scope=scope, vestiging=vestiging, subdossier=subdossier)
    register.save_machtiging(machtiging)
    assert register.machtigingen_of(EVA) == [machtiging]


def test_lists_the_machtigingen_of_one_person_by_id_valid_or_not(register: MachtigingenStore) -> None:
    mine = [
        replace(MACHTIGING, id="m-0", valid_until=REVOKED),
        replace(MACHTIGING, id="m-2", company=SLAGER),
        replace(MACHTIGING, id="m-3", revoked_at=REVOKED),
    ]
    for machtiging in reversed(mine):
        register.save_machtiging(machtiging)
    register.save_machtiging(replace(MACHTIGING, id="m-9", subject=InternalPseudonym("ad-1-bob")))
    assert register.machtigingen_of(EVA) == mine
    assert register.machtigingen_of(InternalPseudonym("ad-1-nobody")) == []


def test_a_revocation_is_seen_at_once_by_every_process(engine: Engine) -> None:
    here, there = SqlMachtigingenStore(engine), SqlMachtigingenStore(engine)
    here.save_machtiging(MACHTIGING)
    here.save_ketenmachtiging(KETENMACHTIGING)
    assert there.machtigingen_of(EVA)[0].revoked_at is None
    here.save_machtiging(replace(MACHTIGING, revoked_at=REVOKED))
    here.save_ketenmachtiging(replace(KETENMACHTIGING, revoked_at=REVOKED))
    assert there.machtigingen_of(EVA)[0].revoked_at == REVOKED
    assert there.ketenmachtigingen_between(BAKKER, KANTOOR)[0].revoked_at == REVOKED


@pytest.mark.parametrize("scope", SCOPES)
def test_finds_a_ketenmachtiging_as_it_was_saved(register: MachtigingenStore, scope: Scope) -> None:
    limited = {"vestiging": Vestigingsnummer("000012345678"), "subdossier": Subdossiernummer("0001")}
    ketenmachtiging = replace(KETENMACHTIGING, scope=scope, **limited)  # type: ignore[arg-type]  # both of a kind
    register.save_ketenmachtiging(ketenmachtiging)
    assert register.ketenmachtigingen_between(BAKKER, KANTOOR) == [ketenmachtiging]


def test_a_ketenmachtiging_has_a_direction(register: MachtigingenStore) -> None:
    register.save_ketenmachtiging(KETENMACHTIGING)
    assert register.ketenmachtigingen_between(KANTOOR, BAKKER) == []
    assert register.ketenmachtigingen_between(SLAGER, KANTOOR) == []


def test_lists_ketenmachtigingen_by_id(register: MachtigingenStore) -> None:
    both = [replace(KETENMACHTIGING, id="k-1"), replace(KETENMACHTIGING, id="k-2", revoked_at=REVOKED)]
    for ketenmachtiging in reversed(both):
        register.save_ketenmachtiging(ketenmachtiging)
    assert register.ketenmachtigingen_between(BAKKER, KANTOOR) == both


def test_lists_the_clients_of_an_intermediary_in_order_and_once(register: MachtigingenStore) -> None:
    bakker = Ketenrelatie(intermediary=KANTOOR, client=BAKKER, register="urn:etoegang:MR:2")
    slager = Ketenrelatie(intermediary=KANTOOR, client=SLAGER, register="urn:etoegang:MR:2")
    for relatie in (bakker, slager, bakker):
        register.save_ketenrelatie(relatie)
    assert register.ketenrelaties_of(KANTOOR) == [slager, bakker]
    assert register.ketenrelaties_of(BAKKER) == []
