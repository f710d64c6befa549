"""Registering a partner: its documents are checked as a login will read them, and kept as they were handed over."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.intermediation import find_intermediated
from broker.domain.intermediation import may_intermediate
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.exchange.partners import read_record
from broker.ports import PartnerRecord
from broker.ports import Registry
from broker.ports import Role
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Report
from broker.saml.metadata import entity_id_in
from broker.saml.metadata import read_metadata
from broker.saml.metadata import read_versions
from broker.saml.partner import Partner

_INTERMEDIATION = "Afsprakenstelsel, Aansluiten als dienstbemiddelaar"


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
    record = make_record(role, metadata, catalogue, now, connection)
    partner, findings = read_record(record, makelaar_oin, now, lowest)
    if role is Role.DV and catalogue is None:
        report = Report("catalogue")
        report.refuse(0, "a dienstverlener needs a dienstencatalogus", "Afsprakenstelsel, Service catalog")
    if not new_keys:
        _check_keys(registry, partner)
    if role is Role.DV:
        findings += _check_others(registry, partner, makelaar_oin, lowest)
    if registry.content_hash(record.entity_id) != record.content_hash:
        registry.save(record)
    return partner, findings


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
        reason = "none of its signing keys is registered for this entityID; if it is the same party, say --new-keys"
        Report("metadata").refuse(0, reason, "SAML metadata 2.3.2, entityID")


def connection_of(registry: Registry, metadata: bytes) -> Connection | None:
    """What was chosen before for the partner that this metadata describes; None when it is new.

    Raises ``DocumentRefused`` for what is not metadata at all.
    """
    record = registry.find(entity_id_in(metadata))
    return None if record is None else record.connection


def _check_others(
    registry: Registry, partner: Partner, makelaar_oin: str, lowest: LevelOfAssurance
) -> tuple[Finding, ...]:
    """Refuse a service that another dienstverlener has registered; warn where two would get the same pseudonyms."""
    report = Report("catalogue")
    others = tuple(_others(registry, partner, makelaar_oin, lowest))
    oins = {service.dienstverlener for service in partner.catalogue.values()}
    for other in others:
        for service_id in sorted(partner.catalogue.keys() & other.catalogue.keys()):
            reason = f"the service {service_id} is registered by another dienstverlener ({other.entity_id})"
            report.error(0, reason, "Afsprakenstelsel, ServiceID")
        if oins & {service.dienstverlener for service in other.catalogue.values()}:
            reason = f"the OIN is also that of {other.entity_id}: people have the same pseudonym at both"
            report.warn(0, reason, "Afsprakenstelsel, Service catalog")
    _check_intermediation(partner, others, report)
    report.raise_if_refused()
    return tuple(report.findings)


def _others(
    registry: Registry, partner: Partner, makelaar_oin: str, lowest: LevelOfAssurance
) -> Iterator[Partner]:
    """The other dienstverleners, but for those that no login can use: they stand in nobody's way."""
    for entity_id, _ in registry.content_hashes(Role.DV):
        record = registry.find(entity_id)
        if record is not None and entity_id != partner.entity_id:
            with suppress(DocumentRefused):
                yield read_record(record, makelaar_oin, record.added_at, lowest)[0]


def _check_intermediation(partner: Partner, others: tuple[Partner, ...], report: Report) -> None:
    """Whether a dienstbemiddelaar may do what it offers; the dienstaanbieder may still come, or change its mind."""
    own = tuple(partner.catalogue.values())
    known = tuple(service for each in others for service in each.catalogue.values())
    for service in own:
        if service.intermediated_service is None:
            continue
        if partner.connection.profile is not Profile.V1_13:
            reason = "in this profile identifiers for the dienstaanbieder would be in clear for the dienstbemiddelaar"
            report.error(0, f"{service.service_id}: {reason}", _INTERMEDIATION)
        provided = find_intermediated(service.intermediated_service, (*own, *known))
        if provided is None:
            reason = "IntermediatedService is of no connected dienstverlener"
            report.warn(0, f"{reason}; logins for {service.service_id} will be refused", _INTERMEDIATION)
        elif not may_intermediate(provided, service, own):
            reason = "the dienstaanbieder does not allow this intermediation"
            report.warn(0, f"{reason}; logins for {service.service_id} will be refused", _INTERMEDIATION)


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
