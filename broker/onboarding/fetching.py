"""Fetching documents on a schedule, into the gate. What is in force goes on whatever comes of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from secrets import SystemRandom
from typing import Final

import structlog

from broker.assembly.party import Assembled
from broker.domain.connection import STANDARD
from broker.exchange.fetching import Fetched
from broker.exchange.fetching import NotFetched
from broker.exchange.fetching import fetch_again
from broker.onboarding.actors import require
from broker.onboarding.gate import Gate
from broker.onboarding.submissions import NotNow
from broker.onboarding.submissions import Outcome
from broker.onboarding.submissions import Submission
from broker.onboarding.submissions import Submitted
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.sources import DocumentSource
from broker.ports.versions import Origin
from broker.ports.versions import Overtaken
from broker.ports.versions import VersionState
from broker.ports.work import Mail
from broker.saml.findings import DocumentRefused
from broker.saml.metadata import entity_id_in
from broker.saml.policy import LIMITS
from broker.storage.outbox import SqlOutbox
from broker.storage.sources import SqlDocumentSources

log = structlog.get_logger()

SHORTEST: Final = timedelta(minutes=5)
"""Nobody's server is asked more often than this."""
_FIRST_RETRY: Final = timedelta(minutes=1)
_SPREAD: Final = 0.1
_TOLD_AFTER: Final = 3
"""So many times in a row a server may be away before somebody is told."""
_LONGEST_OUTCOME: Final = 1000

Fetch = Callable[[str, str, str], Fetched]
"""From URL, ETag and Last-Modified to what came. Raises ``NotFetched``."""


@dataclass(frozen=True, slots=True)
class _Got:
    metadata: bytes
    catalogue: bytes | None
    validators: dict[str, str]


