"""The partners a party knows, parsed once per change and kept by content hash."""

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.exchange.overlap import Overlap
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.ports import KnownPartners
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.saml.artifact import source_id
from broker.saml.catalogue import read_catalogue
from broker.saml.errors import MetadataNotInForce
from broker.saml.errors import UnknownPartner
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Report
from broker.saml.keys import Certificate
from broker.saml.metadata import read_metadata
from broker.saml.metadata import read_metadata_versions
from broker.saml.metadata import read_versions
from broker.saml.partner import Partner
from broker.saml.partner import in_force

_KEPT = 2_000
"""Parsed partners per process. A makelaar serves some hundreds of dienstverleners; a record is about 10 kB.

Past it: the one that was needed longest ago is read again when it is needed."""


_seen: ContextVar[dict[str, str | None] | None] = ContextVar(
    "content hashes seen by this request", default=None
)


def begin_request() -> None:
    """From here on, in this thread, each partner's content hash is asked once: one request sees one registry."""
    _seen.set({})


def end_request() -> None:
    """Forget what this request saw."""
    _seen.set(None)


@dataclass(frozen=True, slots=True)
class Instead:
    """One partner that counts otherwise than it is in force, in a test login. ``find`` raises what its maker says."""

    entity_id: str
    find: Callable[[], Partner]


class Partners:
    """Partners by entityID, as their registered metadata describes them."""

    def __init__(
        self,
        registry: KnownPartners,
        makelaar_oin: str,
        lowest: LevelOfAssurance = LOWEST_LEVEL,
        clock: Clock = system_clock,
        overlap: Overlap | None = None,
    ) -> None:
        """``makelaar_oin`` is the OIN that catalogues of dienstverleners must name, ``lowest`` the lowest level.

        ``overlap`` knows the keys of before that are still believed; by default there are none.
        """
        self._overlap = overlap
        self._kept = lru_cache(maxsize=_KEPT)(self._read_kept)
        self._registry = registry
        self._makelaar_oin = makelaar_oin
        self._lowest = lowest
        self._clock = clock
        self._parsed = lru_cache(maxsize=_KEPT)(self._parse)

    def find(self, entity_id: str, *roles: Role, instead: Instead | None = None) -> Partner:
        """The partner with this entityID in one of these roles. Raises ``UnknownPartner``.

        The registry is asked in every request, so that a removed or changed partner is so at once, in every process;
        it is not asked for the one that ``instead`` is about.
        """
        if instead is not None and instead.entity_id == entity_id:
            return instead.find()
        partner = self._in_force(self.versions(entity_id, *roles))
        return partner if self._overlap is None else self._with_keys_of_before(partner, self._overlap)

    def versions(self, entity_id: str, *roles: Role) -> tuple[Partner, ...]:
        """This partner by each descriptor it has, in force or not. Raises ``UnknownPartner``."""
        content_hash = self._content_hash(entity_id)
        if content_hash is None:
            raise UnknownPartner("no partner has this entityID")
        role, versions = self._parsed(entity_id, content_hash)
        if role not in roles:
            raise UnknownPartner("the partner does not have this role")
        return versions

    def find_version(self, entity_id: str, content_hash: str | None, *roles: Role) -> Partner:
        """The partner as it was when a login began with it: in the version with this content.

        Where that version was not kept, or is past its date, as it is now. One that was removed or suspended is so at
        once, whatever it was. Raises ``UnknownPartner``.
        """
        if content_hash is None or self._content_hash(entity_id) in (None, content_hash):
            return self.find(entity_id, *roles)
        with suppress(UnknownPartner):
            return self.exactly(entity_id, content_hash, *roles)
        return self.find(entity_id, *roles)

    def exactly(self, entity_id: str, content_hash: str, *roles: Role) -> Partner:
        """The partner in the version with this content and no other, whether it was ever in force. Raises
        ``UnknownPartner``.
        """
        role, versions = self._parsed(entity_id, content_hash)
        if role not in roles:
            raise UnknownPartner("the partner does not have this role")
        return self._in_force(versions)

    def content_hash(self, entity_id: str) -> str | None:
        """Which version of a partner is in force for this request, by its content."""
        return self._content_hash(entity_id)

    def in_role(self, role: Role) -> tuple[Partner, ...]:
        """All partners in a role, ordered by entityID; without those that cannot be read at this moment."""
        partners: list[Partner] = []
        for versions in self.versions_in_role(role):
            with suppress(UnknownPartner):
                partners.append(self._in_force(versions))
        return tuple(partners)

    def versions_in_role(self, role: Role) -> tuple[tuple[Partner, ...], ...]:
        """All partners in a role, ordered by entityID, by each descriptor they have, in force or not."""
        found: list[tuple[Partner, ...]] = []
        for entity_id, content_hash in self._registry.content_hashes(role):
            # One that changed since, or that a newer version no longer accepts, must not take the others along.
            with suppress(UnknownPartner):
                found.append(self._parsed(entity_id, content_hash)[1])
        return tuple(found)

    def by_source_id(self, source: bytes, *roles: Role, instead: Instead | None = None) -> Partner:
        """The partner whose artifacts carry this SourceID; ``instead`` as in ``find``. Raises ``UnknownPartner``."""
        if instead is not None and source_id(instead.entity_id) == source:
            return instead.find()
        entity_id = self._registry.entity_id_for_source(source)
        if entity_id is None:
            raise UnknownPartner("no partner has this SourceID")
        return self.find(entity_id, *roles)

    def _content_hash(self, entity_id: str) -> str | None:
        seen = _seen.get()
        if seen is None:
            return self._registry.content_hash(entity_id)
        if entity_id not in seen:
            seen[entity_id] = self._registry.content_hash(entity_id)
        return seen[entity_id]

    def _in_force(self, versions: tuple[Partner, ...]) -> Partner:
        """The description that holds by the clock of this moment, however long ago it was read."""
        now = self._clock()
        partner = in_force(versions, now)
        if partner is None:
            ended = all(each.valid_until is not None and each.valid_until <= now for each in versions)
            raise MetadataNotInForce(
                "the metadata of the partner has " + ("expired" if ended else "to come in force")
            )
        return partner

    def _with_keys_of_before(self, partner: Partner, overlap: Overlap) -> Partner:
        days = overlap.days(partner.connection.key_overlap_days)
        content_hash = self._content_hash(partner.entity_id) if days else None
        kept = None if content_hash is None else self._kept(partner.entity_id, content_hash, days)
        if kept is None or kept[1] <= self._clock():
            return partner
        more = tuple(each for each in kept[0] if each not in partner.signing)
        return replace(partner, signing=partner.signing + more) if more else partner

    def _read_kept(
        self, entity_id: str, _content_hash: str, days: int
    ) -> tuple[tuple[Certificate, ...], datetime] | None:
        return None if self._overlap is None else self._overlap.kept(entity_id, days)

    def _parse(self, entity_id: str, content_hash: str) -> tuple[Role, tuple[Partner, ...]]:
        record = self._registry.find(entity_id)
        if record is None or record.content_hash != content_hash:
            record = self._registry.find_version(entity_id, content_hash)
        if record is None:
            raise UnknownPartner("the partner changed while it was being read")
        try:
            return record.role, read_record_versions(record, self._makelaar_oin, self._lowest)[0]
        except DocumentRefused:
            raise UnknownPartner("what is registered of the partner is no longer good") from None


