"""Where a dienstverlener is, and what comes next, in every state of what it handed over."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from broker.onboarding.setup_steps import Next
from broker.onboarding.setup_steps import Step
from broker.onboarding.setup_steps import standing
from broker.ports.rehearsals import Rehearsal
from broker.ports.versions import VersionState
from broker.rehearsals.kinds import KINDS

NOW = datetime(2026, 11, 23, tzinfo=UTC)
TRIED = Rehearsal(
    "1", "urn:dv", "right", started_by="link:x", started_at=NOW, version_id="v1", answered_at=NOW
)
JUDGED = tuple(replace(TRIED, id=kind, kind=kind, seen="logged-in") for kind in KINDS)


def version(state: VersionState) -> Any:
    is_open = state in {"concept", "test", "waiting", "scheduled"}
    return SimpleNamespace(id="v1", number=1, state=state, is_open=is_open, activate_at=None)


def report(*, is_good: bool) -> Any:
    return SimpleNamespace(is_good=is_good)


@pytest.mark.parametrize(
    ("seen", "state", "expected", "now"),
    [
        (None, None, Next.CHECK, Step.CHECK),
        (report(is_good=False), None, Next.MEND, Step.CHECK),
        (report(is_good=True), None, Next.HAND_IN, Step.HAND_IN),
        (None, VersionState.WITHDRAWN, Next.CHECK, Step.CHECK),
        (None, VersionState.ENDED, Next.CHECK, Step.CHECK),
        (report(is_good=False), VersionState.REJECTED, Next.REJECTED, Step.CHECK),
        (report(is_good=True), VersionState.REJECTED, Next.HAND_IN, Step.HAND_IN),
        (None, VersionState.CONCEPT, Next.CONCEPT, Step.TEST),
        (None, VersionState.TEST, Next.TEST, Step.TEST),
        (None, VersionState.WAITING, Next.WAITING, Step.APPROVAL),
        (None, VersionState.SCHEDULED, Next.SCHEDULED, Step.IN_FORCE),
        (None, VersionState.ACTIVE, Next.TEST_IN_FORCE, Step.TEST),
    ],
)
def test_what_comes_next_follows_from_what_is_there(
    seen: Any, state: VersionState | None, expected: Next, now: Step
) -> None:
    found = standing(seen, () if state is None else (version(state),), (), len(KINDS))

    assert (found.next, found.now) == (expected, now)
    assert now not in found.done


@pytest.mark.parametrize(
    ("state", "tests", "expected"),
    [
        (VersionState.TEST, (TRIED,), Next.BEHAVIOUR),
        (VersionState.TEST, JUDGED, Next.TESTED),
        (VersionState.TEST, (replace(TRIED, version_id=None),), Next.TEST),
        (VersionState.TEST, (replace(TRIED, version_id="v0"),), Next.TEST),
        (VersionState.TEST, (replace(TRIED, answered_at=None),), Next.TEST),
        (VersionState.ACTIVE, (replace(TRIED, version_id=None),), Next.BEHAVIOUR_IN_FORCE),
        (VersionState.ACTIVE, (TRIED,), Next.BEHAVIOUR_IN_FORCE),
        (VersionState.ACTIVE, JUDGED, Next.IN_FORCE),
    ],
)
def test_only_tests_of_this_very_version_count(
    state: VersionState, tests: tuple[Rehearsal, ...], expected: Next
) -> None:
    assert standing(None, (version(state),), tests, len(KINDS)).next == expected


def test_who_has_done_everything_has_no_step_left() -> None:
    found = standing(None, (version(VersionState.ACTIVE),), JUDGED, len(KINDS))

    assert found.now is None
    assert found.done == set(Step)
    assert found.judged == len(KINDS)
