"""What the worker does, and how often."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

import structlog

from broker.assembly.audit import anchor_audit
from broker.assembly.audit import remove_old_audit
from broker.assembly.party import Assembled
from broker.onboarding import persons
from broker.onboarding.drop_folder import DropFolder
from broker.onboarding.fetching import Sources
from broker.onboarding.gate import Gate
from broker.onboarding.outbox import send_due
from broker.onboarding.weather import look_at_ourselves
from broker.onboarding.weather import reminders
from broker.onboarding.weather import weather
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.work import Mail
from broker.storage.outbox import SqlOutbox

log = structlog.get_logger()

SCHEDULE = Actor(persons.SCHEDULE, OperatorRole.OPERATOR)
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


def fetch_sources(assembled: Assembled, now: datetime) -> None:
    """Fetch the documents whose time has come."""
    Sources(assembled, now).fetch_due(SCHEDULE)


def send_mail(assembled: Assembled, now: datetime) -> None:
    """Send the mail that waits."""
    send_due(SqlOutbox(assembled.engine), assembled.settings, now)


def remind_of_ends(assembled: Assembled, now: datetime) -> None:
    """Look at what ends of ourselves, and put mail about all that ends soon in the outbox, each once."""
    look_at_ourselves(assembled, now)
    outbox = SqlOutbox(assembled.engine)
    for mail in reminders(weather(assembled.engine, now), now):
        outbox.put(mail, now)


JOBS: tuple[Job, ...] = (
    Job("activate-due", timedelta(seconds=15), activate_due),
    Job("fetch-sources", timedelta(seconds=30), fetch_sources),
    Job("look-in-folder", timedelta(seconds=30), DropFolder(SCHEDULE)),
    Job("send-mail", timedelta(seconds=30), send_mail),
    Job("anchor-audit", timedelta(minutes=5), anchor_audit),
    Job("remove-old-audit", timedelta(hours=1), remove_old_audit),
    Job("remind-of-ends", timedelta(hours=1), remind_of_ends),
)
"""Every job. One that is added here is carried out by whichever worker comes first, once for each turn."""
