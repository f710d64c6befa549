"""Taking an edition of the network metadata: authenticatiediensten and registers appear, change and vanish by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.assembly.onboarding import content_hash
from broker.assembly.partner_index import index_of
from broker.domain.connection import STANDARD
from broker.ports import NetworkStore
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports import Source
from broker.ports import TakenEdition
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Report
from broker.saml.findings import Severity
from broker.saml.metadata import read_metadata
from broker.saml.network_metadata import DOCUMENT
from broker.saml.network_metadata import Edition
from broker.saml.network_metadata import Listed
from broker.saml.network_metadata import NetworkMetadata

_RULES = "Afsprakenstelsel, Network metadata"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an edition: entityIDs that appeared, changed or vanished, and how many stayed the same.

    ``own`` are those that an operator registered, which stay as the operator wants them; ``unusable`` those that are
    in it but cannot be used: of those the last good copy goes on, if there was one. ``findings`` say why.
    """

    edition: str
    appeared: tuple[str, ...]
    changed: tuple[str, ...]
    vanished: tuple[str, ...]
    unchanged: int
    own: tuple[str, ...]
    unusable: tuple[str, ...]
    findings: tuple[Finding, ...]


def take_edition(
    store: NetworkStore, document: NetworkMetadata, now: datetime, *, may_shrink: bool = False
) -> Outcome:
    """Register who is in a verified edition, and remove who no longer is, in one transaction.

    Raises ``DocumentRefused``, and changes nothing, for an edition that goes back in number, that has the number of the
    last one and another content, that is of another environment, or that would remove more than half of who is there
    unless it ``may_shrink``. Raises ``ports.EditionTaken`` when another process came first.
    """
    before = store.last()
    _check_order(document, before)
    known = {record.entity_id: record for record in store.partners()}
    own = store.own(listed.entity_id for listed in document.listed)
    sorted_out = _Sorted(document, known, own, now)
    vanished = tuple(entity_id for entity_id in known if entity_id not in sorted_out.present)
    _check_size(document.listed, known, vanished, may_shrink=may_shrink)
    indexes = {each.entity_id: index_of(each) for each in sorted_out.save}
    store.take(_taken(document, now), before, sorted_out.save, vanished, indexes)
    return Outcome(
        edition=document.edition.name,
        appeared=tuple(record.entity_id for record in sorted_out.save if record.entity_id not in known),
        changed=tuple(record.entity_id for record in sorted_out.save if record.entity_id in known),
        vanished=vanished,
        unchanged=sorted_out.unchanged,
        own=tuple(sorted(sorted_out.own)),
        unusable=tuple(sorted(sorted_out.unusable)),
        findings=tuple(sorted_out.findings),
    )


class _Sorted:
    """Who of an edition is to be saved, who stays as it is, and who is only reported."""

    def __init__(
        self,
        document: NetworkMetadata,
        known: dict[str, PartnerRecord],
        own: frozenset[str],
        now: datetime,
    ) -> None:
        self._present = document.unplaced | {listed.entity_id for listed in document.listed}
        self.save: list[PartnerRecord] = []
        self.unchanged = 0
        self.own: set[str] = set()
        self.unusable: set[str] = set(document.unplaced)
        self.findings: list[Finding] = list(document.findings)
        for listed in document.listed:
            if listed.entity_id in own:
                self.own.add(listed.entity_id)
                continue
            try:
                self._sort(listed, known.get(listed.entity_id), now)
            except DocumentRefused as refused:
                self.unusable.add(listed.entity_id)
                self.findings += _about(listed.entity_id, refused.findings)

    @property
    def present(self) -> frozenset[str]:
        """Everyone who is in the edition, usable or not."""
        return self._present

    def _sort(self, listed: Listed, record: PartnerRecord | None, now: datetime) -> None:
        connection = STANDARD if record is None else record.connection
        role, digest = Role(listed.role), content_hash(listed.metadata, None, connection)
        if record is not None and (record.role, record.content_hash) == (role, digest):
            self.unchanged += 1
            return
        partner, _ = read_metadata(listed.metadata, role, now)
        self.save.append(
            PartnerRecord(
                partner.entity_id, role, listed.metadata, None, digest, now, connection, Source.NETWORK
            )
        )


def _about(entity_id: str, findings: Sequence[Finding]) -> list[Finding]:
    """The errors of one entity as warnings on the edition: they refuse the entity, not the others."""
    errors = (finding for finding in findings if finding.severity is Severity.ERROR)
    return [
        Finding(Severity.WARNING, DOCUMENT, 0, f"{entity_id}: {error.reason}", error.rule) for error in errors
    ]


def _taken(document: NetworkMetadata, now: datetime) -> TakenEdition:
    return TakenEdition(
        edition=document.edition.name,
        sequence=document.edition.sequence,
        content_hash=document.content_hash,
        taken_at=now,
        refresh_before=None if document.keep is None else now + document.keep,
        valid_until=document.valid_until,
    )


def _check_order(document: NetworkMetadata, before: TakenEdition | None) -> None:
    if before is None:
        return
    report, last = Report(DOCUMENT), Edition.of(before.edition)
    edition = document.edition
    if edition.environment != last.environment:
        reason = f"it is of environment {edition.environment or '-'}, the last one was of {last.environment or '-'}"
        report.refuse(0, reason, _RULES)
    if edition.precedes(last):
        report.refuse(0, f"the number goes back: {edition.name} after {last.name}", _RULES)
    if not last.precedes(edition) and document.content_hash != before.content_hash:
        report.refuse(0, f"{edition.name} was taken before with another content", _RULES)


def _check_size(
    listed: Sequence[Listed], known: dict[str, PartnerRecord], vanished: tuple[str, ...], *, may_shrink: bool
) -> None:
    report = Report(DOCUMENT)
    if not listed:
        report.refuse(0, "there is nobody in it for a makelaar to work with", _RULES)
    if 2 * len(vanished) > len(known) and not may_shrink:
        reason = f"it leaves out {len(vanished)} of the {len(known)} partners that the last one brought"
        report.refuse(0, reason, _RULES)
