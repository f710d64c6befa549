"""The two parties of a snippet: we as our metadata shows us, and a dienstverlener that is or will be connected."""

import re
from base64 import b64encode
from urllib.parse import urlsplit

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.assembly.resolution import resolution_services
from broker.domain.levels import LevelOfAssurance
from broker.domain.own_keys import KeyState
from broker.domain.own_keys import published_keys
from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import Makelaar
from broker.onboarding.snippets.model import NotPossible
from broker.saml.metadata import oin_of
from broker.saml.metadata import service_id_parts
from broker.saml.partner import Partner
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.own_keys import SqlOwnKeyStore


def as_makelaar(makelaar: Assembled) -> Makelaar:
    """The makelaar of this installation, with the key that signs now and the one that is announced."""
    now = makelaar.station.own.clock()
    # As the store has them at this moment, not as this process saw them last; no private key is needed.
    keys = published_keys(SqlOwnKeyStore(makelaar.engine).all(), now)
    lasting = (key for key in keys if key.state(now) is not KeyState.RETIRING)
    return makelaar_with(
        makelaar.settings, tuple(b64encode(key.certificate).decode("ascii") for key in lasting)
    )


def makelaar_with(settings: Settings, certificates: tuple[str, ...]) -> Makelaar:
    """The makelaar of these settings, with these certificates (base64 of DER)."""
    url = settings.url(MAKELAAR)
    return Makelaar(
        entity_id=MAKELAAR.entity_id,
        oin=MAKELAAR.oin,
        name=MAKELAAR.display_name("nl"),
        metadata=url + paths.METADATA,
        sign_on=url + paths.HM_SSO,
        logout=url + paths.HM_SLO,
        resolution=resolution_services(settings),
        certificates=certificates,
    )


def requests_go_to(settings: Settings) -> tuple[str, ...]:
    """The addresses at which the makelaar of these settings takes the requests of dienstverleners."""
    return tuple(settings.url(MAKELAAR) + path for path in (paths.HM_SSO, paths.HM_SSO_1_11))


def as_connected(partner: Partner) -> Dienstverlener:
    """A dienstverlener that is connected, and of its services the default one, or else the one that is asked first.

    Raises ``NotPossible`` when none of its services is in its catalogue.
    """
    indexes = {service_id: index for index, service_id in sorted(partner.services.items(), reverse=True)}
    wanted = partner.default_service or next(reversed(indexes), None)
    service = partner.catalogue.get(wanted or "")
    if service is None:
        raise NotPossible(f"{partner.entity_id} has no service that can be asked. Hand its catalogue over.")
    return Dienstverlener(
        entity_id=partner.entity_id,
        organisation=partner.organisation_name("nl"),
        service_id=service.service_id,
        service_name=service.name("nl"),
        level=service.level,
        oin=partner.oin,
        profile=partner.connection.profile,
        consumers=partner.assertion_consumers,
        service_index=indexes.get(service.service_id),
        service_uuid=service.service_uuid or None,
        instance_uuid=service.instance_uuid,
        mutual_tls=partner.connection.mutual_tls,
        attribute_names=partner.connection.attribute_names,
    )


def newcomer(
    entity_id: str,
    url: str,
    *,
    service_id: str | None = None,
    service_name: str = "Mijn dienst",
    organisation: str = "Mijn organisatie",
    level: LevelOfAssurance = LevelOfAssurance.LOA3,
) -> Dienstverlener:
    """A dienstverlener that is not connected yet, with software at ``url``.

    Without ``service_id`` it is service 1 of the OIN in its entityID. Raises ``NotPossible`` for an address or
    ServiceID that cannot be used, or an entityID without OIN where no ServiceID is given.
    """
    oin = oin_of(entity_id)
    if not re.fullmatch(r"[!-~]+", entity_id):
        raise NotPossible("the entityID is empty, or holds white space or signs that are no ASCII.")
    if service_id is None:
        if oin is None:
            raise NotPossible(
                "that entityID holds no OIN: give --service-id urn:etoegang:DV:<OIN>:services:1."
            )
        service_id = f"urn:etoegang:DV:{oin}:services:1"
    parts = service_id_parts(service_id)
    if parts is None:
        raise NotPossible("the ServiceID is not urn:etoegang:DV:<OIN>:services:<number>.")
    return Dienstverlener(
        entity_id=entity_id,
        organisation=organisation,
        service_id=service_id,
        service_name=service_name,
        level=level,
        oin=oin,
        url=_address(url),
        service_index=int(parts[1]),
    )


def _address(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if (
        not usable
        or not url.isascii()
        or not url.isprintable()
        or " " in url
        or parts.query
        or parts.fragment
    ):
        raise NotPossible(f"{url!r} is no address of software, such as https://www.example.nl.")
    return url.rstrip("/")
