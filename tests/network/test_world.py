from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from stdnum.nl import bsn

from broker.domain.identifiers import KvkNumber
from broker.domain.machtigingen import Reason
from broker.domain.machtigingen import decide_direct
from broker.network import cast
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.persons import read_secrets
from broker.network.subjects import subject_at
from broker.network.world import persons
from broker.network.world import seed
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import MR_EEN
from broker.settings import MR_TWEE
from broker.settings import PARTIES
from broker.settings import Settings
from broker.storage.machtigingen import SqlMachtigingenStore
from broker.storage.middelen import SqlMiddelenStore
from tests.network.installation import Installation

EVERY_COMPANY = [value for value in vars(cast).values() if isinstance(value, cast.Company)]


@pytest.mark.parametrize("company", EVERY_COMPANY, ids=lambda company: company.name)
def test_companies_have_a_test_like_kvk_number_and_an_rsin_that_passes_the_elfproef(
    company: cast.Company,
) -> None:
    KvkNumber(company.kvk)
    assert company.kvk.startswith("9")
    assert company.rsin is None or bsn.is_valid(company.rsin)


def test_no_two_companies_share_a_number() -> None:
    numbers = [number for company in EVERY_COMPANY for number in (company.kvk, company.rsin) if number]
    assert len(numbers) == len(set(numbers))


def test_before_seeding_there_are_no_test_persons(settings_of_nobody: Settings) -> None:
    assert persons(settings_of_nobody) == []


@pytest.fixture
def settings_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("empty"))


def test_every_person_of_the_cast_is_listed_with_what_they_demonstrate(installation: Installation) -> None:
    listed = persons(installation.settings)
    assert [person.username for person in listed] == [persona.username for persona in cast.PERSONAS]
    assert all(person.shows and person.shows_en and person.password.count("-") == 2 for person in listed)


def test_there_is_a_second_factor_from_loa2plus_up(installation: Installation) -> None:
    without = {person.username for person in persons(installation.settings) if person.totp_secret is None}
    assert without == {"basis"}


def test_the_secrets_are_for_their_owner_only(installation: Installation) -> None:
    path = installation.settings.data / "persons.json"
    assert path.stat().st_mode & 0o777 == 0o600


def test_secrets_do_not_show_in_repr(installation: Installation) -> None:
    person = installation.person("werknemer")
    assert person.password not in repr(person)
    assert str(person.totp_secret) not in repr(person)


@pytest.mark.rule("4.01")
def test_seeding_again_changes_no_secret(installation: Installation) -> None:
    before = read_secrets(installation.settings)
    seed(installation.settings, installation.parties.values())
    assert read_secrets(installation.settings) == before


def test_seeding_again_does_not_undo_a_change(installation: Installation) -> None:
    store = SqlMachtigingenStore(installation.of(MR_TWEE).engine)
    subject = subject_at(AD_SLEUTEL.entity_id, read_secrets(installation.settings)["reder"].pseudonym)
    (machtiging,) = store.machtigingen_of(subject)
    store.save_machtiging(replace(machtiging, revoked_at=machtiging.valid_from))
    try:
        seed(installation.settings, installation.parties.values())
        assert store.machtigingen_of(subject)[0].revoked_at is not None
    finally:
        store.save_machtiging(machtiging)


def test_each_authenticatiedienst_has_its_own_people_only(installation: Installation) -> None:
    sleutel = SqlMiddelenStore(installation.of(AD_SLEUTEL).engine)
    toegang = SqlMiddelenStore(installation.of(AD_TOEGANG).engine)
    assert sleutel.find("werknemer") is not None
    assert toegang.find("werknemer") is None
    assert toegang.find("basis") is not None


@pytest.mark.parametrize(
    ("username", "index", "reason"),
    [
        ("werknemer", 3, None),
        ("verlopen", 3, Reason.EXPIRED),
        ("ingetrokken", 3, Reason.REVOKED),
        ("laag", 3, Reason.LEVEL_TOO_LOW),
        ("laag", 2, None),
        ("vestiging", 3, Reason.VESTIGING_NOT_ACCEPTED),
        ("vestiging", 6, None),
        ("subdossier", 3, Reason.SUBDOSSIER_NOT_ACCEPTED),
        ("subdossier", 6, None),
        ("directeur", 5, None),
    ],
)
def test_a_person_demonstrates_what_was_promised(
    installation: Installation, username: str, index: int, reason: Reason | None
) -> None:
    store = SqlMachtigingenStore(installation.of(MR_EEN).engine)
    subject = subject_at(AD_SLEUTEL.entity_id, read_secrets(installation.settings)[username].pseudonym)
    service = OFFERS[index].service
    (proof,) = decide_direct(store.machtigingen_of(subject), service, service.level, datetime.now(UTC))
    assert proof.reason == reason


def test_the_seeded_times_are_relative_to_the_moment_of_seeding(installation: Installation) -> None:
    store = SqlMachtigingenStore(installation.of(MR_EEN).engine)
    subject = subject_at(AD_SLEUTEL.entity_id, read_secrets(installation.settings)["werknemer"].pseudonym)
    (machtiging,) = store.machtigingen_of(subject)
    assert machtiging.valid_until - datetime.now(UTC) > timedelta(days=300)


@pytest.mark.rule("4.01", "4.02")
def test_no_two_persons_share_an_internal_pseudonym(installation: Installation) -> None:
    pseudonyms = [drawn.pseudonym for drawn in read_secrets(installation.settings).values()]
    assert len(pseudonyms) == len(set(pseudonyms)) == len(cast.PERSONAS)


@pytest.mark.rule("7.2.02")
def test_every_party_of_the_box_has_the_index_of_a_test() -> None:
    assert {9000 <= int(party.entity_id.rpartition(":")[2]) <= 9999 for party in PARTIES} == {True}
