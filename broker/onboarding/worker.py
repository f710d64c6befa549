"""Doing the jobs that are due, each turn of each by one process only, until asked to end."""

import os
import socket
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from threading import Event
from typing import Final

import structlog

from broker.assembly.party import Assembled
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.jobs import JOBS
from broker.onboarding.jobs import Job
from broker.ports.work import LeaseStore
from broker.storage.leases import SqlLeases

log = structlog.get_logger()

_LOOK_EVERY: Final = 1.0
_LATE_AFTER: Final = timedelta(minutes=10)
"""A process that has not said that a turn is over by then is taken to have died."""
ALIVE: Final = "worker"
"""The lease by which a worker shows that it is there."""
BEAT: Final = timedelta(seconds=10)


class Worker:
    """One process that does what is due."""

    def __init__(
        self,
        assembled: Assembled,
        jobs: Sequence[Job] = JOBS,
        clock: Clock = system_clock,
        leases: LeaseStore | None = None,
    ) -> None:
        """Works for the makelaar; nothing is done yet."""
        self._assembled = assembled
        self._jobs = jobs
        self._clock = clock
        self._leases = leases or SqlLeases(assembled.engine)
        self._holder = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self._seen: dict[str, int] = {}

    def run(self, ended: Event) -> None:
        """Do what is due until ``ended`` is set; a turn that has begun is finished first."""
        while not ended.is_set():
            self.once()
            ended.wait(_LOOK_EVERY)

    def once(self) -> None:
        """Do every job of which a turn has begun that nobody took."""
        self._beat()
        for job in self._jobs:
            now = self._clock()
            tick = tick_of(now, job.every)
            if self._seen.get(job.name) == tick:
                continue
            self._seen[job.name] = tick
            try:
                if self._leases.take(job.name, tick, self._holder, now, now + _LATE_AFTER):
                    self._do(job, tick, now)
            except Exception as error:
                # A database that is away for a moment comes back; the next turn is another.
                log.error("job_not_begun", place=job.name, error=type(error).__name__)

    def _do(self, job: Job, tick: int, now: datetime) -> None:
        try:
            job.run(self._assembled, now)
        except Exception as error:
            # One job that goes wrong must not take the others along.
            log.error("job_failed", place=job.name, error=type(error).__name__)
        finally:
            self._leases.done(job.name, tick, self._holder, self._clock())

    def _beat(self) -> None:
        """Show that a worker is there, whichever one."""
        now = self._clock()
        tick = tick_of(now, BEAT)
        if self._seen.get(ALIVE) == tick:
            return
        self._seen[ALIVE] = tick
        try:
            self._leases.take(ALIVE, tick, self._holder, now, now)
        except Exception as error:
            log.error("job_not_begun", place=ALIVE, error=type(error).__name__)


def tick_of(moment: datetime, every: timedelta) -> int:
    """The number of the turn that a moment lies in: the same in every process."""
    return int(moment.timestamp() // every.total_seconds())


def begun_at(tick: int, every: timedelta) -> float:
    """When a turn began, in seconds since the epoch."""
    return tick * every.total_seconds()