def read_record(
    record: PartnerRecord, makelaar_oin: str, now: datetime, lowest: LevelOfAssurance = LOWEST_LEVEL
) -> tuple[Partner, tuple[Finding, ...]]:
    """Parse what was registered of a partner as it is at this moment, and what was let through with a warning.

    Raises ``DocumentRefused``, also when its metadata has expired; ``lowest`` is the lowest level that a catalogue may
    name.
    """
    partner, report = read_metadata(record.metadata, record.role, now, record.connection.profile)
    return _complete(record, partner, report, makelaar_oin, lowest)


def read_handed_over(
    record: PartnerRecord, makelaar_oin: str, now: datetime, lowest: LevelOfAssurance = LOWEST_LEVEL
) -> tuple[Partner, tuple[Partner, ...], tuple[Finding, ...]]:
    """What ``read_record`` and ``read_record_versions`` give, read once. Raises ``DocumentRefused``."""
    profile = record.connection.profile
    versions, current, report = read_metadata_versions(record.metadata, record.role, now, profile)
    completed = [_complete(record, each, report, makelaar_oin, lowest) for each in versions]
    partner, findings = completed[versions.index(current)]
    return partner, tuple(each for each, _ in completed), findings


def read_record_versions(
    record: PartnerRecord, makelaar_oin: str, lowest: LevelOfAssurance = LOWEST_LEVEL
) -> tuple[tuple[Partner, ...], tuple[Finding, ...]]:
    """Parse what was registered of a partner, by each of its descriptors; see ``read_versions``.

    Raises ``DocumentRefused``.
    """
    versions, report = read_versions(record.metadata, record.role, record.connection.profile)
    findings: tuple[Finding, ...] = ()
    completed: list[Partner] = []
    for version in versions:
        partner, findings = _complete(record, version, report, makelaar_oin, lowest)
        completed.append(partner)
    return tuple(completed), findings


def _complete(
    record: PartnerRecord, partner: Partner, report: Report, makelaar_oin: str, lowest: LevelOfAssurance
) -> tuple[Partner, tuple[Finding, ...]]:
    """The partner with its connection and services, and the findings on both documents."""
    partner = replace(partner, connection=record.connection)
    findings = tuple(report.findings)
    if record.catalogue is not None:
        services, catalogue_report = read_catalogue(record.catalogue, partner, makelaar_oin, lowest)
        partner = partner.with_catalogue(services)
        findings += tuple(catalogue_report.findings)
    return partner, findings
