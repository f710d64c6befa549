"""Ten thousand ciphertexts and signatures that are wrong, each in its own way: one outcome, in one time."""

import random
import statistics
import time
from collections.abc import Callable
from collections.abc import Iterator

import pytest

from broker.saml.encryption import EncryptedId
from broker.saml.encryption import decrypt_identifier
from broker.saml.errors import CryptographicFailure
from broker.saml.errors import begin_request
from broker.saml.errors import failed_in_this_request
from broker.saml.parsing import parse
from broker.saml.signature import verify
from tests.keys import certificate
from tests.keys import signer
from tests.reporting import Report
from tests.reporting import Row
from tests.saml.builders import DV
from tests.saml.builders import an_encrypted_id
from tests.saml.builders import signed_request
from tests.saml.spoiling import OPENLY_WRONG
from tests.saml.spoiling import SECRETLY_WRONG
from tests.saml.spoiling import SIGNATURES
from tests.saml.spoiling import Sealed

ROUNDS = 420
ORACLES = ("padding", "OAEP", "length of the content key", "another content key", "key of somebody else")
"""Whoever could tell these apart could open ciphertext of others, by Vaudenay, Manger or Bleichenbacher."""
TABLE = "One time for each ciphertext that does not open (CPU)"

Outcome = tuple[str, str, bool]
Measured = tuple[dict[str, list[int]], dict[str, set[Outcome]]]


def a_sealed_id() -> Sealed:
    return Sealed.of(an_encrypted_id("dv", DV).raw, certificate("dv"), signer("dv"))


def outcome(act: Callable[[], object]) -> Outcome:
    """All that somebody outside may learn of a failure; the reason is for the log."""
    begin_request()
    try:
        act()
    except CryptographicFailure as failure:
        return failure.code, failure.told, failed_in_this_request()
    return "passed", "", failed_in_this_request()


def opening(raw: bytes) -> Callable[[], object]:
    return lambda: decrypt_identifier(EncryptedId(raw, (DV,)), signer("dv"), DV)


def verifying(message: bytes) -> Callable[[], object]:
    return lambda: verify(parse(message), [certificate("dv")], DV)


def spoiled(sealed: Sealed, message: bytes) -> Iterator[tuple[str, Callable[[], object]]]:
    """One of each kind, in random order, so that what the machine does meanwhile falls on all alike."""
    kinds = [(kind, opening(spoil(sealed))) for kind, spoil in (SECRETLY_WRONG | OPENLY_WRONG).items()]
    kinds += [(f"signature: {kind}", verifying(spoil(message))) for kind, spoil in SIGNATURES.items()]
    random.shuffle(kinds)
    yield from kinds


@pytest.fixture(scope="module")
def measured() -> Measured:
    """Nanoseconds and outcomes of ten thousand and more failures, by kind."""
    sealed, message = a_sealed_id(), signed_request()
    took: dict[str, list[int]] = {}
    outcomes: dict[str, set[Outcome]] = {}
    for _ in range(ROUNDS):
        for kind, act in spoiled(sealed, message):
            begun = time.thread_time_ns()
            came_of_it = outcome(act)
            took.setdefault(kind, []).append(time.thread_time_ns() - begun)
            outcomes.setdefault(kind, set()).add(came_of_it)
    return took, outcomes


def test_what_is_not_spoiled_passes() -> None:
    sealed = a_sealed_id()

    assert outcome(opening(sealed.raw)) == ("passed", "", False)
    assert outcome(verifying(signed_request())) == ("passed", "", False)


def test_ten_thousand_failures_have_one_face(measured: Measured) -> None:
    took, outcomes = measured

    assert sum(map(len, took.values())) > 10_000
    assert set.union(*outcomes.values()) == {
        ("handtekening-ongeldig", "the message cannot be trusted", True)
    }, outcomes


def test_what_is_secretly_wrong_with_a_ciphertext_does_not_show_in_time(
    measured: Measured, report: Report
) -> None:
    took, _ = measured
    middle = {kind: statistics.median(took[kind]) for kind in SECRETLY_WRONG}
    noise = {kind: split_noise(took[kind]) for kind in SECRETLY_WRONG}
    middle["PKCS#1 v1.5, for comparison"] = statistics.median(took["PKCS#1 v1.5"])
    whole = statistics.median(middle.values())
    for kind, median in middle.items():
        columns: Row = {"median us": round(median / 1000), "noise us": round(noise.get(kind, 0) / 1000)}
        report(TABLE, **{"what is wrong": kind, **columns, "off %": 100 * (median - whole) / whole})
    openly = middle.pop("PKCS#1 v1.5, for comparison")
    oracles = [middle[kind] for kind in ORACLES]

    assert max(middle.values()) - min(middle.values()) < 0.2 * whole
    assert max(oracles) - min(oracles) < max(0.06 * whole, 4 * max(noise.values()))
    assert openly < 0.5 * whole, "the clock sees it when the key is not used"


def split_noise(values: list[int]) -> float:
    """How far the medians of two random halves of one kind lie apart."""
    shuffled = random.sample(values, len(values))
    half = len(values) // 2
    return abs(statistics.median(shuffled[:half]) - statistics.median(shuffled[half:]))
