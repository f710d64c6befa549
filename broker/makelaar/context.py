"""What every view of the makelaar works with."""

from dataclasses import dataclass

from broker.assembly.binder import Binder
from broker.assembly.party import Assembled
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.portals import services_behind
from broker.domain.portals import within_reach
from broker.domain.services import Service
from broker.exchange.station import Station
from broker.journey.record import Journey
from broker.makelaar.conformance import Conformance
from broker.makelaar.journeys import Journeys
from broker.makelaar.logouts import Logouts
from broker.makelaar.sessions import Sessions
from broker.ports import AuditLog
from broker.ports import Role
from broker.saml.partner import Partner
from broker.screens import CookieStyle


@dataclass(frozen=True, slots=True)
class Makelaar:
    """The makelaar of one process."""

    assembled: Assembled
    journeys: Journeys
    audit: AuditLog
    conformance: Conformance
    binder: Binder
    cookies: CookieStyle
    sessions: Sessions
    logouts: Logouts

    @property
    def station(self) -> Station:
        """Our end of all lines."""
        return self.assembled.station

    @property
    def entity_id(self) -> str:
        """Our EntityID."""
        return self.assembled.party.entity_id

    @property
    def oin(self) -> Oin:
        """Our OIN."""
        return Oin(self.assembled.party.oin)

    def url(self, path: str) -> str:
        """One of our endpoints as partners know it."""
        return self.assembled.public_url + path

    def dienstverlener(self, journey: Journey) -> Partner:
        """The dienstverlener of a login. Raises ``UnknownPartner`` when it was removed meanwhile."""
        return self.station.partners.find(journey.dienstverlener, Role.DV)

    def service(self, journey: Journey) -> Service | None:
        """The service of a login; None when it was never known, or left the catalogue."""
        return self.dienstverlener(journey).catalogue.get(journey.service_id)

    def behind(self, journey: Journey, login: LevelOfAssurance) -> tuple[Service, ...]:
        """The services behind the portal of a login, for which a middel at this level will do; else none."""
        service = self.service(journey)
        if service is None:
            return ()
        return within_reach(services_behind(service, self.dienstverlener(journey).catalogue.values()), login)
