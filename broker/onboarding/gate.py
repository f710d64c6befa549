"""The gate through which everything comes in force: submitted, checked, compared, approved, and then activated.

What is in force stays so until the moment that something else takes its place, in one transaction with its history.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from broker.assembly.onboarding import refuse_taken
from broker.assembly.other_partners import make_room
from broker.assembly.party import Assembled
from broker.checks import CheckReport
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.actors import NotAllowed
from broker.onboarding.actors import require
from broker.onboarding.difference import Difference
from broker.onboarding.difference import difference
from broker.onboarding.difference import difference_of
from broker.onboarding.persons import Persons
from broker.onboarding.shelf import Shelf
from broker.onboarding.shelf import concept_of
from broker.onboarding.shelf import record_of
from broker.onboarding.shelf import source_of
from broker.onboarding.submissions import NeedsApproval
from broker.onboarding.submissions import NotNow
from broker.onboarding.submissions import Outcome
from broker.onboarding.submissions import Preview
from broker.onboarding.submissions import Submission
from broker.onboarding.submissions import Submitted
from broker.onboarding.submissions import UnknownVersion
from broker.onboarding.submissions import after
from broker.onboarding.submissions import submission_of
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.partner_index import ServiceTaken
from broker.ports.versions import Approval
from broker.ports.versions import Origin
from broker.ports.versions import Overtaken
from broker.ports.versions import Version
from broker.ports.versions import VersionEvent
from broker.ports.versions import VersionState
from broker.saml.findings import DocumentRefused

__all__ = [
    "Gate",
    "NeedsApproval",
    "NotAllowed",
    "NotNow",
    "Outcome",
    "Overtaken",
    "Submission",
    "Submitted",
    "UnknownVersion",
]


class Gate:
    """The way from file to live, for the partners of the makelaar."""

    def __init__(self, assembled: Assembled, clock: Clock = system_clock) -> None:
        """Works on the stores of the makelaar; whether approval is needed is in its settings."""
        self._shelf = Shelf(assembled, clock)
        self._store = self._shelf.store
        self._four_eyes = assembled.settings.four_eyes
        self._persons = Persons(assembled.engine)
        self._clock = clock

    def submit(self, submission: Submission, actor: Actor) -> Submitted:
        """Check and keep what is handed over, as a concept. Raises ``DocumentRefused``, and nothing is kept then.

        The same again, or what is in force already, makes no new version.
        """
        require(actor, OperatorRole.OPERATOR)
        now = self._clock()
        prepared = self._shelf.examined(submission, now, new_keys=submission.new_keys)
        record, partner, findings = prepared.record, prepared.partner, prepared.findings
        before = self._shelf.keep_what_is_in_force(record.entity_id)
        same = before is not None and (before.role, before.content_hash) == (record.role, record.content_hash)
        if same and (active := self._store.active(record.entity_id)) is not None:
            return Submitted(active, Outcome.UNCHANGED, partner, findings, Difference(), _report_of(active))
        for version in self._store.of(record.entity_id):
            if version.is_open and (version.role, version.content_hash) == (record.role, record.content_hash):
                before_this = difference_of(version.difference)
                return Submitted(version, Outcome.KNOWN, partner, findings, before_this, _report_of(version))
        points = difference(self._shelf.descriptions(before), self._shelf.descriptions(record), now)
        report = self._shelf.report(submission, now)
        version = replace(
            concept_of(record, submission.origin, actor.name, submission.reason),
            report=None if report is None else report.to_json(),
            difference=json.dumps({"points": points.to_json(), "new_keys": submission.new_keys}),
        )
        kept = self._store.add(
            version, self._shelf.change(actor, "version-submitted", version, submission.reason)
        )
        return Submitted(kept, Outcome.NEW, partner, findings, points, report)

    def preview(self, submission: Submission) -> Preview:
        """What handing this over would come to; nothing is kept. Raises ``DocumentRefused``."""
        now = self._clock()
        prepared = self._shelf.examined(submission, now, new_keys=submission.new_keys)
        record, before = prepared.record, self._shelf.registry.find(prepared.record.entity_id)
        same = before is not None and (before.role, before.content_hash) == (record.role, record.content_hash)
        points = difference(self._shelf.descriptions(before), self._shelf.descriptions(record), now)
        return Preview(record.entity_id, before is None, not same, points, prepared.findings)

    def turned_away(self, entity_id: str, submission: Submission) -> Version | None:
        """The version in which exactly this was rejected or withdrawn: by itself it does not come back."""
        for version in self.versions(entity_id):
            same = (version.metadata, version.catalogue, version.connection) == (
                submission.metadata,
                submission.catalogue,
                submission.connection,
            )
            if same and version.state in {VersionState.REJECTED, VersionState.WITHDRAWN}:
                return version
        return None

    def put_in_test(self, version_id: str, actor: Actor) -> Version:
        """Have it tried out with its dienstverlener: browsers with a test ticket of it go by it, and nobody else."""
        return self._move(version_id, VersionEvent.TESTED, OperatorRole.OPERATOR, actor, "version-in-test")

    def ask_approval(self, version_id: str, actor: Actor, reason: str = "") -> Version:
        """Have it wait for an approver."""
        return self._move(
            version_id, VersionEvent.ASKED, OperatorRole.OPERATOR, actor, "approval-asked", reason
        )

    def approve(self, version_id: str, actor: Actor, reason: str = "") -> Version:
        """Say yes to a version that waits, of which somebody else is the maker. It is then still to be activated."""
        version = self._said(version_id, actor, reason, approved=True)
        if not self.is_another(version, actor.name):
            raise NotAllowed(
                f"{actor.name} brought this version in, or may have done so by a token, setup link or source; "
                "somebody else has to approve it"
            )
        change = self._shelf.change(actor, "version-approved", version, reason)
        self._store.approve(Approval(version.id, actor.name, change.at, True, reason), change)
        return version

    def reject(self, version_id: str, actor: Actor, reason: str) -> Version:
        """Say no to a version that waits, or that has a date; with the reason."""
        version = self._said(version_id, actor, reason, approved=False)
        change = self._shelf.change(actor, "version-rejected", version, reason)
        said = Approval(version.id, actor.name, change.at, False, reason)
        return self._store.move(version, after(version, VersionEvent.REJECTED), change, approval=said)

    def withdraw(self, version_id: str, actor: Actor, reason: str = "") -> Version:
        """Give up a version that is not in force yet."""
        return self._move(
            version_id, VersionEvent.WITHDRAWN, OperatorRole.OPERATOR, actor, "version-withdrawn", reason
        )

    def activate(
        self, version_id: str, actor: Actor, at: datetime | None = None, reason: str = ""
    ) -> Version:
        """Put a version in force, or with a moment to come, set it to do so then.

        What it holds is checked again. Raises ``NeedsApproval`` when another approver has to say yes first,
        ``DocumentRefused``, ``NotNow``, and ``Overtaken`` when somebody else did so at the same moment.
        """
        require(actor, OperatorRole.OPERATOR)
        version = self._shelf.find(version_id)
        after(version, VersionEvent.ACTIVATED)
        if self.needs_approval(version):
            raise NeedsApproval(f"{version.label} needs approval by somebody else than {version.created_by}")
        if at is not None and at > self._clock():
            change = self._shelf.change(actor, "version-scheduled", version, reason, at=at.isoformat())
            state = after(version, VersionEvent.SCHEDULED)
            return self._store.move(version, state, change, activate_at=at)
        return self._put_in_force(version, actor, "version-activated", reason)

    def activate_due(self, actor: Actor) -> tuple[tuple[Version, DocumentRefused | None], ...]:
        """Put in force whatever has come to its date. One that is no longer good becomes a concept again, with why."""
        require(actor, OperatorRole.OPERATOR)
        now = self._clock()
        done: list[tuple[Version, DocumentRefused | None]] = []
        for version in self._store.in_state(VersionState.SCHEDULED):
            if version.activate_at is None or version.activate_at > now:
                continue
            try:
                done.append((self._put_in_force(version, actor, "version-activated", "on its date"), None))
            except DocumentRefused as refused:
                change = self._shelf.change(actor, "activation-failed", version, str(refused))
                done.append((self._store.move(version, after(version, VersionEvent.HALTED), change), refused))
        return tuple(done)

    def rollback(self, entity_id: str, number: int, actor: Actor, reason: str) -> Version:
        """Put back what was in force under this number, at once: an approver alone may, and it is always noted.

        Raises as ``activate`` does.
        """
        require(actor, OperatorRole.APPROVER)
        old = self._shelf.numbered(entity_id, number)
        if old.state is not VersionState.ENDED:
            raise NotNow(f"{old.label} is {old.state}: only what was in force can be put back")
        before = self._shelf.keep_what_is_in_force(entity_id)
        if before is not None and before.content_hash == old.content_hash:
            raise NotNow(f"{old.label} is what is in force")
        now = self._clock()
        prepared = self._shelf.examined(submission_of(old), now, new_keys=True)
        report = self._shelf.report(replace(submission_of(old), new_keys=True), now)
        points = difference(self._shelf.descriptions(before), self._shelf.descriptions(prepared.record), now)
        version = replace(
            old,
            id=secrets.token_hex(16),
            state=VersionState.CONCEPT,
            origin=Origin.ROLLBACK,
            created_at=now,
            created_by=actor.name,
            reason=reason,
            report=None if report is None else report.to_json(),
            difference=json.dumps({"points": points.to_json(), "new_keys": True}),
            activated_at=None,
            ended_at=None,
        )
        kept = self._store.add(version, self._shelf.change(actor, "version-submitted", version, reason))
        return self._put_in_force(kept, actor, "version-rolled-back", reason, to=number)

    def remove(self, entity_id: str, actor: Actor, reason: str = "") -> bool:
        """Disconnect a partner: its logins are refused from here on. False when it was not connected."""
        require(actor, OperatorRole.OPERATOR)
        self._shelf.keep_what_is_in_force(entity_id)
        change = Change(self._clock(), actor.name, "partner-removed", entity_id, reason)
        return self._store.remove(entity_id, change)

    def versions(self, entity_id: str) -> Sequence[Version]:
        """Every version of a partner, newest first; of one from before versions were kept, what is in force."""
        return self._shelf.versions(entity_id)

    def find(self, version_id: str) -> Version:
        """The version with this id. Raises ``UnknownVersion``."""
        return self._shelf.find(version_id)

    def numbered(self, entity_id: str, number: int) -> Version:
        """The version of a partner with this number. Raises ``UnknownVersion``."""
        return self._shelf.numbered(entity_id, number)

    def active(self, entity_id: str) -> Version | None:
        """The version in force."""
        return self._shelf.active(entity_id)

    def pending(self) -> Sequence[Version]:
        """What waits for an approver, or for its date; oldest first."""
        return self._store.in_state(VersionState.WAITING, VersionState.SCHEDULED)

    def approvals(self, version_id: str) -> Sequence[Approval]:
        """What approvers said of a version."""
        return self._store.approvals(version_id)

    def is_approved(self, version: Version) -> bool:
        """Whether somebody else than its maker said yes."""
        return any(
            each.approved and self.is_another(version, each.operator)
            for each in self._store.approvals(version.id)
        )

    def is_another(self, version: Version, name: str) -> bool:
        """Whether this is another person than whoever may have brought a version in, by whatever way."""
        return self._persons.is_another(name, version)

    def needs_approval(self, version: Version) -> bool:
        """Whether another approver still has to say yes before it can be activated."""
        return self._four_eyes and not self.is_approved(version)

    def compare(self, before: Version | None, after: Version) -> Difference:
        """How two versions differ, whenever they were in force. Raises ``DocumentRefused``."""
        record = None if before is None else record_of(before)
        return difference(
            self._shelf.descriptions(record), self._shelf.descriptions(record_of(after)), self._clock()
        )

    def _said(self, version_id: str, actor: Actor, reason: str, *, approved: bool) -> Version:
        require(actor, OperatorRole.APPROVER)
        version = self._shelf.find(version_id)
        if approved and version.state is not VersionState.WAITING:
            raise NotNow(f"{version.label} is {version.state}: approval has to be asked first")
        if not approved:
            after(version, VersionEvent.REJECTED)
            if not reason.strip():
                raise NotNow("say why it is rejected")
        return version

    def _move(
        self,
        version_id: str,
        event: VersionEvent,
        role: OperatorRole,
        actor: Actor,
        what: str,
        reason: str = "",
    ) -> Version:
        require(actor, role)
        version = self._shelf.find(version_id)
        state = after(version, event)
        return self._store.move(version, state, self._shelf.change(actor, what, version, reason))

    def _put_in_force(self, version: Version, actor: Actor, what: str, reason: str, **detail: int) -> Version:
        new_keys = bool(version.difference and json.loads(version.difference).get("new_keys"))
        before = self._shelf.keep_what_is_in_force(version.entity_id)
        now = self._clock()
        prepared = self._shelf.examined(submission_of(version), now, new_keys=new_keys)
        record = replace(prepared.record, version=version.number, source=source_of(version))
        number = before.version if before else None
        change = replace(self._shelf.change(actor, what, version, reason, before=number, **detail), at=now)
        if version.role is Role.DV:
            make_room(self._shelf.registry, prepared.partner)
        try:
            return self._store.activate(version, record, before, change, prepared.index)
        except ServiceTaken:
            refuse_taken()


def _report_of(version: Version) -> CheckReport | None:
    return None if version.report is None else CheckReport.from_json(version.report)
