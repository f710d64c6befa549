"""What one dienstverlener may not take from another: its services, its pseudonyms, its say over intermediation.

Each question goes by the index; read are only those partners that it names.
"""

from collections.abc import Iterable
from contextlib import suppress

from broker.domain.connection import Profile
from broker.domain.intermediation import find_intermediated
from broker.domain.intermediation import may_intermediate
from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.exchange.partners import read_record
from broker.ports import Registry
from broker.ports.partner_index import PartnerIndex
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.saml.findings import Report
from broker.saml.partner import Partner

_INTERMEDIATION = "Afsprakenstelsel, Aansluiten als dienstbemiddelaar"
_NAMED = 5
"""Of those with the same OIN, so many are named: enough to see that something is the matter."""


def check_others(
    registry: Registry,
    partner: Partner,
    *,
    makelaar_oin: str,
    lowest: LevelOfAssurance = LOWEST_LEVEL,
) -> tuple[Finding, ...]:
    """Refuse a service that another dienstverlener has registered; warn where two would get the same pseudonyms.

    Raises ``DocumentRefused``.
    """
    report = Report("catalogue")
    others = _Others(registry, makelaar_oin, lowest)
    for service_id, owner in sorted(registry.owners(partner.catalogue).items()):
        if owner != partner.entity_id and others.stands(owner):
            reason = f"the service {service_id} is registered by another dienstverlener ({owner})"
            report.error(0, reason, "Afsprakenstelsel, ServiceID")
    oins = {service.dienstverlener.value for service in partner.catalogue.values()}
    for other in registry.sharing_oin(sorted(oins), partner.entity_id, _NAMED):
        reason = f"the OIN is also that of {other}: people have the same pseudonym at both"
        report.warn(0, reason, "Afsprakenstelsel, Service catalog")
    _check_intermediation(partner, others, report)
    report.raise_if_refused()
    return tuple(report.findings)


def make_room(registry: Registry, partner: Partner) -> None:
    """Take its services, which ``check_others`` let through, from whom no login can use."""
    for owner in set(registry.owners(partner.catalogue).values()) - {partner.entity_id}:
        record = registry.find(owner)
        if record is not None:
            registry.reindex(owner, record.content_hash, PartnerIndex(owner))


class _Others:
    """The other dienstverleners, read when they are asked for."""

    def __init__(self, registry: Registry, makelaar_oin: str, lowest: LevelOfAssurance) -> None:
        self._registry = registry
        self._makelaar_oin = makelaar_oin
        self._lowest = lowest

    def stands(self, entity_id: str) -> bool:
        """Whether a login can use this one: one that none can stands in nobody's way."""
        return self._read(entity_id) is not None

    def with_instance(self, instance_uuid: str) -> Iterable[Service]:
        """The services with this ServiceUUID of whoever can be read."""
        for service_id, owner in self._registry.with_instance(instance_uuid):
            partner = self._read(owner)
            if partner is not None and service_id in partner.catalogue:
                yield partner.catalogue[service_id]

    def _read(self, entity_id: str) -> Partner | None:
        record = self._registry.find(entity_id)
        with suppress(DocumentRefused):
            if record is not None:
                return read_record(record, self._makelaar_oin, record.added_at, self._lowest)[0]
        return None


def _check_intermediation(partner: Partner, others: _Others, report: Report) -> None:
    """Whether a dienstbemiddelaar may do what it offers; the dienstaanbieder may still come, or change its mind."""
    own = tuple(partner.catalogue.values())
    for service in own:
        if service.intermediated_service is None:
            continue
        if partner.connection.profile is not Profile.V1_13:
            reason = "in this profile identifiers for the dienstaanbieder would be in clear for the dienstbemiddelaar"
            report.error(0, f"{service.service_id}: {reason}", _INTERMEDIATION)
        known = {each.service_id: each for each in others.with_instance(service.intermediated_service)}
        known |= {each.service_id: each for each in own}
        provided = find_intermediated(service.intermediated_service, known.values())
        if provided is None:
            reason = "IntermediatedService is of no connected dienstverlener"
            report.warn(0, f"{reason}; logins for {service.service_id} will be refused", _INTERMEDIATION)
        elif not may_intermediate(provided, service, own):
            reason = "the dienstaanbieder does not allow this intermediation"
            report.warn(0, f"{reason}; logins for {service.service_id} will be refused", _INTERMEDIATION)
