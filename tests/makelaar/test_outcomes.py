"""The audit log says how logins end in words of a closed vocabulary."""

from datetime import UTC
from datetime import datetime

import pytest

from broker.journey.refusals import REFUSALS
from broker.makelaar import outcomes
from broker.makelaar.outcomes import ClosedVocabulary
from broker.makelaar.outcomes import UnknownOutcome
from broker.makelaar.outcomes import is_known
from broker.makelaar.outcomes import of_rehearsal
from broker.makelaar.outcomes import of_test
from broker.ports.audit import AuditRecord
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK


class Kept:
    """An audit log in a list."""

    def __init__(self) -> None:
        self.records: list[AuditRecord] = []

    def write(self, record: AuditRecord) -> None:
        self.records.append(record)


@pytest.mark.parametrize("code", [*REFUSALS, "granted", "logout", "logout-nothing", "logout-unknown"])
def test_what_a_login_or_logout_comes_to_is_known_and_so_it_is_of_a_version_in_test(code: str) -> None:
    assert is_known(code)
    assert is_known(of_test(code))


@pytest.mark.parametrize("kind", [*KINDS, LOOK])
def test_what_a_rehearsal_comes_to_is_known(kind: str) -> None:
    came = {"sent", "sent-again", "shown", "impossible", "lost", *REFUSALS}
    assert all(is_known(of_rehearsal(kind, outcome)) for outcome in came)


@pytest.mark.parametrize(
    "word",
    [
        *("", "Granted", "granted ", "nonsense", "sent", "lost", "test:", "test:sent", "test:test:granted"),
        *(
            "rehearsal:right",
            "rehearsal::sent",
            "rehearsal:nothing:sent",
            "rehearsal:right:granted",
            "logout:x",
        ),
    ],
)
def test_other_words_are_not_and_nothing_is_written(word: str) -> None:
    kept = Kept()
    with pytest.raises(UnknownOutcome):
        ClosedVocabulary(kept).write(AuditRecord("EH-7K3Q-9TXM", datetime.now(UTC), word))
    assert kept.records == []


def test_a_known_word_is_written_as_it_is() -> None:
    kept = Kept()
    record = AuditRecord("EH-7K3Q-9TXM", datetime.now(UTC), outcomes.GRANTED)
    ClosedVocabulary(kept).write(record)
    assert kept.records == [record]


def test_a_login_is_never_granted_by_a_rehearsal() -> None:
    assert not is_known(of_rehearsal("right", outcomes.GRANTED))
