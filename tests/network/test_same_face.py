"""Every door of every party: what is wrong with a signature or a ciphertext shows in nothing but the log."""

import random
import re
import statistics
import time
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from functools import partial
from typing import Final

import pytest
from werkzeug.test import TestResponse

from broker.assembly import same_face
from broker.assembly.same_face import seconds_to_wait
from broker.saml.encryption import COULD_NOT_OPEN
from broker.saml.encryption import EncryptedId
from broker.saml.errors import CryptographicFailure
from broker.saml.keys import SigningKey
from broker.saml.names import DS
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.policy import LIFETIMES
from broker.saml.signature import sign
from broker.settings import GEMEENTE
from broker.signers.files import FileSigner
from tests.network.dienstverlener.test_login import Visitor
from tests.network.doors import Doors
from tests.network.doors import Spoil
from tests.network.doors import face
from tests.network.installation import Installation
from tests.reporting import Report
from tests.reporting import Row
from tests.saml.spoiling import OPENLY_WRONG
from tests.saml.spoiling import SECRETLY_WRONG
from tests.saml.spoiling import SIGNATURES
from tests.saml.spoiling import Sealed

BEAT = LIFETIMES.refusal_beat.total_seconds()
Door = Callable[[Doors, Spoil], list[TestResponse]]

SIGNED: Final[tuple[Door, ...]] = (
    Doors.sign_on_by_post,
    Doors.log_out,
    Doors.resolve_artifact,
    Doors.answer_of_ad,
    Doors.answer_of_ad_around_assertion,
    Doors.question_to_ad,
    Doors.question_to_eb,
    Doors.log_out_at_ad,
    Doors.question_to_mr,
    Doors.question_to_mr_around_assertion,
    Doors.question_about_chain,
)


