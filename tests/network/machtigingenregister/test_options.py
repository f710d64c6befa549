"""Which choices a person gets, and which identifiers of the chosen company a dienstverlener."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Rsin
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Scope
from broker.domain.organisations import Organisation
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import VESTIGING_RESTRICTION
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.machtigingenregister.identifiers import choose_identifiers
from broker.network.machtigingenregister.options import Decision
from broker.network.machtigingenregister.options import decide
from broker.network.machtigingenregister.options import known_organisation
from broker.ports import Ketenrelatie
from broker.storage.engine import make_engine
from broker.storage.machtigingen import SqlMachtigingenStore
from broker.storage.migrations import upgrade

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SERVICE = OFFERS[3].service
SUBJECT = InternalPseudonym("ad|somebody")
OFFICE, CLIENT = KvkNumber("90000088"), KvkNumber("90000099")


@pytest.fixture
def store(tmp_path: Path) -> SqlMachtigingenStore:
    engine = make_engine(f"sqlite:///{tmp_path / 'register.db'}")
    upgrade(engine)
    return SqlMachtigingenStore(engine)


def grant(store: SqlMachtigingenStore, company: KvkNumber, **changes: datetime) -> None:
    valid = (NOW - timedelta(days=1), NOW + timedelta(days=1))
    machtiging = Machtiging(company.reveal(), SUBJECT, company, Scope(), LevelOfAssurance.LOA3, *valid)
    store.save_machtiging(replace(machtiging, **changes))  # type: ignore[arg-type]  # all changes are of times


def decision(store: SqlMachtigingenStore) -> Decision:
    return decide(store, SUBJECT, SERVICE, LevelOfAssurance.LOA3, NOW)


def test_a_person_without_machtiging_has_no_options(store: SqlMachtigingenStore) -> None:
    assert decision(store) == Decision((), ())


@pytest.mark.rule("1.3.02")
def test_an_intermediary_may_act_for_itself_and_for_each_client(store: SqlMachtigingenStore) -> None:
    grant(store, OFFICE)
    store.save_ketenrelatie(Ketenrelatie(OFFICE, CLIENT, "urn:mr:2"))
    own, client = decision(store).options
    assert (own.proof.company, own.proof.intermediary, own.confirm_at) == (OFFICE, None, None)
    assert (client.proof.company, client.proof.intermediary, client.confirm_at) == (
        CLIENT,
        OFFICE,
        "urn:mr:2",
    )


def test_a_client_of_a_company_for_which_the_machtiging_expired_is_not_offered(
    store: SqlMachtigingenStore,
) -> None:
    grant(store, OFFICE, valid_until=NOW - timedelta(hours=1))
    store.save_ketenrelatie(Ketenrelatie(OFFICE, CLIENT, "urn:mr:2"))
    assert decision(store).options == ()
    assert not decision(store).only_undeliverable


def test_what_cannot_be_delivered_is_no_option_and_no_refusal_either(store: SqlMachtigingenStore) -> None:
    grant(store, OFFICE)
    only_rsin = replace(
        SERVICE, identifier_sets=((IdentifierType.RSIN,),), classifiers=frozenset({NO_CHAIN_CLASSIFIER})
    )
    found = decide(store, SUBJECT, only_rsin, LevelOfAssurance.LOA3, NOW)
    assert found.options == ()
    assert found.only_undeliverable


@pytest.mark.rule("15.11")
def test_a_vestiging_is_never_given_without_the_kvk_number(store: SqlMachtigingenStore) -> None:
    organisation = Organisation(OFFICE, Rsin("900000028"), "Kantoor")
    sets = ((IdentifierType.RSIN,), (IdentifierType.KVKNR,))
    rsin_first = replace(
        SERVICE, identifier_sets=sets, restrictions_allowed=frozenset({VESTIGING_RESTRICTION})
    )
    assert dict(choose_identifiers(rsin_first, organisation)) == {IdentifierType.RSIN: "900000028"}
    beside = choose_identifiers(rsin_first, organisation, with_kvk_number=True)
    assert dict(beside) == {IdentifierType.KVKNR: "90000088"}
    rsin_only = replace(rsin_first, identifier_sets=sets[:1])
    assert choose_identifiers(rsin_only, organisation, with_kvk_number=True) == ()


def test_choices_are_named_differently_in_each_flow(store: SqlMachtigingenStore) -> None:
    grant(store, OFFICE)
    (option,) = decision(store).options
    assert option.choice_id(b"one") == option.choice_id(b"one")
    assert option.choice_id(b"one") != option.choice_id(b"two")


def test_an_organisation_that_is_not_registered_goes_by_its_number(store: SqlMachtigingenStore) -> None:
    assert known_organisation(store, CLIENT).name == "90000099"


@pytest.mark.rule("7.1.12", "7.1.13")
@pytest.mark.parametrize(
    ("rsin", "expected"),
    [
        (Rsin("900000028"), {IdentifierType.RSIN: "900000028", IdentifierType.KVKNR: "90000088"}),
        (None, {IdentifierType.KVKNR: "90000088"}),
    ],
    ids=["with RSIN", "without"],
)
def test_the_first_set_that_can_be_delivered_whole_is_chosen(
    rsin: Rsin | None, expected: dict[IdentifierType, str]
) -> None:
    assert dict(choose_identifiers(SERVICE, Organisation(OFFICE, rsin, "Kantoor"))) == expected


def test_a_set_without_types_or_with_a_pseudonym_for_a_company_is_never_chosen() -> None:
    odd = replace(SERVICE, identifier_sets=((), (IdentifierType.PSEUDO,)))
    assert choose_identifiers(odd, Organisation(OFFICE, None, "Kantoor")) == ()
