"""A question of the makelaar comes in, and an assertion or a refusal goes out, with at most one page between."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Scope
from broker.domain.organisations import Organisation
from broker.network.persons import read_secrets
from broker.network.subjects import subject_at
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.encryption import decrypt_identifier
from broker.saml.errors import DecryptionFailed
from broker.saml.parsing import parse
from broker.saml.signature import verify
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import GEMEENTE
from broker.settings import MR_EEN
from broker.settings import MR_TWEE
from broker.storage.machtigingen import SqlMachtigingenStore
from tests.network.installation import Installation
from tests.network.machtigingenregister.asking import Asker
from tests.network.machtigingenregister.asking import choice
from tests.network.machtigingenregister.asking import said_at_login


@pytest.fixture
def asker(installation: Installation) -> Asker:
    return Asker(installation)


def opened(installation: Installation, said: AuthorizationAssertion) -> dict[str, str]:
    """What the dienstverlener reads in LegalSubjectID and ActingSubjectID."""
    key = installation.of(GEMEENTE).signer
    values = [
        decrypt_identifier(each, key, GEMEENTE.entity_id)
        for each in (*said.legal_subject, *said.acting_subject)
    ]
    return {value.qualifier: value.value for value in values}


@pytest.mark.rule("4.05", "4.08", "4.09")
def test_one_company_is_answered_at_once(installation: Installation, asker: Asker) -> None:
    login = asker.login_of("werknemer")
    said, _ = asker.granted(asker.ask(login))
    values = opened(installation, said)
    assert values[IdentifierType.KVKNR] == "90000011"
    assert values[IdentifierType.RSIN] == "900000028"
    assert re.fullmatch("[0-9a-f]{64}@[0-9a-f]{32}", values[IdentifierType.PSEUDO])
    assert said.is_permit
    assert said.level_used is LevelOfAssurance.LOA3
    assert said.vestiging is None
    assert said.intermediate_subject == ()


@pytest.mark.rule("6.4.04", "6.4.05")
def test_the_answer_is_tied_to_the_login(installation: Installation, asker: Asker) -> None:
    login = asker.login_of("werknemer")
    said, _ = asker.granted(asker.ask(login))
    partner = installation.makelaar.station.partners.find(AD_SLEUTEL.entity_id, AD_SLEUTEL.role)
    assert said.assertion_id_ref == said_at_login(login).frame.id
    assert (
        said.linked_signature_value
        == verify(parse(login), partner.signing, partner.entity_id).signature_value
    )


@pytest.mark.rule("3.6.04")
def test_the_makelaar_cannot_read_who_it_is(installation: Installation, asker: Asker) -> None:
    said, _ = asker.granted(asker.ask(asker.login_of("werknemer")))
    for value in (*said.legal_subject, *said.acting_subject):
        assert value.recipients == (GEMEENTE.entity_id,)
        with pytest.raises(DecryptionFailed):
            decrypt_identifier(value, installation.makelaar.signer, GEMEENTE.entity_id)


@pytest.mark.rule("4.05", "4.13")
def test_the_pseudonym_stays_the_same_per_company_and_differs_between_companies(
    installation: Installation, asker: Asker
) -> None:
    names: dict[str, set[str]] = {}
    for company in ("Boekhandel", "Fietsenmaker", "Boekhandel"):
        page = asker.ask(asker.login_of("eigenaar"))
        said, _ = asker.granted(asker.do("choose", company=choice(page.text, company)))
        names.setdefault(company, set()).add(opened(installation, said)[IdentifierType.PSEUDO])
    assert [len(found) for found in names.values()] == [1, 1]
    assert names["Boekhandel"] != names["Fietsenmaker"]


@pytest.mark.rule("7.1.12", "7.1.13")
def test_a_company_without_rsin_is_delivered_by_the_set_without_it(
    installation: Installation, asker: Asker
) -> None:
    page = asker.ask(asker.login_of("eigenaar"))
    said, _ = asker.granted(asker.do("choose", company=choice(page.text, "Klusbedrijf")))
    assert set(opened(installation, said)) == {IdentifierType.KVKNR, IdentifierType.PSEUDO}


def test_a_form_does_not_show_by_which_value_a_company_is_chosen(asker: Asker) -> None:
    first = choice(asker.ask(asker.login_of("eigenaar")).text, "Boekhandel")
    second = choice(asker.ask(asker.login_of("eigenaar")).text, "Boekhandel")
    assert first != second


def test_a_company_that_was_not_offered_cannot_be_chosen(asker: Asker) -> None:
    page = asker.ask(asker.login_of("accountant"))
    foreign = choice(page.text, "Administratiekantoor")
    asker.ask(asker.login_of("eigenaar"))
    assert "nog geen organisatie gekozen" in asker.do("choose", company=foreign).text


def test_without_a_choice_the_page_asks_again(asker: Asker) -> None:
    asker.ask(asker.login_of("eigenaar"))
    assert "nog geen organisatie gekozen" in asker.do("choose").text


@pytest.mark.rule("1.7.02", "8.07")
def test_cancelling_tells_the_makelaar(asker: Asker) -> None:
    asker.ask(asker.login_of("eigenaar"))
    assert asker.reason(asker.do("cancel")) == "geannuleerd"


@pytest.mark.rule("6.3.18", "6.3.20", "8.09", "8.10")
@pytest.mark.parametrize(
    ("username", "index", "reason"),
    [
        ("zonder", 3, "geen-machtiging"),
        ("verlopen", 3, "machtiging-verlopen"),
        ("ingetrokken", 3, "machtiging-ingetrokken"),
        ("laag", 3, "machtiging-niveau-te-laag"),
        ("vestiging", 3, "vestiging-niet-toegestaan"),
        ("subdossier", 3, "subdossier-niet-toegestaan"),
    ],
)
def test_a_refusal_is_explained_and_then_told_to_the_makelaar(
    asker: Asker, username: str, index: int, reason: str
) -> None:
    page = asker.ask(asker.login_of(username), index, level=LevelOfAssurance.LOA3)
    assert f"<code>{reason}</code>" in page.text
    assert asker.reason(asker.do("continue")) == reason


def test_a_vestiging_travels_where_the_service_accepts_it(asker: Asker) -> None:
    said, _ = asker.granted(asker.ask(asker.login_of("vestiging"), 6))
    assert said.vestiging == "000090000077"


def test_a_subdossier_travels_where_the_service_accepts_it(asker: Asker) -> None:
    said, _ = asker.granted(asker.ask(asker.login_of("subdossier"), 6))
    assert (said.subdossier, said.vestiging) == ("0002", None)


def test_a_client_is_offered_only_where_the_service_accepts_chains(asker: Asker) -> None:
    assert "Bloemist" in asker.ask(asker.login_of("accountant"), 3).text
    said, _ = asker.granted(asker.ask(asker.login_of("accountant"), 4))
    assert said.confirm_at is None


def test_a_revocation_counts_while_the_person_is_choosing(installation: Installation, asker: Asker) -> None:
    store = SqlMachtigingenStore(installation.of(MR_EEN).engine)
    subject = subject_at(AD_SLEUTEL.entity_id, read_secrets(installation.settings)["eigenaar"].pseudonym)
    machtigingen = store.machtigingen_of(subject)
    page = asker.ask(asker.login_of("eigenaar"))
    company = choice(page.text, "Boekhandel")
    for machtiging in machtigingen:
        store.save_machtiging(replace(machtiging, revoked_at=machtiging.valid_from))
    try:
        assert asker.reason(asker.do("choose", company=company)) == "machtiging-ingetrokken"
    finally:
        for machtiging in machtigingen:
            store.save_machtiging(machtiging)


def test_many_companies_can_be_searched(installation: Installation, asker: Asker) -> None:
    store = SqlMachtigingenStore(installation.of(MR_EEN).engine)
    subject = subject_at(AD_SLEUTEL.entity_id, "many")
    now = installation.makelaar.station.own.clock()
    for number in range(9):
        kvk = KvkNumber(f"9100000{number}")
        store.save_organisation(Organisation(kvk, None, f"Filiaal {number}"))
        period = (now - timedelta(days=1), now + timedelta(days=1))
        grant = Machtiging(f"many-{number}", subject, kvk, Scope(), LevelOfAssurance.LOA3, *period)
        store.save_machtiging(grant)
    login = asker.login_as("many")
    assert "Filiaal 8" in asker.ask(login).text
    found = asker.do("search", q="filiaal 3")
    assert "Filiaal 3" in found.text
    assert "Filiaal 8" not in found.text
    assert "Filiaal 5" in asker.do("search", q="91000005").text
    said, _ = asker.granted(asker.do("choose", company=choice(found.text, "Filiaal 3")))
    assert opened(installation, said)[IdentifierType.KVKNR] == "91000003"


@pytest.mark.rule("6.3.19")
@pytest.mark.parametrize(
    "changes",
    [
        {"subject_id": "somebody else"},
        {"service_id": "urn:etoegang:DV:00000099000000004000:services:99"},
        {"service_uuid": "00000000-0000-4000-8000-000000000000"},
        {"intended_audience": "urn:etoegang:DV:00000099000000004000:entities:9002"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_question_that_does_not_fit_the_login_or_catalogue_is_refused(
    asker: Asker, changes: dict[str, Any]
) -> None:
    assert asker.reason(asker.ask(asker.login_of("werknemer"), **changes)) is not None


def test_more_is_not_asked_than_the_login_gives(asker: Asker) -> None:
    login = asker.login_of("werknemer", level=LevelOfAssurance.LOA2)
    assert asker.reason(asker.ask(login, level=LevelOfAssurance.LOA3)) == "antwoord-ongeldig"


def test_a_login_for_another_register_is_refused(installation: Installation, asker: Asker) -> None:
    login = Asker(installation, MR_TWEE).login_of("werknemer")
    assert asker.reason(asker.ask(login)) == "antwoord-ongeldig"


def test_a_login_that_was_changed_is_refused(asker: Asker) -> None:
    login = asker.login_of("werknemer").replace(b"loa4", b"loa3")
    assert asker.reason(asker.ask(login)) == "handtekening-ongeldig"


def test_a_login_signed_by_somebody_else_in_the_network_is_refused(asker: Asker) -> None:
    login = asker.login_of("werknemer")
    pretended = login.replace(AD_SLEUTEL.entity_id.encode(), AD_TOEGANG.entity_id.encode())
    assert asker.reason(asker.ask(pretended)) == "handtekening-ongeldig"


def test_two_authenticatiediensten_with_one_pseudonym_mean_two_persons() -> None:
    assert subject_at("ad:1", "a") != subject_at("ad:2", "a")
