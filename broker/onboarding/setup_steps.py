"""Where a dienstverlener is between a first check and logins in production, and what comes next."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from broker.checks import CheckReport
from broker.ports.rehearsals import Rehearsal
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.rehearsals.kinds import KINDS


class Step(StrEnum):
    """The steps, in their order."""

    CHECK = "check"
    HAND_IN = "hand_in"
    TEST = "test"
    BEHAVIOUR = "behaviour"
    APPROVAL = "approval"
    IN_FORCE = "in_force"


class Next(StrEnum):
    """What is to be done, or waited for."""

    CHECK = "check"
    MEND = "mend"
    HAND_IN = "hand_in"
    REJECTED = "rejected"
    CONCEPT = "concept"
    TEST = "test"
    BEHAVIOUR = "behaviour"
    TESTED = "tested"
    WAITING = "waiting"
    SCHEDULED = "scheduled"
    TEST_IN_FORCE = "test_in_force"
    BEHAVIOUR_IN_FORCE = "behaviour_in_force"
    IN_FORCE = "in_force"


_STEP_OF: Final = {
    Next.CHECK: Step.CHECK,
    Next.MEND: Step.CHECK,
    Next.HAND_IN: Step.HAND_IN,
    Next.REJECTED: Step.CHECK,
    Next.CONCEPT: Step.TEST,
    Next.TEST: Step.TEST,
    Next.BEHAVIOUR: Step.BEHAVIOUR,
    Next.TESTED: Step.APPROVAL,
    Next.WAITING: Step.APPROVAL,
    Next.SCHEDULED: Step.IN_FORCE,
    Next.TEST_IN_FORCE: Step.TEST,
    Next.BEHAVIOUR_IN_FORCE: Step.BEHAVIOUR,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Which steps are ``done``, what comes ``next``, and the version that this is about, None before there is one.

    ``judged`` is how many kinds of test were judged for it.
    """

    done: frozenset[Step]
    next: Next
    version: Version | None
    judged: int

    @property
    def now(self) -> Step | None:
        """The step that waits; None when everything is done."""
        return _STEP_OF.get(self.next)


def standing(
    report: CheckReport | None, versions: Sequence[Version], tests: Iterable[Rehearsal], kinds: int
) -> Standing:
    """From the last report, what was handed over (newest first), the tests, and how many kinds of test there are."""
    newest = next((each for each in versions if each.state is not VersionState.WITHDRAWN), None)
    if newest is None or not (newest.is_open or newest.state is VersionState.ACTIVE):
        return _before(report, newest)
    is_active = newest.state is VersionState.ACTIVE
    own = [each for each in tests if each.version_id == newest.id or (is_active and each.version_id is None)]
    judged = len({each.kind for each in own if each.seen is not None and each.kind in KINDS})
    done = {Step.CHECK, Step.HAND_IN}
    if any(each.answered_at is not None for each in own):
        done.add(Step.TEST)
    if judged >= kinds:
        done |= {Step.TEST, Step.BEHAVIOUR}
    if newest.state is VersionState.SCHEDULED:
        done.add(Step.APPROVAL)
    if is_active:
        done |= {Step.APPROVAL, Step.IN_FORCE}
    return Standing(frozenset(done), _next(newest.state, done), newest, judged)


def _before(report: CheckReport | None, newest: Version | None) -> Standing:
    if report is not None and report.is_good:
        return Standing(frozenset({Step.CHECK}), Next.HAND_IN, None, 0)
    if newest is not None and newest.state is VersionState.REJECTED:
        return Standing(frozenset(), Next.REJECTED, None, 0)
    return Standing(frozenset(), Next.CHECK if report is None else Next.MEND, None, 0)


def _next(state: VersionState, done: set[Step]) -> Next:
    waits = {
        VersionState.CONCEPT: Next.CONCEPT,
        VersionState.WAITING: Next.WAITING,
        VersionState.SCHEDULED: Next.SCHEDULED,
    }
    if state in waits:
        return waits[state]
    is_active = state is VersionState.ACTIVE
    if Step.TEST not in done:
        return Next.TEST_IN_FORCE if is_active else Next.TEST
    if Step.BEHAVIOUR not in done:
        return Next.BEHAVIOUR_IN_FORCE if is_active else Next.BEHAVIOUR
    return Next.IN_FORCE if is_active else Next.TESTED
