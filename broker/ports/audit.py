"""The audit log: one record of each outcome, sealed so that a change, a gap or an addition shows.

Each thread that writes has a chain of its own, and so waits for no other: an ``Opening`` signed by the makelaar vouches
for the key of the chain, each record holds the digest of the one before and is signed with that key, which never leaves
memory. Now and then an ``Anchor``, signed by the makelaar too, holds the heads of all chains, so that an end that was
cut off shows as well. docs/audit.md has the whole.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol

from broker.domain import evidence


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One outcome, without personal data: who asked, for what, by which parties, and what came of it."""

    reference: str
    at: datetime
    outcome: str
    dienstverlener: str | None = None
    service_id: str | None = None
    authenticatiedienst: str | None = None
    registers: tuple[str, ...] = ()
    level: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """That a chain of the makelaar begins: its key (Ed25519, 32 bytes), signed with a signing key of the makelaar.

    ``key_name`` is the fingerprint of that key's certificate, ``signature`` RSASSA-PKCS1-v1_5 with SHA-256.
    """

    writer: str
    public_key: bytes
    opened_at: datetime
    key_name: str
    signature: bytes

    def fields(self) -> dict[str, object]:
        """What is signed."""
        return {
            evidence.PURPOSE: "makelaar-audit-opening-1",
            "writer": self.writer,
            "public_key": self.public_key.hex(),
            "opened_at": evidence.moment(self.opened_at),
            "key_name": self.key_name,
        }


@dataclass(frozen=True, slots=True)
class Sealed:
    """An audit record in its chain.

    ``sequence`` counts from 1, ``previous`` is the digest of the record before, or of the opening. ``digest`` (SHA-256,
    hex) is over all of these, ``signature`` (Ed25519) over the 32 bytes of the digest.
    """

    record: AuditRecord
    writer: str
    sequence: int
    previous: str
    digest: str
    signature: bytes

    def fields(self) -> dict[str, object]:
        """What the digest is taken of."""
        return sealed_fields(self.record, self.writer, self.sequence, self.previous)


def sealed_fields(record: AuditRecord, writer: str, sequence: int, previous: str) -> dict[str, object]:
    """What the digest of a record in its chain is taken of."""
    return {
        "reference": record.reference,
        "at": evidence.moment(record.at),
        "outcome": record.outcome,
        "dienstverlener": record.dienstverlener,
        "service_id": record.service_id,
        "authenticatiedienst": record.authenticatiedienst,
        "registers": list(record.registers),
        "level": record.level,
        "request_id": record.request_id,
        "writer": writer,
        "sequence": sequence,
        "previous": previous,
    }


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain had come: the number and digest of its last record."""

    writer: str
    sequence: int
    digest: str


def listed(heads: Iterable[Head]) -> list[list[str | int]]:
    """Heads as they are written."""
    return [[head.writer, head.sequence, head.digest] for head in heads]


@dataclass(frozen=True)
class Anchor:
    """The heads of the chains that grew, signed by the makelaar; anchors are a chain too, numbered from 1.

    ``previous`` is the digest of the anchor before, empty for the first. ``removed`` are heads up to which records were
    taken away with this anchor, because they are older than records are kept.
    """

    number: int
    at: datetime
    previous: str
    heads: tuple[Head, ...]
    key_name: str
    signature: bytes = b""
    removed: tuple[Head, ...] = ()

    def fields(self) -> dict[str, object]:
        """What is signed."""
        return {
            evidence.PURPOSE: "makelaar-audit-anchor-1",
            "number": self.number,
            "at": evidence.moment(self.at),
            "previous": self.previous,
            "heads": listed(self.heads),
            "removed": listed(self.removed),
            "key_name": self.key_name,
        }

    @cached_property
    def digest(self) -> str:
        """What the next anchor holds of this one."""
        return evidence.digest(self.fields())


class ChainWriter(Protocol):
    """A chain that grows, of one thread."""

    @property
    def opening(self) -> Opening:
        """How it begins."""

    def seal(self, record: AuditRecord) -> Sealed:
        """The record as the next of the chain. Whoever cannot write it begins another chain."""


class AuditLog(Protocol):
    """The record of every outcome; a login whose record cannot be written does not happen."""

    def write(self, record: AuditRecord) -> None:
        """Durable when this returns; raises whatever the store raises when it is not."""


class AuditTrail(Protocol):
    """What was written."""

    def find(self, reference: str) -> Sequence[AuditRecord]:
        """All records of one reference, oldest first."""

    def openings(self) -> Sequence[Opening]:
        """The openings of all chains, by writer."""

    def anchors(self) -> Iterator[Anchor]:
        """All anchors, the first one first."""

    def last_anchor(self) -> Anchor | None:
        """The anchor that was made last."""

    def anchor(self, anchor: Anchor) -> bool:
        """Add the next anchor, and take away the records it says, together.

        False, and nothing is done, when its number is taken.
        """

    def heads(self, since: datetime | None) -> Sequence[Head]:
        """The heads of the chains with a record since this moment, by writer; of all chains when it is None."""

    def heads_before(self, moment: datetime, at_most: int) -> Sequence[Head]:
        """The last record from before this moment in each chain that has any; of so many chains."""

    def remove_unsealed(self, before: datetime) -> int:
        """Take away records that stand in no chain and are from before this moment; how many those were."""

    def count(self) -> int:
        """How many records there are."""

    def sealed(self) -> Iterator[Sealed]:
        """All records that stand in a chain: by writer, then sequence. Never all at once in memory."""

    def unsealed(self) -> Iterator[AuditRecord]:
        """The records that stand in no chain, oldest first: a version before this one wrote them, or nobody of ours."""
