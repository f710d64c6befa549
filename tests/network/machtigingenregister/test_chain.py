"""Two registers, each with half a chain: the first asks for confirmation, the second gives or refuses it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broker.assembly import paths
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.levels import LevelOfAssurance
from broker.exchange.receiving import open_checked
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import read_authorization
from broker.saml.decision_query import DecisionQuery
from broker.saml.encryption import decrypt_identifier
from broker.saml.errors import DecryptionFailed
from broker.saml.names import REQUIRE_CONFIRMATION
from broker.saml.response import OpenedResponse
from broker.saml.soap import CONTENT_TYPE
from broker.saml.soap import unwrap
from broker.saml.soap import wrap
from broker.settings import GEMEENTE
from broker.settings import MR_EEN
from broker.settings import MR_TWEE
from broker.storage.machtigingen import SqlMachtigingenStore
from tests.network.installation import Installation
from tests.network.machtigingenregister.asking import Asker
from tests.network.machtigingenregister.asking import choice
from tests.network.machtigingenregister.asking import said_at_login


class Chain:
    """The accountant at the first register, having chosen a client, and the makelaar with what came out."""

    def __init__(self, installation: Installation, client: str, index: int = 3) -> None:
        self.installation = installation
        asker = Asker(installation)
        self.login = asker.login_of("accountant")
        page = asker.ask(self.login, index)
        answer = asker.do("choose", company=choice(page.text, client))
        self.said, self.verified = asker.granted(answer)
        self.second = Asker(installation, MR_TWEE)

    def query(self, **changes: Any) -> DecisionQuery:
        subject = said_at_login(self.login).frame.name_id
        evidence = (self.login, self.verified.raw.reveal_bytes())
        query = self.installation.decision_query(MR_TWEE, evidence, subject)
        destination = self.installation.settings.url(MR_TWEE) + paths.MR_CHAIN
        return replace(replace(query, destination=destination, acs_index=None), **changes)

    def post(self, query: DecisionQuery, content_type: str = CONTENT_TYPE) -> tuple[int, bytes]:
        envelope = wrap(self.installation.signed(query))
        answer = self.second.client.post(paths.MR_CHAIN, data=envelope, content_type=content_type)
        return answer.status_code, answer.data

    def confirm(self, query: DecisionQuery | None = None) -> OpenedResponse:
        status, answer = self.post(query or self.query())
        assert status == 200, answer
        partner = self.installation.makelaar.station.partners.find(MR_TWEE.entity_id, MR_TWEE.role)
        return open_checked(unwrap(answer), partner)

    def read(self, said: AuthorizationAssertion) -> dict[str, str]:
        key = self.installation.of(GEMEENTE).signer
        values = [decrypt_identifier(each, key, GEMEENTE.entity_id) for each in said.legal_subject]
        return {value.qualifier: value.value for value in values}


@pytest.fixture
def chain(installation: Installation) -> Chain:
    return Chain(installation, "Bloemist")


@pytest.mark.rule("1.3.03")
def test_the_first_register_asks_for_confirmation_by_the_second(chain: Chain) -> None:
    assert chain.said.obligations == (REQUIRE_CONFIRMATION,)
    assert chain.said.confirm_at == MR_TWEE.entity_id
    assert MR_TWEE.entity_id in chain.said.frame.audiences


@pytest.mark.rule("1.3.04", "1.3.06")
def test_of_the_first_half_the_client_is_for_the_second_register_only(
    installation: Installation, chain: Chain
) -> None:
    (client,) = chain.said.legal_subject
    (intermediary,) = chain.said.intermediate_subject
    assert client.recipients == (MR_TWEE.entity_id,)
    assert intermediary.recipients == (MR_TWEE.entity_id, GEMEENTE.entity_id)
    dienstverlener = installation.of(GEMEENTE).signer
    assert decrypt_identifier(intermediary, dienstverlener, GEMEENTE.entity_id).value == "90000088"
    with pytest.raises(DecryptionFailed):
        decrypt_identifier(client, dienstverlener, MR_TWEE.entity_id)


@pytest.mark.rule("1.3.08")
def test_the_second_register_confirms_and_names_the_client_to_the_dienstverlener(chain: Chain) -> None:
    opened = chain.confirm()
    assert opened.assertion is not None
    said = read_authorization(opened.assertion.element)
    assert chain.read(said) == {IdentifierType.RSIN: "900009044", IdentifierType.KVKNR: "90000099"}
    assert said.acting_subject == ()
    assert said.level_used is LevelOfAssurance.LOA3
    assert said.assertion_id_ref == chain.said.frame.id
    assert said.linked_signature_value == chain.verified.signature_value
    assert said.confirm_at is None
    assert opened.response.destination is None


def test_the_pseudonym_does_not_change_with_the_client(installation: Installation) -> None:
    key = installation.of(GEMEENTE).signer
    names = {
        decrypt_identifier(Chain(installation, client).said.acting_subject[0], key, GEMEENTE.entity_id).value
        for client in ("Bloemist", "Garage")
    }
    assert len(names) == 1


@pytest.mark.rule("1.3.08", "1.3.14")
def test_a_revoked_ketenmachtiging_is_not_confirmed(installation: Installation) -> None:
    opened = Chain(installation, "Garage").confirm()
    assert opened.assertion is None
    assert opened.response.status.is_authn_failed
    assert opened.response.status.reason == "keten-ingetrokken"


def test_a_ketenmachtiging_that_is_too_weak_is_not_confirmed(
    installation: Installation, chain: Chain
) -> None:
    store = SqlMachtigingenStore(installation.of(MR_TWEE).engine)
    (between,) = store.ketenmachtigingen_between(KvkNumber("90000099"), KvkNumber("90000088"))
    store.save_ketenmachtiging(replace(between, level=LevelOfAssurance.LOA2))
    try:
        query = chain.query(level=LevelOfAssurance.LOA3)
        assert chain.confirm(query).response.status.reason == "keten-niveau-te-laag"
    finally:
        store.save_ketenmachtiging(between)


def test_a_question_without_the_first_register_is_a_fault(chain: Chain) -> None:
    status, answer = chain.post(chain.query(assertions=(chain.login,)))
    assert status == 500
    assert b"soap:Client" in answer


def test_a_first_half_that_rests_on_another_login_is_a_fault(
    installation: Installation, chain: Chain
) -> None:
    other = Asker(installation).login_of("accountant")
    query = chain.query(
        assertions=(other, chain.verified.raw.reveal_bytes()), subject_id=said_at_login(other).frame.name_id
    )
    assert chain.post(query)[0] == 500


def test_a_direct_decision_is_not_confirmed_as_if_it_were_a_chain(
    installation: Installation, chain: Chain
) -> None:
    asker = Asker(installation)
    login = asker.login_of("werknemer")
    _, direct = asker.granted(asker.ask(login))
    subject = said_at_login(login).frame.name_id
    assert (
        chain.post(chain.query(assertions=(login, direct.raw.reveal_bytes()), subject_id=subject))[0] == 500
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"destination": "http://localhost/chain/1.13"},
        {"level": LevelOfAssurance.LOA4},
        {"service_id": "urn:etoegang:DV:00000099000000004000:services:1"},
        {"intended_audience": "urn:etoegang:DV:00000099000000004000:entities:9002"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_question_that_does_not_fit_is_a_fault(chain: Chain, changes: dict[str, Any]) -> None:
    assert chain.post(chain.query(**changes))[0] == 500


def test_an_old_and_a_repeated_question_are_faults(installation: Installation, chain: Chain) -> None:
    now = installation.makelaar.station.own.clock()
    assert chain.post(chain.query(issue_instant=now - timedelta(minutes=6)))[0] == 500
    query = chain.query()
    chain.confirm(query)
    assert chain.post(query)[0] == 500


def test_another_content_type_is_not_taken(chain: Chain) -> None:
    assert chain.post(chain.query(), "application/json")[0] == 415
    assert chain.post(chain.query(), "application/soap+xml")[0] == 200


def test_the_first_register_does_not_answer_for_the_second(installation: Installation, chain: Chain) -> None:
    envelope = wrap(installation.signed(chain.query()))
    first = Asker(installation, MR_EEN)
    assert first.client.post(paths.MR_CHAIN, data=envelope, content_type=CONTENT_TYPE).status_code == 500