def _value(query: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return re.sub(rb"(&Signature=)(.+)", lambda found: found.group(1) + change(found.group(2)), query)


QUERIES: Final[Mapping[str, Spoil]] = {
    "content changed": lambda query: query.replace(b"RelayState=state", b"RelayState=other"),
    "value": lambda query: _value(query, lambda value: b"AAAA" + value[4:]),
    "value of another length": lambda query: _value(query, lambda _: b"QUFB"),
    "not base64": lambda query: _value(query, lambda value: b"!" + value),
    "empty": lambda query: _value(query, lambda _: b""),
    "algorithm": lambda query: query.replace(b"rsa-sha256", b"rsa-sha1"),
    "not signed": lambda query: re.sub(rb"&Signature=.+", b"", query),
}


SAMPLES = 40
TABLE = "One time for each wrong signature at the door of the makelaar (HTTP, wall clock)"
MEASURED = ("content changed", "SignatureValue", "key of somebody else", "algorithm", "not signed")


class Clock:
    """Stands in for ``time`` where responses wait, and notes for how long they would have."""

    def __init__(self) -> None:
        self.waited: list[float] = []

    monotonic = staticmethod(time.monotonic)

    def sleep(self, seconds: float) -> None:
        """Go on at once."""
        self.waited.append(seconds)


@pytest.fixture(scope="module")
def doors(installation: Installation) -> Doors:
    return Doors(installation)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A beat that costs no time."""
    clock = Clock()
    monkeypatch.setattr(same_face, "time", clock)
    return clock


@pytest.fixture
def reasons(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What the failures of this test say to who reads the log."""
    said: set[str] = set()
    init = CryptographicFailure.__init__

    def listen(failure: CryptographicFailure, reason: str) -> None:
        said.add(reason)
        init(failure, reason)

    monkeypatch.setattr(CryptographicFailure, "__init__", listen)
    return said


@pytest.mark.parametrize("door", SIGNED, ids=lambda door: door.__name__)
def test_a_signature_that_is_wrong_in_any_way_has_one_face(
    doors: Doors, clock: Clock, door: Door, reasons: set[str]
) -> None:
    faces = {repr(face(*door(doors, spoil))) for spoil in SIGNATURES.values()}

    assert len(faces) == 1, sorted(faces)
    assert {"not signed", "the digest does not match the content"} < reasons
    assert not any(reason in seen for reason in reasons for seen in faces)
    assert len(clock.waited) == len(SIGNATURES)
    assert all(0 < waited <= BEAT for waited in clock.waited)


def test_a_query_string_that_is_signed_wrong_in_any_way_has_one_face(doors: Doors, clock: Clock) -> None:
    faces = {repr(face(*doors.sign_on_by_redirect(spoil))) for spoil in QUERIES.values()}

    assert faces == {repr(face(*doors.sign_on_by_post(SIGNATURES["DigestValue"])))}
    assert len(clock.waited) == len(QUERIES) + 1


def _instead(other: bytes, _: bytes) -> bytes:
    return other


def test_a_ciphertext_that_is_wrong_in_any_way_has_the_face_of_a_wrong_signature(
    doors: Doors, clock: Clock
) -> None:
    sealed = doors.sealed()
    ways = [*SECRETLY_WRONG.values(), *OPENLY_WRONG.values()]
    spoiled = [wrong(sealed) for wrong in ways]
    faces = {repr(face(*doors.question_to_mr_around_ciphertext(partial(_instead, each)))) for each in spoiled}

    assert faces == {repr(face(*doors.question_to_mr_around_assertion(SIGNATURES["SignatureValue"])))}
    assert len(clock.waited) == len(ways) + 1


@pytest.mark.parametrize("door", SIGNED, ids=lambda door: door.__name__)
def test_who_is_believed_does_not_wait(doors: Doors, clock: Clock, door: Door) -> None:
    door(doors, lambda message: message)

    assert clock.waited == []


def test_the_dienstverlener_says_one_thing_of_every_answer_it_cannot_trust(
    installation: Installation, clock: Clock, reasons: set[str]
) -> None:
    visitor = Visitor(installation)
    own = installation.of(GEMEENTE).signer
    told = set()
    for spoil in SIGNATURES.values():
        asked = visitor.ask()
        told.add(detail(visitor.arrive(visitor.respond(asked, visitor.declaration(asked), spoil=spoil)).text))
    for wrong in (SECRETLY_WRONG | OPENLY_WRONG).values():
        asked = visitor.ask()
        said = visitor.declaration(asked)
        sealed = Sealed.of(
            said.acting_subject[0].raw, visitor.dienstverlener.recipient(datetime.now(UTC)).certificate, own
        )
        spoiled = replace(said, acting_subject=(EncryptedId(wrong(sealed), (GEMEENTE.entity_id,)),))
        told.add(detail(visitor.arrive(visitor.respond(asked, spoiled)).text))

    assert told == {"the message cannot be trusted"}
    assert len(clock.waited) == len(SIGNATURES) + len(SECRETLY_WRONG) + len(OPENLY_WRONG)
    assert {"not signed", COULD_NOT_OPEN} < reasons


@pytest.fixture
def unwrapped(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The KeyName of each private key that was used to open something."""
    used: list[str] = []
    unwrap = FileSigner.unwrap

    def listen(signer: FileSigner, wrapped: bytes) -> bytes:
        used.append(signer.key_name)
        return unwrap(signer, wrapped)

    monkeypatch.setattr(FileSigner, "unwrap", listen)
    return used


@pytest.mark.parametrize(
    "door",
    [Doors.question_to_mr, Doors.question_to_mr_around_assertion, Doors.question_about_chain],
    ids=lambda door: door.__name__,
)
def test_no_private_key_is_used_before_the_signature_around_a_ciphertext_holds(
    doors: Doors, clock: Clock, door: Door, unwrapped: list[str]
) -> None:
    for spoil in SIGNATURES.values():
        door(doors, spoil)

    assert unwrapped == []
    doors.question_to_mr(bytes)
    assert unwrapped == [doors.sealed().recipient.key_name] * 2


def test_nor_does_the_dienstverlener_use_its_key_before(
    installation: Installation, clock: Clock, unwrapped: list[str]
) -> None:
    visitor = Visitor(installation)
    inside = partial(around_a_spoiled_assertion, key=installation.makelaar.signer)
    spoils: list[Spoil] = [*SIGNATURES.values(), inside]
    for spoil in spoils:
        asked = visitor.ask()
        visitor.arrive(visitor.respond(asked, visitor.declaration(asked), spoil=spoil))

    assert unwrapped == []
    asked = visitor.ask()
    visitor.arrive(visitor.respond(asked, visitor.declaration(asked)))
    assert set(unwrapped) == {installation.of(GEMEENTE).signer.key_name}


def around_a_spoiled_assertion(message: bytes, key: SigningKey) -> bytes:
    """With a good signature around the Response, and a wrong one around the Assertion in it."""
    element = parse(message)
    (outer,) = element.findall(tag(DS, "Signature"))
    element.remove(outer)
    spoiled = parse(SIGNATURES["SignatureValue"](serialise(element)))
    sign(spoiled, key)
    return serialise(spoiled)


def detail(page: str) -> str:
    """What the page of the dienstverlener says is wrong."""
    found = re.search(r'<dd lang="en">([^<]*)</dd>', page)
    assert found is not None, page
    return found.group(1)


@pytest.mark.parametrize(
    ("worked", "waits"), [(0.0, 0.02), (0.004, 0.016), (0.0199, 0.0001), (0.021, 0.019), (0.05, 0.01)]
)
@pytest.mark.limit("refusal_beat")
def test_a_response_leaves_at_the_end_of_a_beat(worked: float, waits: float) -> None:
    assert seconds_to_wait(worked, 0.02) == pytest.approx(waits)


def test_the_time_of_a_refusal_does_not_tell_what_was_wrong(doors: Doors, report: Report) -> None:
    """Each try measures anew: what the machine does besides is no reason to fail, a difference comes back.

    So does a measure that sees nothing, not even what answers at once: on a busy machine it is no measure.
    """
    for _ in range(5):
        took, quick = measure(doors), [timed(doors, lambda message: b"") for _ in range(SAMPLES)]
        chance, noticed = by_chance(took), by_chance({**took, "quick": quick})
        if chance > 0.001 and noticed < 0.01:
            break
    for kind, seconds in took.items():
        quantiles = statistics.quantiles(seconds, n=4)
        columns: Row = {f"p{25 * (number + 1)} ms": 1000 * each for number, each in enumerate(quantiles)}
        report(TABLE, **{"what is wrong": kind, **columns})
    row: Row = {"what is wrong": "nothing cryptographic", "p50 ms": 1000 * statistics.median(quick)}
    report(TABLE, **row)

    assert chance > 0.001
    assert min(min(seconds) for seconds in took.values()) >= BEAT
    assert noticed < 0.01, "the measure sees a difference where there is one"


def measure(doors: Doors) -> dict[str, list[float]]:
    """Seconds for each refusal, by kind, in turns."""
    took: dict[str, list[float]] = {kind: [] for kind in MEASURED}
    for _ in range(SAMPLES):
        for kind in random.sample(MEASURED, len(MEASURED)):
            took[kind].append(timed(doors, SIGNATURES[kind]))
    return took


def timed(doors: Doors, spoil: Spoil) -> float:
    """Seconds from the message being there to the response, without the making of the message."""
    begun = 0.0

    def spoil_first(message: bytes) -> bytes:
        nonlocal begun
        spoiled = spoil(message)
        begun = time.monotonic()
        return spoiled

    doors.sign_on_by_post(spoil_first)
    return time.monotonic() - begun


def by_chance(took: Mapping[str, list[float]], shuffles: int = 1000) -> float:
    """How often the medians of these kinds lie as far apart when the labels are dealt at random."""
    apart = spread(list(took.values()))
    together = [seconds for kind in took.values() for seconds in kind]
    as_far = 0
    for _ in range(shuffles):
        random.shuffle(together)
        rest = iter(together)
        as_far += spread([[next(rest) for _ in kind] for kind in took.values()]) >= apart
    return (as_far + 1) / (shuffles + 1)


def spread(kinds: list[list[float]]) -> float:
    """How far the medians lie apart."""
    medians = [statistics.median(kind) for kind in kinds]
    return max(medians) - min(medians)
