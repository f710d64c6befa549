"""The audit log of the makelaar: written in chains, anchored now and then, judged when somebody asks."""

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from enum import StrEnum

import structlog

from broker.assembly.party import Assembled
from broker.domain import evidence
from broker.ports.audit import Anchor
from broker.ports.audit import AuditTrail
from broker.ports.audit import Head
from broker.ports.audit import Opening
from broker.ports.audit import Sealed
from broker.signers.audit_chain import MemoryChain
from broker.signers.audit_chain import vouched_for
from broker.signers.audit_chain import written_by
from broker.storage.audit import SqlAuditLog
from broker.storage.audit_trail import SqlAuditTrail

log = structlog.get_logger()

_LOOKED_BACK = timedelta(minutes=15)
"""How long before the last anchor a record may say it is of, and be anchored by the next: its node's clock was off, or
its commit slow. One that is older still is in its chain, and anchored with what follows it there."""

_CHAINS_AT_ONCE = 100
"""Of which records are taken away in one transaction."""


def open_audit_log(assembled: Assembled) -> SqlAuditLog:
    """The audit log of this process."""
    own = assembled.station.own
    return SqlAuditLog(assembled.engine, lambda: MemoryChain(own.key, own.clock()))


def anchor_audit(assembled: Assembled, now: datetime) -> None:
    """Sign the heads of the chains that grew. The line in the log lets another system witness it."""
    trail = SqlAuditTrail(assembled.engine)
    last = trail.last_anchor()
    known = frozenset(last.heads) if last else frozenset()
    heads = tuple(head for head in trail.heads(last.at - _LOOKED_BACK if last else None) if head not in known)
    if heads:
        _anchor(assembled, trail, last, now, heads=heads)


def remove_old_audit(assembled: Assembled, now: datetime) -> None:
    """Take away what is older than records are kept, and say so in anchors: chains then begin where they go on."""
    trail = SqlAuditTrail(assembled.engine)
    before = now - timedelta(days=assembled.settings.audit_days)
    trail.remove_unsealed(before)
    while old := tuple(trail.heads_before(before, _CHAINS_AT_ONCE)):
        if not _anchor(assembled, trail, trail.last_anchor(), now, removed=old):
            return


def _anchor(
    assembled: Assembled,
    trail: AuditTrail,
    last: Anchor | None,
    now: datetime,
    *,
    heads: tuple[Head, ...] = (),
    removed: tuple[Head, ...] = (),
) -> bool:
    signer = assembled.signer
    number, previous = (last.number + 1, last.digest) if last else (1, "")
    unsigned = Anchor(number, now, previous, heads, signer.key_name, removed=removed)
    anchor = replace(unsigned, signature=signer.sign(evidence.canonical(unsigned.fields())))
    if not trail.anchor(anchor):
        return False
    log.info("audit_anchored", count=number, digest=anchor.digest)
    return True


class Fault(StrEnum):
    """What can be wrong with the audit log."""

    CHANGED = "changed"
    """A record is not as it was written."""
    MISSING = "missing"
    """A record, chain or anchor is not there that others speak of."""
    INSERTED = "inserted"
    """Something is there that no process of this makelaar wrote."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: ``place`` names the record (by reference and chain) or anchor."""

    fault: Fault
    place: str
    why: str


@dataclass(slots=True)
class Judgement:
    """What ``judge_audit`` has seen so far; complete when that has ended."""

    records: int = 0
    chains: int = 0
    anchors: int = 0
    not_anchored: int = 0
    """Records after the last anchored one of their chain: an end that is cut off there would not show."""
    unsealed: int = 0
    """Records from before the first chain, of a version that made none: nothing proves them."""
    keys: set[str] = field(default_factory=set)
    """Fingerprints of the certificates that vouched for chains and anchors."""


def judge_audit(
    trail: AuditTrail,
    certificates: Mapping[str, bytes],
    judgement: Judgement,
    witnessed: Collection[str] = (),
) -> Iterator[Finding]:
    """Judge every record, chain and anchor; what is wrong comes as it is found, counts are in ``judgement``.

    ``certificates`` are those (DER) of the makelaar's own signing keys, by fingerprint: nobody else vouches.
    ``witnessed`` are digests of anchors that somebody kept elsewhere, which must be there. Read while logins go on, so
    anchors are read first: what is anchored was there before.
    """
    anchored: dict[str, dict[int, str]] = {}
    removed: dict[str, Head] = {}
    awaited = set(witnessed)
    yield from _judge_anchors(trail, certificates, judgement, anchored, removed, awaited)
    for digest in sorted(awaited):
        yield Finding(Fault.MISSING, f"anchor {digest}", "it was witnessed elsewhere, and is not there")
    openings = {opening.writer: opening for opening in trail.openings()}
    for opening in openings.values():
        judgement.chains += 1
        certificate = certificates.get(opening.key_name)
        if certificate is None or not vouched_for(opening, certificate):
            yield Finding(
                Fault.INSERTED, f"chain {opening.writer}", "no signing key of the makelaar vouches for it"
            )
        judgement.keys.add(opening.key_name)
    yield from _judge_chains(trail, openings, judgement, anchored, removed)
    for writer, heads in anchored.items():
        for sequence in heads:
            yield Finding(
                Fault.MISSING, f"chain {writer}, record {sequence}", "it was anchored, and is not there"
            )
    first = min((opening.opened_at for opening in openings.values()), default=None)
    for record in trail.unsealed():
        judgement.records += 1
        judgement.unsealed += 1
        if first is not None and record.at >= first:
            why = f"it stands in no chain, and is of {record.at:%Y-%m-%d %H:%M:%S} UTC, after the first chain began"
            yield Finding(Fault.INSERTED, record.reference, why)


