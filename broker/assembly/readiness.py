"""Whether a process is alive, and whether logins should be sent to it: `/healthz` and `/readyz`.

Alive says nothing of stores: a process that is ended because a database is away comes back no better. Ready is what a
load balancer asks, about once a second; what is wrong in more words stands in the log.
"""

import time
from collections.abc import Callable
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from threading import Lock
from typing import Any

import structlog
from cryptography import x509
from flask import Flask
from flask import Response
from flask import jsonify
from sqlalchemy import func
from sqlalchemy import select

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.saml.policy import LIFETIMES
from broker.storage.migrations import is_current

log = structlog.get_logger()

KEPT_SECONDS = 1.0
"""How long an answer serves everybody who asks: strangers may, and each costs the stores a question."""


class NotReady(Exception):
    """A check that does not hold, in words for the log."""


class Readiness:
    """The checks of one process. Safe for threads."""

    def __init__(self, assembled: Assembled, tick: Callable[[], float] = time.monotonic) -> None:
        """Nothing is checked yet. ``tick`` counts seconds."""
        self._checks: Mapping[str, Callable[[], None]] = {
            "database": lambda: _database(assembled),
            "schema": lambda: _schema(assembled),
            "clock": lambda: _clock(assembled),
            "state-store": assembled.state.ping,
            "keys": lambda: _keys(assembled),
            "draining": lambda: _draining(assembled),
        }
        self._tick = tick
        self._lock = Lock()
        self._until = float("-inf")
        self._found: dict[str, bool] = {}

    def look(self) -> dict[str, bool]:
        """Which checks hold, by name."""
        with self._lock:
            if self._tick() >= self._until:
                self._found = {name: self._holds(name) for name in self._checks}
                self._until = self._tick() + KEPT_SECONDS
            return self._found

    def _holds(self, name: str) -> bool:
        try:
            self._checks[name]()
        except NotReady as error:
            reason = str(error)
        except Exception as error:
            # Its text may name an address or a user of a database.
            reason = type(error).__name__
        else:
            return True
        if self._found.get(name, True):
            log.error("not_ready", place=name, reason=reason)
        return False


def add_probes(app: Flask, assembled: Assembled) -> None:
    """Give ``app`` the answers to who asks whether it is alive, and whether it is ready."""
    readiness = Readiness(assembled)
    app.add_url_rule(paths.ALIVE, "alive", lambda: Response("ok\n", content_type="text/plain"))
    app.add_url_rule(paths.READY, "ready", lambda: _told(readiness.look()))


def _told(found: dict[str, bool]) -> Response:
    ready = all(found.values())
    response = jsonify(
        ready=ready, checks={name: "ok" if holds else "failed" for name, holds in found.items()}
    )
    response.status_code = 200 if ready else 503
    return response


def _database(assembled: Assembled) -> None:
    with assembled.engine.connect() as connection:
        connection.execute(select(1))


def _schema(assembled: Assembled) -> None:
    if not is_current(assembled.engine):
        raise NotReady("the database is of a version before: makelaar db upgrade")


def _clock(assembled: Assembled) -> None:
    """All nodes share the database, so its clock is the one to keep to. SQLite has that of its machine."""
    with assembled.engine.connect() as connection:
        there: Any = connection.execute(select(func.current_timestamp())).scalar_one()
    if isinstance(there, datetime):
        own = assembled.station.own.clock()
        apart = abs(own - (there if there.tzinfo else there.replace(tzinfo=UTC)))
        if apart > LIFETIMES.clock_skew:
            raise NotReady(f"the clock here and that of the database are {apart.total_seconds():.0f} s apart")


def _keys(assembled: Assembled) -> None:
    now = assembled.station.own.clock()
    certificate = x509.load_der_x509_certificate(assembled.signer.certificate_der)
    if not certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc:
        raise NotReady("the certificate of the signing key does not hold now")


def _draining(assembled: Assembled) -> None:
    if assembled.settings.drain_file.exists():
        raise NotReady("this node is drained: makelaar drain")
