"""Where versions are kept and read, and beside them what stands in the registry."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from broker.assembly.onboarding import Prepared
from broker.assembly.onboarding import check_against_known
from broker.assembly.onboarding import prepare
from broker.assembly.partner_index import index_of
from broker.assembly.party import Assembled
from broker.checks import CheckReport
from broker.checks import Document
from broker.checks import Subject
from broker.checks import check
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.exchange.partners import read_record_versions
from broker.onboarding.submissions import Submission
from broker.onboarding.submissions import UnknownVersion
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports import Source
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.versions import Origin
from broker.ports.versions import Overtaken
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.ports.versions import VersionStore
from broker.saml.findings import DocumentRefused
from broker.saml.partner import Partner
from broker.settings import MAKELAAR
from broker.storage.neighbours import SqlNeighbours
from broker.storage.versions import SqlVersions

_UNKNOWN = "unknown"
"""Who brought in what stood in the registry before versions were kept."""


class Shelf:
    """The versions of the partners of the makelaar."""

    def __init__(self, assembled: Assembled, clock: Clock = system_clock) -> None:
        """Works on the stores of the makelaar."""
        self.registry = assembled.registry
        self.store: VersionStore = SqlVersions(assembled.engine)
        self._engine = assembled.engine
        self.clock = clock
        self._lowest = assembled.settings.lowest_level

    def versions(self, entity_id: str) -> Sequence[Version]:
        """Every version of a partner, newest first; of one from before versions were kept, what is in force."""
        self.keep_what_is_in_force(entity_id)
        return self.store.of(entity_id)

    def find(self, version_id: str) -> Version:
        """The version with this id. Raises ``UnknownVersion``."""
        version = self.store.find(version_id)
        if version is None:
            raise UnknownVersion("there is no such version")
        return version

    def numbered(self, entity_id: str, number: int) -> Version:
        """The version of a partner with this number. Raises ``UnknownVersion``."""
        self.keep_what_is_in_force(entity_id)
        version = self.store.numbered(entity_id, number)
        if version is None:
            raise UnknownVersion(f"{entity_id} has no version {number}")
        return version

    def active(self, entity_id: str) -> Version | None:
        """The version in force."""
        self.keep_what_is_in_force(entity_id)
        return self.store.active(entity_id)

    def examined(self, submission: Submission, now: datetime, *, new_keys: bool) -> Prepared:
        """What a submission would make of a partner at this moment. Raises ``DocumentRefused``."""
        prepared = prepare(
            submission.role,
            submission.metadata,
            submission.catalogue,
            makelaar_oin=MAKELAAR.oin,
            now=now,
            connection=submission.connection,
            lowest=self._lowest,
        )
        findings = check_against_known(
            self.registry, prepared, makelaar_oin=MAKELAAR.oin, lowest=self._lowest, new_keys=new_keys
        )
        return replace(prepared, findings=prepared.findings + findings)

    def report(self, submission: Submission, now: datetime) -> CheckReport | None:
        """What the checks find in the documents of a dienstverlener; None for others, who have no such checks."""
        if submission.role is not Role.DV:
            return None
        catalogue = submission.catalogue
        return check(
            Subject(
                metadata=Document("metadata", submission.metadata),
                catalogue=None if catalogue is None else Document("catalogue", catalogue),
                now=now,
                profile=submission.connection.profile,
                makelaar_oin=MAKELAAR.oin,
                lowest=self._lowest,
                known=SqlNeighbours(self._engine, new_keys=submission.new_keys),
            )
        )

    def descriptions(self, record: PartnerRecord | None) -> tuple[Partner, ...]:
        """The descriptors of a record, in the order in which they come in force; none of what is no longer good."""
        if record is None:
            return ()
        try:
            return read_record_versions(record, MAKELAAR.oin, self._lowest)[0]
        except DocumentRefused:
            return ()

    def keep_what_is_in_force(self, entity_id: str) -> PartnerRecord | None:
        """What is in force; where it came there by another way than the gate, a version of it is made and kept."""
        """What is in force, of which a version is kept when another way than through here brought it there."""
        record = self.registry.find(entity_id)
        if record is None:
            return None
        active = self.store.active(entity_id)
        if (
            active is not None
            and active.content_hash == record.content_hash
            and active.number == record.version
        ):
            return record
        origin = Origin.NETWORK if record.source is Source.NETWORK else Origin.CLI
        version = concept_of(record, origin, _UNKNOWN)
        actor = Actor(_UNKNOWN, OperatorRole.VIEWER)
        change = self.change(actor, "version-kept", version, "it was in force already")
        kept = self.store.add(version, change)
        change = replace(change, detail={"number": kept.number})
        numbered = replace(record, version=kept.number)
        try:
            self.store.activate(kept, numbered, record, change, index_of(record, MAKELAAR.oin, self._lowest))
        except Overtaken:
            # Another process did the same, or put something else in force: what it did counts.
            self.store.move(kept, VersionState.WITHDRAWN, change)
            return self.registry.find(entity_id)
        return numbered

    def change(
        self, actor: Actor, what: str, version: Version, why: str = "", **detail: str | int | None
    ) -> Change:
        """A line of history about a version."""
        return Change(
            self.clock(), actor.name, what, version.entity_id, why, {"number": version.number, **detail}
        )


def concept_of(record: PartnerRecord, origin: Origin, created_by: str, reason: str = "") -> Version:
    """What is handed over in a record, as a version that has no number yet."""
    return Version(
        id=secrets.token_hex(16),
        entity_id=record.entity_id,
        number=0,
        role=record.role,
        metadata=record.metadata,
        catalogue=record.catalogue,
        content_hash=record.content_hash,
        state=VersionState.CONCEPT,
        origin=origin,
        created_at=record.added_at,
        created_by=created_by,
        reason=reason,
        connection=record.connection,
    )


def record_of(version: Version) -> PartnerRecord:
    """A version as it would stand in the registry."""
    return PartnerRecord(
        version.entity_id,
        version.role,
        version.metadata,
        version.catalogue,
        version.content_hash,
        version.created_at,
        version.connection,
        source_of(version),
        version=version.number,
    )


def source_of(version: Version) -> Source:
    """Who handed it over."""
    return Source.NETWORK if version.origin is Origin.NETWORK else Source.OPERATOR
