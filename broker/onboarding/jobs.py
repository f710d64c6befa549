"""What the worker does, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

import structlog

from broker.assembly.party import Assembled
from broker.onboarding.gate import Gate
from broker.onboarding.outbox import send_due
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.work import Mail
from broker.storage.outbox import SqlOutbox

log = structlog.get_logger()

SCHEDULE = Actor("schedule", OperatorRole.OPERATOR)
"""The makelaar itself, by a schedule or a date that somebody set."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that is due every so often; ``run`` gets the makelaar and the moment of the turn."""

    name: str
    every: timedelta
    run: Callable[[Assembled, datetime], None]


def activate_due(assembled: Assembled, now: datetime) -> None:
    """Put in force what has come to its date, and tell operators of what is no longer good."""
    for version, refused in Gate(assembled, lambda: now).activate_due(SCHEDULE):
        log.info("version_due", partner=version.entity_id, state=version.state, count=version.number)
        if refused is not None:
            body = (
                f"{version.label} was to come in force, and is no longer good:\n\n{refused}\n\n"
                "What was in force stays so. Look at it: makelaar dv versions " + version.entity_id
            )
            mail = Mail(f"activation-failed:{version.id}", f"Not activated: {version.label}", body)
            SqlOutbox(assembled.engine).put(mail, now)


def send_mail(assembled: Assembled, now: datetime) -> None:
    """Send the mail that waits."""
    send_due(SqlOutbox(assembled.engine), assembled.settings, now)


JOBS: tuple[Job, ...] = (
    Job("activate-due", timedelta(seconds=15), activate_due),
    Job("send-mail", timedelta(seconds=30), send_mail),
)
"""Every job. One that is added here is carried out by whichever worker comes first, once for each turn."""
