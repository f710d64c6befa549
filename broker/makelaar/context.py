"""What every view of the makelaar works with."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace

from broker.assembly.binder import Binder
from broker.assembly.party import Assembled
from broker.assembly.personal_address import PersonalAddresses
from broker.domain.identifiers import Oin
from broker.domain.intermediation import find_intermediated
from broker.domain.levels import LevelOfAssurance
from broker.domain.portals import services_behind
from broker.domain.portals import within_reach
from broker.domain.services import Service
from broker.exchange.station import Station
from broker.journey.begin import Provided
from broker.journey.record import Journey
from broker.makelaar.conformance import Conformance
from broker.makelaar.journeys import Journeys
from broker.makelaar.logouts import Logouts
from broker.makelaar.sessions import Sessions
from broker.makelaar.sightings import Sightings
from broker.onboarding.in_test import VersionsInTest
from broker.ports import Role
from broker.ports.audit import AuditLog
from broker.saml.errors import UnknownPartner
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
    sightings: Sightings
    addresses: PersonalAddresses

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

    @property
    def versions_in_test(self) -> VersionsInTest:
        """What test logins go by."""
        return VersionsInTest(self.assembled)

    def url(self, path: str) -> str:
        """One of our endpoints as partners know it."""
        return self.assembled.public_url + path

    def dienstverlener(self, journey: Journey) -> Partner:
        """The dienstverlener of a login, in the version that it began with.

        Raises ``UnknownPartner`` when it was removed or suspended meanwhile, and ``NotInTest`` for a test login by a
        version that may not be tried any more.
        """
        if journey.in_test is not None:
            return self.versions_in_test.to_end(journey.in_test, journey.dienstverlener)
        return self.station.partners.find_version(
            journey.dienstverlener, journey.dienstverlener_version, Role.DV
        )

    def catalogue_in_test(self, journey: Journey) -> str | None:
        """The catalogue that others go by in this test login; None where what is published says the same.

        Raises ``NotInTest``.
        """
        if journey.in_test is None or journey.provider is not None:
            return None
        differs = self.versions_in_test.offers_otherwise(journey.in_test, journey.dienstverlener)
        return journey.in_test if differs else None

    def own_service(self, journey: Journey) -> Service | None:
        """The service that the dienstverlener asked; None when it was never known, or left the catalogue."""
        return self.dienstverlener(journey).catalogue.get(journey.service_id)

    def service(self, journey: Journey) -> Service | None:
        """The service that a login is for: the one that was asked, or that of the dienstaanbieder behind it.

        None when it was never known, or left the catalogue.
        """
        own = self.own_service(journey)
        if own is None or journey.provider is None:
            return own
        provider = self.station.partners.find_version(journey.provider, journey.provider_version, Role.DV)
        provided = provider.catalogue.get(journey.provider_service or "")
        if provided is None:
            return None
        # Both must have joined single sign-on.
        return replace(provided, sso_support=provided.sso_support and own.sso_support)

    def find_provided(self, instance_uuid: str) -> Provided | None:
        """The service with this ServiceUUID of its instance, of any connected dienstverlener."""
        offered = self.services_with_instance(instance_uuid)
        owners = {service.service_id: dienstverlener for dienstverlener, service in offered}
        found = find_intermediated(instance_uuid, (service for _, service in offered))
        return None if found is None else Provided(owners[found.service_id].entity_id, found)

    def services_with_instance(self, instance_uuid: str) -> list[tuple[Partner, Service]]:
        """The services whose instance has this ServiceUUID, with whose they are; by the index."""
        return self.listed(self.assembled.registry.with_instance(instance_uuid))

    def listed(self, found: Iterable[tuple[str, str]]) -> list[tuple[Partner, Service]]:
        """The services of these (ServiceID, entityID), as far as a login can use them, with whose they are."""
        services: list[tuple[Partner, Service]] = []
        for service_id, entity_id in found:
            with suppress(UnknownPartner):
                dienstverlener = self.station.partners.find(entity_id, Role.DV)
                if service_id in dienstverlener.catalogue:
                    services.append((dienstverlener, dienstverlener.catalogue[service_id]))
        return services

    def behind(self, journey: Journey, login: LevelOfAssurance) -> tuple[Service, ...]:
        """The services behind the portal of a login, for which a middel at this level will do; else none."""
        service = self.service(journey)
        if service is None:
            return ()
        return within_reach(services_behind(service, self.dienstverlener(journey).catalogue.values()), login)
