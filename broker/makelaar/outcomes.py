"""The words with which the audit log says how a login or logout ended. There are no others."""

from typing import Final

from broker.journey.refusals import REFUSALS
from broker.ports.audit import AuditLog
from broker.ports.audit import AuditRecord
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK

GRANTED: Final = "granted"
"""An assertion was given. Every other word of a login is the code of a refusal."""

LOST: Final = "lost"
"""A login of a test that is over, or of a version that may not be tried any more: no answer left."""

LOGOUT: Final = "logout"
LOGOUT_NOTHING: Final = "logout-nothing"
LOGOUT_UNKNOWN: Final = "logout-unknown"

SENT: Final = "sent"
SENT_AGAIN: Final = "sent-again"
SHOWN: Final = "shown"
IMPOSSIBLE: Final = "impossible"

_TEST: Final = "test"
_REHEARSAL: Final = "rehearsal"
_ENDS: Final = frozenset({GRANTED, *REFUSALS})
_LOGOUTS: Final = frozenset({LOGOUT, LOGOUT_NOTHING, LOGOUT_UNKNOWN})
_OF_REHEARSALS: Final = frozenset({SENT, SENT_AGAIN, SHOWN, IMPOSSIBLE, LOST, *REFUSALS})


class UnknownOutcome(ValueError):
    """A word that is not in the vocabulary: a mistake of ours, and nothing was written."""


def of_test(outcome: str) -> str:
    """The word for what a login or logout by a version in test came to."""
    return f"{_TEST}:{outcome}"


def of_rehearsal(kind: str, outcome: str) -> str:
    """The word for what a login whose answer is that of a test came to."""
    return f"{_REHEARSAL}:{kind}:{outcome}"


def is_known(outcome: str) -> bool:
    """Whether the audit log may say this."""
    first, _, rest = outcome.partition(":")
    if first == _TEST:
        return rest in _ENDS | _LOGOUTS | {LOST}
    if first == _REHEARSAL:
        kind, _, came = rest.partition(":")
        return (kind in KINDS or kind == LOOK) and came in _OF_REHEARSALS
    return outcome in _ENDS | _LOGOUTS


class ClosedVocabulary:
    """An ``AuditLog`` that writes no other words than these in another one."""

    def __init__(self, log: AuditLog) -> None:
        """Write in ``log``."""
        self._log = log

    def write(self, record: AuditRecord) -> None:
        """Raises ``UnknownOutcome``; then, as when it cannot be written, no answer leaves."""
        if not is_known(record.outcome):
            raise UnknownOutcome(record.outcome)
        self._log.write(record)
