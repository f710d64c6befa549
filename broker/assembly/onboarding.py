"""Registering a partner: its documents are checked as a login will read them, and kept as they were handed over."""

import hashlib
from datetime import datetime

from broker.exchange.partners import read_record
from broker.ports import PartnerRecord
from broker.ports import Registry
from broker.ports import Role
from broker.saml.findings import Finding
from broker.saml.findings import Report
from broker.saml.metadata import read_metadata
from broker.saml.partner import Partner


def register(
    registry: Registry,
    role: Role,
    metadata: bytes,
    catalogue: bytes | None,
    *,
    makelaar_oin: str,
    now: datetime,
) -> tuple[Partner, tuple[Finding, ...]]:
    """Check and register a partner; what it is, and what was let through with a warning.

    Nothing is registered when ``DocumentRefused`` is raised; what was there stays in force.
    """
    record = make_record(role, metadata, catalogue, now)
    partner, findings = read_record(record, makelaar_oin, now)
    if role is Role.DV and catalogue is None:
        report = Report("catalogue")
        report.refuse(0, "a dienstverlener needs a dienstencatalogus", "Afsprakenstelsel, Service catalog")
    if registry.content_hash(record.entity_id) != record.content_hash:
        registry.save(record)
    return partner, findings


def make_record(role: Role, metadata: bytes, catalogue: bytes | None, now: datetime) -> PartnerRecord:
    """The record of documents whose metadata can be read. Raises ``DocumentRefused``."""
    partner, _ = read_metadata(metadata, role, now)
    digest = hashlib.sha256(len(metadata).to_bytes(8, "big") + metadata + (catalogue or b""))
    return PartnerRecord(partner.entity_id, role, metadata, catalogue, digest.hexdigest(), now)
