"""Registering a partner: its documents are checked as a login will read them, and kept as they were handed over."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from broker.assembly.other_partners import check_others
from broker.assembly.other_partners import make_room
from broker.assembly.partner_index import index_versions
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.exchange.partners import read_handed_over
from broker.ports import PartnerRecord
from broker.ports import Registry
from broker.ports import Role
from broker.ports.partner_index import PartnerIndex
from broker.ports.partner_index import ServiceTaken
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Report
from broker.saml.metadata import entity_id_in
from broker.saml.metadata import read_metadata
from broker.saml.metadata import read_versions
from broker.saml.name_checks import check_names
from broker.saml.partner import Partner


@dataclass(frozen=True, slots=True)
class Prepared:
    """A partner whose documents were checked as a login will read them: what to keep, and what was let through."""

    record: PartnerRecord
    partner: Partner
    index: PartnerIndex
    findings: tuple[Finding, ...]


def prepare(
    role: Role,
    metadata: bytes,
    catalogue: bytes | None,
    *,
    makelaar_oin: str,
    now: datetime,
    connection: Connection = STANDARD,
    lowest: LevelOfAssurance = LOWEST_LEVEL,
) -> Prepared:
    """Check the documents of a partner by themselves. Raises ``DocumentRefused``."""
    digest = content_hash(metadata, catalogue, connection)
    unnamed = PartnerRecord("", role, metadata, catalogue, digest, now, connection)
    partner, versions, findings = read_handed_over(unnamed, makelaar_oin, now, lowest)
    record = replace(unnamed, entity_id=partner.entity_id)
    if role is Role.DV and catalogue is None:
        report = Report("catalogue")
        report.refuse(0, "a dienstverlener needs a dienstencatalogus", "Afsprakenstelsel, Service catalog")
    for document, data in (("metadata", metadata), ("catalogue", catalogue)):
        if data is not None:
            check_names(data, document)
    _check_lifetimes(versions, now)
    return Prepared(record, partner, index_versions(versions, catalogue), findings)


def _check_lifetimes(versions: Sequence[Partner], now: datetime) -> None:
    """Refuse keys of which every certificate has expired; in the profile ``saml`` it is the operator who vouches."""
    certificates = [each for version in versions for each in version.signing]
    if versions[0].connection.profile is Profile.SAML or any(each.not_after > now for each in certificates):
        return
    report = Report("metadata")
    report.refuse(0, "every certificate for signing has expired", "Afsprakenstelsel, Digital signature")


def register(
    registry: Registry,
    role: Role,
    metadata: bytes,
    catalogue: bytes | None,
    *,
    makelaar_oin: str,
    now: datetime,
    connection: Connection = STANDARD,
    lowest: LevelOfAssurance = LOWEST_LEVEL,
    new_keys: bool = True,
) -> tuple[Partner, tuple[Finding, ...]]:
    """Check and register a partner; what it is, and what was let through with a warning.

    Without ``new_keys`` a partner that is known must bring one of its signing keys along: else it may be another party
    that took its entityID.

    Nothing is registered when ``DocumentRefused`` is raised; what was there stays in force.
    """
    prepared = prepare(
        role,
        metadata,
        catalogue,
        makelaar_oin=makelaar_oin,
        now=now,
        connection=connection,
        lowest=lowest,
    )
    findings = prepared.findings + check_against_known(
        registry, prepared, makelaar_oin=makelaar_oin, lowest=lowest, new_keys=new_keys
    )
    if registry.content_hash(prepared.record.entity_id) != prepared.record.content_hash:
        make_room(registry, prepared.partner)
        try:
            registry.save(prepared.record, prepared.index)
        except ServiceTaken:
            refuse_taken()
    return prepared.partner, findings


def check_against_known(
    registry: Registry,
    prepared: Prepared,
    *,
    makelaar_oin: str,
    lowest: LevelOfAssurance = LOWEST_LEVEL,
    new_keys: bool = True,
) -> tuple[Finding, ...]:
    """Check a partner against those that are registered; what was let through. Raises ``DocumentRefused``.

    ``new_keys`` as in ``register``. What it costs does not grow with the number of partners.
    """
    if not new_keys:
        _check_keys(registry, prepared.partner)
    if prepared.record.role is not Role.DV:
        return ()
    return check_others(registry, prepared.partner, makelaar_oin=makelaar_oin, lowest=lowest)


def refuse_taken() -> NoReturn:
    """Raise ``DocumentRefused`` for a service that somebody else registered since it was checked."""
    report = Report("catalogue")
    report.refuse(
        0, "another dienstverlener registered one of these services just now", "Afsprakenstelsel, ServiceID"
    )


def _check_keys(registry: Registry, partner: Partner) -> None:
    """Refuse a description of somebody known with none of the signing keys, of any description, that it had."""
    record = registry.find(partner.entity_id)
    if record is None:
        return
    versions: tuple[Partner, ...] = ()
    with suppress(DocumentRefused):  # what is no longer good vouches for nothing
        versions, _ = read_versions(record.metadata, record.role, record.connection.profile)
    known = [key.public_key for version in versions for key in version.signing]
    if not any(key.public_key in known for key in partner.signing):
        reason = (
            "none of its signing keys is registered for this entityID; if it is the same party, "
            "say so with it: --new-keys, or new_keys at the API"
        )
        Report("metadata").refuse(0, reason, "SAML metadata 2.3.2, entityID")


def connection_of(registry: Registry, metadata: bytes) -> Connection | None:
    """What was chosen before for the partner that this metadata describes; None when it is new.

    Raises ``DocumentRefused`` for what is not metadata at all.
    """
    record = registry.find(entity_id_in(metadata))
    return None if record is None else record.connection


def make_record(
    role: Role, metadata: bytes, catalogue: bytes | None, now: datetime, connection: Connection = STANDARD
) -> PartnerRecord:
    """The record of documents whose metadata can be read. Raises ``DocumentRefused``."""
    partner, _ = read_metadata(metadata, role, now, connection.profile)
    digest = content_hash(metadata, catalogue, connection)
    return PartnerRecord(partner.entity_id, role, metadata, catalogue, digest, now, connection)


def content_hash(metadata: bytes, catalogue: bytes | None, connection: Connection) -> str:
    """The content hash of a record (see ``PartnerRecord``)."""
    digest = hashlib.sha256()
    for part in (metadata, catalogue or b"", connection.to_json().encode("utf-8")):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
