"""Believing the signing keys that a partner had before, for a while after its metadata left them out.

Suppliers hand over metadata with the next certificate only, while their software still signs with the present one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Protocol

from broker.ports import PartnerRecord
from broker.saml.findings import DocumentRefused
from broker.saml.keys import Certificate
from broker.saml.metadata import read_versions

Before = Callable[[str], tuple[PartnerRecord, datetime] | None]
"""From an entityID to the version that was in force last, and when it ended; None when there was none."""


class Overlap(Protocol):
    """Which keys a partner had before."""

    def days(self, chosen: int | None) -> int:
        """For how many days they are believed; ``chosen`` is that of one partner, None where nothing was."""

    def kept(self, entity_id: str, days: int) -> tuple[tuple[Certificate, ...], datetime] | None:
        """Its signing certificates before the version that is in force, and until when they are believed."""


@dataclass(frozen=True, slots=True)
class VersionBefore:
    """The keys of the version before, believed for days after it ended; for ``standard`` days if none are chosen."""

    before: Before
    standard: int

    def days(self, chosen: int | None) -> int:
        """As ``Overlap``."""
        return self.standard if chosen is None else chosen

    def kept(self, entity_id: str, days: int) -> tuple[tuple[Certificate, ...], datetime] | None:
        """As ``Overlap``. Whatever can no longer be read vouches for nothing."""
        found = self.before(entity_id)
        if found is None:
            return None
        record, ended_at = found
        try:
            versions, _ = read_versions(record.metadata, record.role, record.connection.profile)
        except DocumentRefused:
            return None
        return tuple(each for version in versions for each in version.signing), ended_at + timedelta(
            days=days
        )
