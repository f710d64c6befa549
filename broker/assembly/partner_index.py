"""What the index holds of a partner, and putting those in who are not in it yet."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import structlog
from cryptography import x509

from broker.domain.connection import Profile
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.exchange.partners import read_record_versions
from broker.ports import PartnerRecord
from broker.ports import Registry
from broker.ports.partner_index import IndexedCertificate
from broker.ports.partner_index import IndexedExpiry
from broker.ports.partner_index import IndexedService
from broker.ports.partner_index import PartnerIndex
from broker.ports.partner_index import ServiceTaken
from broker.saml.catalogue_certificates import service_certificates
from broker.saml.findings import DocumentRefused
from broker.saml.keys import Certificate
from broker.saml.keys import fingerprint
from broker.saml.partner import Partner

log = structlog.get_logger()


def index_of(
    record: PartnerRecord, makelaar_oin: str = "", lowest: LevelOfAssurance = LOWEST_LEVEL
) -> PartnerIndex:
    """The index of what was registered of a partner; only its entityID when it can no longer be read.

    The catalogue of a dienstverlener must name ``makelaar_oin`` and no level below ``lowest``.
    """
    try:
        versions, _ = read_record_versions(record, makelaar_oin, lowest)
    except DocumentRefused:
        return PartnerIndex(record.entity_id)
    return index_versions(versions, record.catalogue)


def index_versions(versions: Sequence[Partner], catalogue: bytes | None) -> PartnerIndex:
    """The index of a partner by each of its descriptors (``saml.metadata.read_versions``), with its catalogue."""
    latest = versions[-1]
    services = {each.service_id: each for version in versions for each in version.catalogue.values()}
    signing = {each.der: each for version in versions for each in version.signing}
    return PartnerIndex(
        name=latest.organisation_name("nl"),
        services=tuple(_service(each) for each in services.values()),
        expiries=tuple(_expiries(versions, catalogue)),
        signing=tuple(IndexedCertificate(fingerprint(der), authority_of(der), der) for der in signing),
    )


def authority_of(der: bytes) -> str:
    """Who issued this certificate: the SHA-256 (hex) of the key identifier it names, empty when it names none."""
    try:
        extensions = x509.load_der_x509_certificate(der).extensions
        named = extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except (ValueError, x509.ExtensionNotFound):
        return ""
    return authority_named(named) if named else ""


def authority_named(key_identifier: bytes) -> str:
    """How the index calls the authority with this key identifier."""
    return sha256(key_identifier).hexdigest()


def build_index(registry: Registry, makelaar_oin: str, lowest: LevelOfAssurance) -> int:
    """Put in the index whoever is not in it as registered; how many that were. One query when that is nobody."""
    entity_ids = registry.unindexed()
    for entity_id in entity_ids:
        record = registry.find(entity_id)
        if record is None:
            continue
        index = index_of(record, makelaar_oin, lowest)
        try:
            registry.reindex(entity_id, record.content_hash, index)
        except ServiceTaken:
            # From before services were unique: who came first in the index keeps it, as a login would have it.
            log.warning("partner_service_taken", partner=entity_id)
            registry.reindex(entity_id, record.content_hash, replace(index, services=()))
    return len(entity_ids)


def _service(service: Service) -> IndexedService:
    return IndexedService(
        service.service_id,
        service.instance_uuid.casefold(),
        service.service_uuid.casefold(),
        service.dienstverlener.value,
    )


def _expiries(versions: Sequence[Partner], catalogue: bytes | None) -> Iterator[IndexedExpiry]:
    """Everything that ends; of a certificate that is listed more often, the first."""
    for use, certificates in (
        ("signing", [each for version in versions for each in version.signing]),
        ("encryption", [each for version in versions for each in version.encryption]),
    ):
        yield from _ends(use, ((each.key_name, each) for each in certificates))
    if catalogue is not None:
        yield from _ends("service", service_certificates(catalogue).items())
    ends = _valid_until(versions)
    if ends is not None:
        yield IndexedExpiry("metadata", "", "validUntil", ends)


def _ends(use: str, certificates: Iterable[tuple[str, Certificate]]) -> Iterator[IndexedExpiry]:
    seen: set[str] = set()
    for label, certificate in certificates:
        digest = fingerprint(certificate.der)
        if digest not in seen:
            seen.add(digest)
            yield IndexedExpiry(use, digest, label, certificate.not_after)


def _valid_until(versions: Sequence[Partner]) -> datetime | None:
    """When the last descriptor ceases to hold; None when one never does, or where that is not judged."""
    ends = [version.valid_until for version in versions]
    if versions[-1].connection.profile is Profile.SAML or None in ends:
        return None
    return max(end for end in ends if end is not None)