def _judge_anchors(
    trail: AuditTrail,
    certificates: Mapping[str, bytes],
    judgement: Judgement,
    anchored: dict[str, dict[int, str]],
    removed: dict[str, Head],
    awaited: set[str],
) -> Iterator[Finding]:
    """Notes in ``anchored`` and ``removed`` what anchors speak of, and takes each out of ``awaited``."""
    number, previous = 0, ""
    for anchor in trail.anchors():
        judgement.anchors += 1
        place = f"anchor {anchor.number}"
        certificate = certificates.get(anchor.key_name)
        if certificate is None or not vouched_for(anchor, certificate):
            yield Finding(Fault.CHANGED, place, "no signing key of the makelaar vouches for it as it is")
        if anchor.number != number + 1:
            yield Finding(Fault.MISSING, f"anchors {number + 1} to {anchor.number - 1}", "they are not there")
        elif anchor.previous != previous:
            yield Finding(Fault.CHANGED, place, "it does not follow the anchor before it")
        number, previous = anchor.number, anchor.digest
        awaited.discard(previous)
        judgement.keys.add(anchor.key_name)
        for head in anchor.heads:
            anchored.setdefault(head.writer, {})[head.sequence] = head.digest
        removed.update({head.writer: head for head in anchor.removed})
    for head in removed.values():
        heads = anchored.get(head.writer, {})
        anchored[head.writer] = {number: each for number, each in heads.items() if number > head.sequence}


def _judge_chains(
    trail: AuditTrail,
    openings: Mapping[str, Opening],
    judgement: Judgement,
    anchored: dict[str, dict[int, str]],
    removed: Mapping[str, Head],
) -> Iterator[Finding]:
    """Takes out of ``anchored`` what is found."""
    chain = _Chain("", None, None)
    met: set[str] = set()
    for sealed in trail.sealed():
        judgement.records += 1
        if sealed.writer != chain.writer:
            judgement.not_anchored += chain.since_anchor
            chain = _Chain(sealed.writer, openings.get(sealed.writer), removed.get(sealed.writer))
            met.add(sealed.writer)
        yield from chain.judge(sealed)
        heads = anchored.get(sealed.writer, {})
        if sealed.sequence in heads:
            chain.since_anchor = 0
            if heads.pop(sealed.sequence) != sealed.digest:
                yield Finding(Fault.CHANGED, _place(sealed), "another record was anchored in its place")
    judgement.not_anchored += chain.since_anchor
    for writer in sorted(openings.keys() - met - removed.keys()):
        yield Finding(Fault.MISSING, f"chain {writer}", "it was begun with a record, and has none")


class _Chain:
    """One chain, as far as it was read; what was ``removed`` of it was there."""

    def __init__(self, writer: str, opening: Opening | None, removed: Head | None) -> None:
        self.writer = writer
        self.since_anchor = 0
        self._opening = opening
        self._sequence = removed.sequence if removed else 0
        self._previous = removed.digest if removed else evidence.digest(opening.fields()) if opening else ""

    def judge(self, sealed: Sealed) -> Iterator[Finding]:
        """What is wrong with the next record that is there."""
        place = _place(sealed)
        if self._opening is None:
            yield Finding(Fault.INSERTED, place, "its chain was never begun")
        elif not written_by(sealed, self._opening.public_key):
            yield Finding(
                Fault.CHANGED, place, "its signature is not that of its chain: changed, or added by others"
            )
        elif evidence.digest(sealed.fields()) != sealed.digest:
            yield Finding(Fault.CHANGED, place, "it is not as it was when it was signed")
        if sealed.sequence != self._sequence + 1:
            gone = f"chain {self.writer}, records {self._sequence + 1} to {sealed.sequence - 1}"
            yield Finding(Fault.MISSING, gone, "those after them are there")
        elif self._opening and sealed.previous != self._previous:
            yield Finding(Fault.CHANGED, place, "it does not follow the record before it")
        self._sequence, self._previous = sealed.sequence, sealed.digest
        self.since_anchor += 1


def _place(sealed: Sealed) -> str:
    return f"{sealed.record.reference} (chain {sealed.writer}, record {sealed.sequence})"
