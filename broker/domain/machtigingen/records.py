"""What a machtigingenregister has on record: who may act for whom, where, how strongly and how long."""

from dataclasses import dataclass
from datetime import datetime

from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Oin
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service


@dataclass(frozen=True, slots=True)
class Scope:
    """The services a machtiging is for: each field that is set must fit, so ``Scope()`` is every service.

    ``service_uuid`` is that of the ServiceDefinition, on which the network registers machtigingen; with only
    ``dienstverlener`` set it is a dienstverlenersmachtiging: all its services, also those yet to come.
    """

    service_uuid: str | None = None
    dienstverlener: Oin | None = None

    def covers(self, service: Service) -> bool:
        """Whether ``service`` is within this scope."""
        return (self.service_uuid is None or self.service_uuid == service.service_uuid) and (
            self.dienstverlener is None or self.dienstverlener == service.dienstverlener
        )


@dataclass(frozen=True, slots=True)
class Machtiging:
    """That ``subject`` may act for ``company``, or for one ``vestiging`` or ``subdossier`` of it, at the services in
    ``scope``.

    It holds while ``valid_from <= now < valid_until`` and ``revoked_at`` is None. Times are aware datetimes;
    ValueError when one is naive or the period is empty. ``level`` is the strength with which it was
    registered.
    """

    id: str
    subject: InternalPseudonym
    company: KvkNumber
    scope: Scope
    level: LevelOfAssurance
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None
    vestiging: Vestigingsnummer | None = None
    subdossier: Subdossiernummer | None = None

    def __post_init__(self) -> None:
        _check_times(self.valid_from, self.valid_until, self.revoked_at)


@dataclass(frozen=True, slots=True)
class Ketenmachtiging:
    """That company ``intermediary`` may act for company ``client``, or for one ``vestiging`` or ``subdossier`` of it.

    Times and level as for ``Machtiging``. ValueError also when both are the same company, for that is no
    chain (Afsprakenstelsel, Interface specifications HM-MR chain authorization).
    """

    id: str
    client: KvkNumber
    intermediary: KvkNumber
    scope: Scope
    level: LevelOfAssurance
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None = None
    vestiging: Vestigingsnummer | None = None
    subdossier: Subdossiernummer | None = None

    def __post_init__(self) -> None:
        if self.client == self.intermediary:
            raise ValueError("client and intermediary of a ketenmachtiging are the same company")
        _check_times(self.valid_from, self.valid_until, self.revoked_at)


def _check_times(valid_from: datetime, valid_until: datetime, revoked_at: datetime | None) -> None:
    moments = (valid_from, valid_until, revoked_at)
    if any(moment is not None and moment.utcoffset() is None for moment in moments):
        raise ValueError("a machtiging has a time without a zone")
    if valid_from >= valid_until:
        raise ValueError("a machtiging ends before it begins")