class Sources:
    """The sources of the makelaar, and fetching from them."""

    def __init__(self, assembled: Assembled, now: datetime, fetch: Fetch | None = None) -> None:
        """All is done at the moment ``now``."""
        settings = assembled.settings
        self._assembled = assembled
        self._now = now
        self._store = SqlDocumentSources(assembled.engine)
        self._outbox = SqlOutbox(assembled.engine)
        self._gate = Gate(assembled, lambda: now)
        self._fetch = fetch or (
            lambda url, etag, modified: fetch_again(
                url,
                LIMITS.metadata_bytes,
                settings.fetch_networks,
                here=settings.is_tried_out,
                etag=etag,
                last_modified=modified,
            )
        )

    def set(self, source: DocumentSource, actor: Actor, reason: str = "") -> None:
        """Fetch from here, from now on. ValueError when that is too often."""
        require(actor, OperatorRole.OPERATOR)
        if source.every < SHORTEST:
            raise ValueError(f"every {SHORTEST} at most")
        change = Change(self._now, actor.name, "source-set", source.entity_id, reason)
        self._store.put(replace(source, next_at=self._now), change)

    def remove(self, entity_id: str, actor: Actor, reason: str = "") -> bool:
        """Fetch no longer; False when it was not fetched."""
        require(actor, OperatorRole.OPERATOR)
        return self._store.remove(
            entity_id, Change(self._now, actor.name, "source-removed", entity_id, reason)
        )

    def fetch_due(self, actor: Actor) -> int:
        """Fetch from whatever source has come to its time; how many those were."""
        require(actor, OperatorRole.OPERATOR)
        due = self._store.due(self._now)
        for source in due:
            self.fetch_one(source, actor)
        return len(due)

    def fetch_one(self, source: DocumentSource, actor: Actor) -> DocumentSource:
        """Fetch from one source, and keep what came of it."""
        require(actor, OperatorRole.OPERATOR)
        try:
            got = self._get(source)
            outcome = "unchanged" if got is None else self._hand_over(source, got, actor)
        except NotFetched as error:
            return self._failed(source, str(error))
        except DocumentRefused as refused:
            return self._failed(
                source, f"refused: {refused}", hashlib.sha256(str(refused).encode()).hexdigest()
            )
        done = replace(
            source,
            last_at=self._now,
            last_good_at=self._now,
            last_outcome=outcome,
            failures=0,
            next_at=self._now + _spread(source.every),
            validators=source.validators if got is None else got.validators,
        )
        self._store.put(done)
        log.info("source_fetched", partner=source.entity_id, outcome=outcome.partition(":")[0])
        return done

    def _get(self, source: DocumentSource) -> _Got | None:
        """Both documents, or None when both are as they were. Raises ``NotFetched``."""
        urls = {"metadata": source.metadata_url}
        if source.catalogue_url:
            urls["catalogue"] = source.catalogue_url
        known = source.validators
        came = {
            name: self._fetch(url, known.get(f"{name}-etag", ""), known.get(f"{name}-modified", ""))
            for name, url in urls.items()
        }
        if all(each.data is None for each in came.values()):
            return None
        for name, url in urls.items():
            if came[name].data is None:  # one changed, and a version holds both
                came[name] = self._fetch(url, "", "")
        validators = {f"{name}-etag": each.etag for name, each in came.items()}
        validators |= {f"{name}-modified": each.last_modified for name, each in came.items()}
        catalogue = came["catalogue"].data if "catalogue" in came else None
        return _Got(came["metadata"].data or b"", catalogue, validators)

    def _hand_over(self, source: DocumentSource, got: _Got, actor: Actor) -> str:
        """What came of it, in words. Raises ``DocumentRefused``."""
        if entity_id_in(got.metadata) != source.entity_id:
            raise NotFetched("the metadata is of another entityID. Give the address of this partner's own.")
        record = self._assembled.registry.find(source.entity_id)
        connection = STANDARD if record is None else record.connection
        catalogue = got.catalogue
        if source.catalogue_url is None and record is not None:
            catalogue = record.catalogue
        submission = Submission(source.role, got.metadata, catalogue, connection, Origin.URL, "fetched")
        preview = self._gate.preview(submission)
        if not preview.changes:
            return "unchanged"
        gone = self._gate.turned_away(source.entity_id, submission)
        if gone is not None:
            return f"{gone.state} before: {gone.label}"
        submitted = self._gate.submit(submission, actor)
        if submitted.outcome is not Outcome.NEW:
            return f"waits: {submitted.version.label}"
        return self._let_in(source, submitted, actor)

    def _let_in(self, source: DocumentSource, submitted: Submitted, actor: Actor) -> str:
        version = submitted.version
        why = self._needs_a_person(source, submitted)
        if why is None:
            try:
                self._gate.activate(version.id, actor, reason="fetched, nothing to mend")
                return f"in force: {version.label}"
            except (NotNow, Overtaken) as error:
                why = str(error)
        if self._gate.needs_approval(version):
            self._gate.ask_approval(version.id, actor)
        words = "\n".join(f"- {sentence}" for sentence in submitted.difference.in_words("en"))
        body = (
            f"{version.label} was fetched and waits for you, since {why}.\n\n{words}\n\n"
            f"Put it in force: makelaar dv activate {version.label}"
        )
        self._outbox.put(Mail(f"fetched:{version.id}", f"To be looked at: {version.label}", body), self._now)
        return f"waits: {version.label}"

    def _needs_a_person(self, source: DocumentSource, submitted: Submitted) -> str | None:
        """Why this cannot come in force by itself; None when it can."""
        report = submitted.report
        if not source.activates:
            return "this source does not activate"
        if report is not None and not report.is_good:
            return "there is something to mend"
        if submitted.difference.shrinks:
            return "a service or address would vanish"
        older = [
            each
            for each in self._gate.versions(source.entity_id)
            if each.state is VersionState.ENDED and each.content_hash == submitted.version.content_hash
        ]
        return "it is what was in force before" if older else None

    def _failed(self, source: DocumentSource, why: str, content: str | None = None) -> DocumentSource:
        """Try again, sooner at first than the schedule says; tell somebody of what will not pass by itself."""
        failures = source.failures + 1
        pause = min(_FIRST_RETRY * int(2 ** min(failures - 1, 20)), source.every)
        failed = replace(
            source,
            last_at=self._now,
            last_outcome=why[:_LONGEST_OUTCOME],
            failures=failures,
            next_at=self._now + _spread(pause),
            validators={},
        )
        self._store.put(failed)
        log.warning("source_failed", partner=source.entity_id, reason=why[:200], count=failures)
        if content is not None or failures == _TOLD_AFTER:
            since = source.last_good_at.isoformat() if source.last_good_at else "the beginning"
            key = content or f"since {since}"
            body = f"{why}\n\nWhat is in force goes on. The last good answer was of {since}."
            mail = Mail(
                f"source:{source.entity_id[:150]}:{key}"[:300], f"Not fetched: {source.entity_id}", body
            )
            self._outbox.put(mail, self._now)
        return failed


def _spread(pause: timedelta) -> timedelta:
    """About as long, so that not everybody is asked in the same second."""
    return pause * SystemRandom().uniform(1 - _SPREAD, 1 + _SPREAD)
