"""Artifacts: given once, to the partner they were made for; fetched from where metadata says."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from broker.assembly.onboarding import make_record
from broker.domain.connection import Connection
from broker.domain.connection import Tolerance
from broker.exchange import artifacts
from broker.exchange.client_certificates import ClientCertificateRefused
from broker.exchange.http import PartnerUnavailable
from broker.ports import Role
from broker.saml.artifact import Artifact
from broker.saml.artifact import decode_artifact
from broker.saml.artifact import source_id
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.artifact_resolution import open_artifact_response
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.errors import TooManyGuesses
from broker.saml.errors import UnexpectedAnswer
from broker.saml.errors import UnknownPartner
from broker.saml.errors import WrongDestination
from broker.saml.names import STATUS_REQUESTER
from broker.saml.names import STATUS_SUCCESS
from broker.saml.parsing import parse
from broker.saml.partner import Partner
from broker.saml.policy import FRONT
from broker.saml.policy import LIFETIMES
from broker.saml.policy import Front
from broker.saml.signature import verify
from broker.saml.soap import unwrap
from broker.saml.soap import wrap
from broker.saml.status import read_status
from tests.exchange.builders import ENTITY_IDS
from tests.exchange.builders import OTHER_DV
from tests.exchange.builders import Network
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.exchange.builders import record_of
from tests.exchange.builders import url_of
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import NOW
from tests.saml.builders import hm_response
from tests.saml.builders import new_id
from tests.saml.builders import signed_request

SECOND = timedelta(seconds=1)


def a_resolve(artifact: str, name: str = "dv", key: str | None = None, **changes: Any) -> bytes:
    """The signed question of a party for a message, in its envelope."""
    values: dict[str, Any] = {
        "id": new_id(),
        "issue_instant": NOW,
        "issuer": ENTITY_IDS.get(name, name),
        "artifact": artifact,
        "destination": url_of("hm", "ars"),
    }
    return wrap(make_artifact_resolve(ArtifactResolve(**(values | changes)), signer(key or name)))


def resolved(
    network: Network, artifact: str, name: str = "dv", issue_instant: datetime = NOW
) -> bytes | None:
    """The envelope in which the makelaar hands the message out; None for a Success without a message."""
    resolve_id = new_id()
    answer = network["hm"].artifacts.answer(
        a_resolve(artifact, name, id=resolve_id, issue_instant=issue_instant), url_of("hm", "ars")
    )
    message = open_artifact_response(unwrap(answer), [certificate("hm")], HM, resolve_id)
    return None if message is None else answer


@pytest.mark.rule("3.1.06")
def test_an_artifact_names_us_and_holds_nothing_but_chance(network: Network) -> None:
    message = hm_response()

    first, second = (decode_artifact(network["hm"].artifacts.hold(message, DV)) for _ in range(2))

    assert first.endpoint_index == second.endpoint_index == 0
    assert first.source_id == second.source_id == source_id(HM)
    assert first.handle != second.handle


def test_the_partner_gets_the_message_byte_for_byte(network: Network) -> None:
    message = hm_response()

    assert message in (resolved(network, network["hm"].artifacts.hold(message, DV)) or b"")


@pytest.mark.rule("3.1.07", "9.28")
def test_only_once(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)

    assert resolved(network, artifact) is not None
    assert resolved(network, artifact) is None


@pytest.mark.rule("3.1.13")
def test_another_partner_gets_nothing_and_then_nobody_does(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)

    assert resolved(network, artifact, "dv2") is None
    assert resolved(network, artifact) is None


def test_of_fifty_at_once_one_gets_the_message(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    questions = [a_resolve(artifact) for _ in range(50)]
    together = threading.Barrier(10)

    def ask(question: bytes) -> bool:
        together.wait()
        return b"Assertion" in network["hm"].artifacts.answer(question, url_of("hm", "ars"))

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(ask, questions)) == 1


@pytest.mark.rule("9.26", "9.28")
@pytest.mark.parametrize(("age", "alive"), [(LIFETIMES.artifact - SECOND, True), (LIFETIMES.artifact, False)])
def test_an_artifact_lives_for_two_minutes(network: Network, age: timedelta, alive: bool) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    network.clock.forward(age)

    assert (resolved(network, artifact, issue_instant=network.clock.now) is not None) is alive


HANDLE = b"h" * 20


@pytest.mark.rule("3.1.16")
@pytest.mark.parametrize(
    "artifact",
    [
        Artifact(0, source_id(HM), HANDLE).encode(),
        Artifact(0, source_id(DV), HANDLE).encode(),
        Artifact(1, source_id(HM), HANDLE).encode(),
        "not base64!",
        "AAQA",
        "AAEA" + Artifact(0, source_id(HM), HANDLE).encode()[4:],
        "x",
    ],
    ids=["unknown", "another's", "another index", "not base64", "too short", "another type", "one letter"],
)
def test_an_artifact_that_leads_nowhere_is_answered_with_success_and_no_message(
    network: Network, artifact: str
) -> None:
    assert resolved(network, artifact) is None


@pytest.mark.parametrize(
    ("tolerances", "answered"),
    [({Tolerance.FAULT_FOR_SPENT_ARTIFACT}, STATUS_REQUESTER), (set(), STATUS_SUCCESS)],
    ids=["tolerated", "strict"],
)
def test_a_dienstverlener_that_needs_it_is_told_that_there_is_nothing(
    network: Network, tolerances: set[Tolerance], answered: str
) -> None:
    connection = Connection(tolerances=frozenset(tolerances))
    network.registries["hm"].save(
        make_record(Role.DV, metadata_of("dv"), catalogue_of("dv"), NOW, connection)
    )
    question = a_resolve(Artifact(0, source_id(HM), HANDLE).encode())
    answer = unwrap(network["hm"].artifacts.answer(question, url_of("hm", "ars")))

    assert read_status(verify(answer, [certificate("hm")], HM).element).top == answered


def test_the_right_handle_with_the_wrong_index_takes_nothing(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    parts = decode_artifact(artifact)

    assert resolved(network, Artifact(1, parts.source_id, parts.handle).encode()) is None
    assert resolved(network, artifact) is not None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"key": "dv2"}, InvalidSignature),
        ({"name": "urn:etoegang:DV:00000099000000008000:entities:0001", "key": "dv"}, UnknownPartner),
        ({"issuer": OTHER_DV}, InvalidSignature),
        ({"issuer": HM}, UnknownPartner),
        ({"issue_instant": NOW - LIFETIMES.request_window - SECOND}, MalformedMessage),
        ({"issue_instant": NOW + LIFETIMES.request_window + SECOND}, MalformedMessage),
        ({"destination": url_of("dv2", "ars")}, WrongDestination),
    ],
    ids=[
        "signed by another",
        "unknown issuer",
        "in the name of another",
        "in our own name",
        "too old",
        "from the future",
        "for another endpoint",
    ],
)
def test_a_question_that_is_not_believed_takes_nothing(
    network: Network, changes: dict[str, Any], error: type[SamlError]
) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)

    with pytest.raises(error):
        network["hm"].artifacts.answer(a_resolve(artifact, **changes), url_of("hm", "ars"))

    assert resolved(network, artifact) is not None


@pytest.mark.rule("3.7.03")
@pytest.mark.parametrize("destination", [None, url_of("hm", "ars")], ids=["without Destination", "for us"])
def test_a_question_that_names_no_other_endpoint_is_answered(
    network: Network, destination: str | None
) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    question = a_resolve(artifact, destination=destination)

    assert b"Assertion" in network["hm"].artifacts.answer(question, url_of("hm", "ars"))


def test_a_question_that_was_sent_before_finds_nothing_any_more(network: Network) -> None:
    question = a_resolve(network["hm"].artifacts.hold(hm_response(), DV), id="_same")
    first, again = (network["hm"].artifacts.answer(question, url_of("hm", "ars")) for _ in range(2))

    assert b"<samlp:Response" in first
    assert b"<samlp:Response" not in again


@pytest.mark.parametrize(
    "change", [b"<saml:Issuer>", b"<samlp:Artifact>"], ids=["another issuer", "another artifact"]
)
def test_a_question_that_was_changed_takes_nothing(network: Network, change: bytes) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    question = a_resolve(artifact).replace(change, change + b"\n")

    with pytest.raises(SamlError):
        network["hm"].artifacts.answer(question, url_of("hm", "ars"))

    assert resolved(network, artifact) is not None


@pytest.mark.parametrize(
    "body",
    [b"", b"GET", b"<a/>", wrap(b"<a/>"), wrap(b'<a xmlns="urn:a"/>')],
    ids=["empty", "no XML", "no envelope", "no namespace", "unknown element"],
)
def test_what_is_no_question_at_all_is_refused(network: Network, body: bytes) -> None:
    with pytest.raises(SamlError):
        network["hm"].artifacts.answer(body, url_of("hm", "ars"))


def test_another_message_than_an_artifact_resolve_is_refused(network: Network) -> None:
    with pytest.raises(MalformedMessage, match="ArtifactResolve"):
        network["hm"].artifacts.answer(wrap(signed_request(issuer=DV)), url_of("hm", "ars"))


def test_a_partner_that_was_removed_gets_nothing_any_more(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    network.registries["hm"].remove(DV)

    with pytest.raises(UnknownPartner):
        network["hm"].artifacts.answer(a_resolve(artifact), url_of("hm", "ars"))


@pytest.mark.rule("6.0.06")
def test_two_stations_hand_a_message_over(network: Network) -> None:
    message = hm_response()
    artifact = network["hm"].artifacts.hold(message, DV)

    partner, element = network["dv"].artifacts.fetch(artifact, Role.HM)

    assert partner.entity_id == HM
    assert element.get("ID") == parse(message).get("ID")
    assert verify(element, [certificate("hm")], HM).signer == HM
    assert [url for url, _ in network.soap.sent] == [url_of("hm", "ars")]


def test_fetching_again_says_that_there_is_no_message(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    network["dv"].artifacts.fetch(artifact, Role.HM)

    with pytest.raises(UnexpectedAnswer, match="no message"):
        network["dv"].artifacts.fetch(artifact, Role.HM)


@pytest.mark.rule("7.3.10")
@pytest.mark.parametrize(
    ("artifact", "error"),
    [
        (Artifact(0, source_id("urn:nobody"), HANDLE).encode(), UnknownPartner),
        (Artifact(0, source_id(ENTITY_IDS["ad"]), HANDLE).encode(), UnknownPartner),
        (Artifact(9, source_id(HM), HANDLE).encode(), UnknownPartner),
        ("https://evil.example/ars", MalformedMessage),
        ("", MalformedMessage),
    ],
    ids=[
        "nobody",
        "a partner in another role",
        "an index that metadata does not have",
        "an address",
        "nothing",
    ],
)
def test_nobody_is_asked_whom_metadata_does_not_name(
    network: Network, artifact: str, error: type[SamlError]
) -> None:
    with pytest.raises(error):
        network["dv"].artifacts.fetch(artifact, Role.HM)

    assert network.soap.sent == []


def test_an_answer_that_the_partner_did_not_sign_is_not_believed(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    network.registries["dv"].save(record_of("hm", key="dv2"))
    assert metadata_of("hm", "dv2") != metadata_of("hm")

    with pytest.raises(InvalidSignature):
        network["dv"].artifacts.fetch(artifact, Role.HM)


def test_an_answer_to_another_question_is_not_believed(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    earlier = network["hm"].artifacts.answer(a_resolve(artifact), url_of("hm", "ars"))
    network.soap.served[url_of("hm", "ars")] = lambda _: earlier

    with pytest.raises(UnexpectedAnswer, match="another request"):
        network["dv"].artifacts.fetch(artifact, Role.HM)


@pytest.mark.limit("fetches_at_once")
def test_no_more_than_two_threads_wait_for_one_dienstverlener(network: Network) -> None:
    """Any stranger can hand us an artifact in its name, and it may be slow."""
    waiting, go_on = threading.Semaphore(0), threading.Event()

    def slow(_: bytes) -> bytes:
        waiting.release()
        go_on.wait(10)
        raise PartnerUnavailable("at last")

    network.soap.served[url_of("dv", "ars")] = slow
    artifact = network["dv"].artifacts.hold(signed_request(), HM)
    with ThreadPoolExecutor(2) as threads:
        held = [threads.submit(network["hm"].artifacts.fetch, artifact, Role.DV) for _ in range(2)]
        assert all(waiting.acquire(timeout=10) for _ in held)
        with pytest.raises(PartnerUnavailable, match="too many"):
            network["hm"].artifacts.fetch(artifact, Role.DV)
        go_on.set()
        assert all(isinstance(each.exception(10), PartnerUnavailable) for each in held)


UNKNOWN = Artifact(0, source_id(HM), bytes(20)).encode()


@pytest.mark.limit("unknown_artifacts_a_minute")
def test_who_asks_too_often_for_what_is_not_there_gets_a_fault_for_it_and_still_its_own_messages(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifacts, "FRONT", Front(unknown_artifacts_a_minute=3))
    artifact = network["hm"].artifacts.hold(hm_response(), DV)

    assert [resolved(network, UNKNOWN) for _ in range(3)] == [None, None, None]
    with pytest.raises(TooManyGuesses):
        resolved(network, UNKNOWN)

    assert resolved(network, artifact) is not None
    assert resolved(network, UNKNOWN, "dv2") is None, "another partner is not counted with it"
    network.clock.forward(timedelta(seconds=61))
    assert resolved(network, UNKNOWN, issue_instant=network.clock()) is None


def test_a_person_who_reloads_stays_far_below_that(network: Network) -> None:
    artifact = network["hm"].artifacts.hold(hm_response(), DV)
    assert resolved(network, artifact) is not None
    assert [resolved(network, artifact) for _ in range(FRONT.unknown_artifacts_a_minute)].count(None) == 120


IN_TEST = "0" * 32


@pytest.fixture
def tried(network: Network) -> Network:
    """The makelaar with a version of the dienstverlener in test, that has another key."""
    described = network["hm"].partners.find(DV, Role.DV)

    def tested(entity_id: str, version: str) -> Partner:
        if (entity_id, version) != (DV, IN_TEST):
            raise UnknownPartner("no such version")
        return replace(described, signing=(certificate("stranger"),))

    network["hm"].artifacts.tested = tested
    return network


def test_the_answer_of_a_test_is_for_a_key_of_its_version(tried: Network) -> None:
    artifacts = tried["hm"].artifacts
    taken: list[str] = []
    artifacts.on_taken = taken.append
    message = hm_response()
    artifact = artifacts.hold(message, DV, note="rehearsal-1", in_test=IN_TEST)

    assert resolved(tried, artifact) is None, "a key in force"
    assert resolved(tried, artifact, "dv2") is None, "another partner"
    assert taken == []
    answer = artifacts.answer(a_resolve(artifact, key="stranger"), url_of("hm", "ars"))
    assert message in answer
    assert taken == ["rehearsal-1"]
    again = artifacts.answer(a_resolve(artifact, key="stranger"), url_of("hm", "ars"))
    assert message not in again


def test_the_version_of_a_test_gives_no_other_answer(tried: Network) -> None:
    artifacts = tried["hm"].artifacts
    ordinary = artifacts.hold(hm_response(), DV)
    with pytest.raises(InvalidSignature):
        artifacts.answer(a_resolve(ordinary, key="stranger"), url_of("hm", "ars"))
    assert resolved(tried, ordinary) is not None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"key": "dv2"}, InvalidSignature),
        ({"key": "stranger", "destination": "https://elsewhere.nl"}, WrongDestination),
        ({"key": "stranger", "issue_instant": NOW + LIFETIMES.request_window + SECOND}, MalformedMessage),
    ],
)
def test_who_asks_for_the_answer_of_a_test_proves_as_much_as_anybody(
    tried: Network, changes: dict[str, Any], error: type[SamlError]
) -> None:
    artifact = tried["hm"].artifacts.hold(hm_response(), DV, in_test=IN_TEST)
    with pytest.raises(error):
        tried["hm"].artifacts.answer(a_resolve(artifact, **changes), url_of("hm", "ars"))


def test_a_partner_that_is_not_in_force_is_given_the_answer_of_its_test_and_nothing_else(
    tried: Network,
) -> None:
    artifacts = tried["hm"].artifacts
    artifact = artifacts.hold(hm_response(), DV, in_test=IN_TEST)
    tried.registries["hm"].remove(DV)
    with pytest.raises(UnknownPartner):
        artifacts.answer(a_resolve(artifact[:-4] + "AAA="), url_of("hm", "ars"))
    assert b"Assertion" in artifacts.answer(a_resolve(artifact, key="stranger"), url_of("hm", "ars"))


def test_who_may_not_resolve_here_as_it_is_in_force_may_as_it_is_tested_and_the_other_way_round(
    tried: Network,
) -> None:
    artifacts = tried["hm"].artifacts
    described = tried["hm"].partners.find(DV, Role.DV)
    same_key = replace(described, display_names={"nl": "In test"})
    artifacts.tested = lambda _entity_id, _version: same_key

    def admit_tested(partner: Partner) -> None:
        if partner is not same_key:
            raise ClientCertificateRefused("as in force")

    def admit_in_force(partner: Partner) -> None:
        if partner is same_key:
            raise ClientCertificateRefused("as tested")

    artifact = artifacts.hold(hm_response(), DV, in_test=IN_TEST)
    refused = artifacts.answer(a_resolve(artifact), url_of("hm", "ars"), admit_in_force)
    assert b"Assertion" not in refused
    assert b"Assertion" in artifacts.answer(a_resolve(artifact), url_of("hm", "ars"), admit_tested)


def test_without_versions_in_test_nothing_is_held_for_one(network: Network) -> None:
    with pytest.raises(UnknownPartner):
        network["hm"].artifacts.hold(hm_response(), DV, in_test=IN_TEST)
