"""Connecting many dienstverleners at once: documents are read by all cores, and kept many in one transaction.

Nothing is let through that the gate would refuse: whatever is not simply new goes through the gate itself.
"""

import re
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy.exc import IntegrityError

from broker.assembly.onboarding import connection_of
from broker.assembly.onboarding import content_hash
from broker.assembly.onboarding import prepare
from broker.assembly.party import Assembled
from broker.domain.connection import STANDARD
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.actors import require
from broker.onboarding.gate import Gate
from broker.onboarding.shelf import concept_of
from broker.onboarding.submissions import Outcome
from broker.onboarding.submissions import Submission
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.partner_index import PartnerIndex
from broker.ports.partner_index import ServiceTaken
from broker.ports.versions import Origin
from broker.ports.versions import Overtaken
from broker.ports.versions import VersionState
from broker.saml.findings import DocumentRefused
from broker.settings import MAKELAAR
from broker.storage.bulk import NewPartner
from broker.storage.bulk import SqlBulk

_ENTITY_ID = re.compile(rb"\sentityID\s*=\s*[\"']([^\"'<&]{1,1024})[\"']")


class Came(StrEnum):
    """What came of one dienstverlener of an import."""

    CONNECTED = "connected"
    UPDATED = "updated"
    KEPT = "kept as concept"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Handed:
    """The documents of one dienstverlener, under the name by which somebody handed them over."""

    name: str
    metadata: bytes
    catalogue: bytes


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in them: what to keep, or why not; in words, since processes pass it on."""

    handed: Handed
    record: PartnerRecord | None
    index: PartnerIndex | None
    findings: tuple[str, ...]
    is_plain: bool = False
    """Whether nothing in it depends on another dienstverlener."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one, and what was found on the way."""

    name: str
    came: Came
    findings: tuple[str, ...]


def examine(handed: Handed, now: datetime, lowest: LevelOfAssurance) -> Examined:
    """Read the documents as a login will; made for a process of its own."""
    try:
        prepared = prepare(
            Role.DV, handed.metadata, handed.catalogue, makelaar_oin=MAKELAAR.oin, now=now, lowest=lowest
        )
    except DocumentRefused as refused:
        return Examined(handed, None, None, tuple(map(str, refused.findings)))
    services = prepared.partner.catalogue.values()
    plain = not any(service.intermediated_service for service in services)
    return Examined(handed, prepared.record, prepared.index, tuple(map(str, prepared.findings)), plain)


class Importer:
    """Takes in what was examined."""

    def __init__(self, assembled: Assembled, actor: Actor, reason: str, clock: Clock = system_clock) -> None:
        """Where the settings want four eyes, what is new is kept as a concept. Raises ``NotAllowed``."""
        require(actor, OperatorRole.OPERATOR)
        self._registry = assembled.registry
        self._gate = Gate(assembled, clock)
        self._bulk = SqlBulk(assembled.engine)
        self._in_force = not assembled.settings.four_eyes
        self._actor = actor
        self._reason = reason
        self._clock = clock

    def unchanged(self, batch: Sequence[Handed]) -> frozenset[str]:
        """The names of those whose documents, byte for byte, are in force: they need not be read again."""
        named = {}
        for handed in batch:
            found = _ENTITY_ID.search(handed.metadata)
            if found is not None:
                named[handed.name] = found.group(1).decode("utf-8", "replace")
        hashes = self._bulk.content_hashes(named.values())
        return frozenset(
            handed.name
            for handed in batch
            if handed.name in named
            and hashes.get(named[handed.name]) == content_hash(handed.metadata, handed.catalogue, STANDARD)
        )

    def take(self, batch: Sequence[Examined]) -> Iterator[Result]:
        """Keep what can be kept: who is simply new all in one transaction, the others each through the gate."""
        plain, others = self._sorted(batch)
        try:
            if plain:
                self._bulk.add(
                    [self._new(record, index) for _, record, index in plain], in_force=self._in_force
                )
            came = Came.CONNECTED if self._in_force else Came.KEPT
            yield from (Result(each.handed.name, came, each.findings) for each, *_ in plain)
        except (ServiceTaken, IntegrityError):  # somebody else was there since we asked
            others = [*(each for each, *_ in plain), *others]
        for each in others:
            yield self._one(each)

    def _sorted(
        self, batch: Sequence[Examined]
    ) -> tuple[list[tuple[Examined, PartnerRecord, PartnerIndex]], list[Examined]]:
        """Who is simply new, and who is not: the partner is known, or a service, an OIN, or refused."""
        found = [
            (each, each.record, each.index)
            for each in batch
            if each.record is not None and each.index is not None and each.is_plain
        ]
        occupied = set(
            self._bulk.occupied(
                [record.entity_id for _, record, _ in found],
                [service.service_id for _, _, index in found for service in index.services],
                sorted({service.oin for _, _, index in found for service in index.services}),
            )
        )
        plain: list[tuple[Examined, PartnerRecord, PartnerIndex]] = []
        for each, record, index in found:
            claims = {
                record.entity_id,
                *(name for service in index.services for name in (service.service_id, service.oin)),
            }
            if not claims & occupied:
                plain.append((each, record, index))
                # The next one in this batch that claims the same is not simply new.
                occupied |= claims
        chosen = {id(each) for each, _, _ in plain}
        return plain, [each for each in batch if id(each) not in chosen]

    def _new(self, record: PartnerRecord, index: PartnerIndex) -> NewPartner:
        version = replace(concept_of(record, Origin.FILE, self._actor.name, self._reason), number=1)
        if self._in_force:
            version = replace(version, state=VersionState.ACTIVE, activated_at=record.added_at)
        what = ("version-submitted", "version-activated") if self._in_force else ("version-submitted",)
        changes = tuple(
            Change(self._clock(), self._actor.name, each, record.entity_id, self._reason, {"number": 1})
            for each in what
        )
        return NewPartner(version, replace(record, version=1), index, changes)

    def _one(self, examined: Examined) -> Result:
        """The way of ``dv add``."""
        handed = examined.handed
        if examined.record is None:
            return Result(handed.name, Came.REFUSED, examined.findings)
        try:
            connection = connection_of(self._registry, handed.metadata)
            submitted = self._gate.submit(
                Submission(
                    Role.DV,
                    handed.metadata,
                    handed.catalogue,
                    connection or STANDARD,
                    Origin.FILE,
                    self._reason,
                ),
                self._actor,
            )
            findings = tuple(map(str, submitted.findings))
            if submitted.outcome is Outcome.UNCHANGED:
                return Result(handed.name, Came.UNCHANGED, findings)
            if not self._in_force:
                return Result(handed.name, Came.KEPT, findings)
            self._gate.activate(submitted.version.id, self._actor, reason=self._reason)
        except DocumentRefused as refused:
            return Result(handed.name, Came.REFUSED, tuple(map(str, refused.findings)))
        except Overtaken as error:
            return Result(handed.name, Came.REFUSED, (str(error),))
        return Result(handed.name, Came.UPDATED if connection else Came.CONNECTED, findings)
