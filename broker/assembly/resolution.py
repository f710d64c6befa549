"""Where partners resolve the artifacts of the makelaar: with a client certificate, or at the front listener without.

The stelsel asks mutual TLS of everyone (Bindings; Secure connection). A laptop of a newcomer has no such certificate,
so the front listener may do it too, per partner.
"""

from collections.abc import Callable
from typing import Final

from broker.assembly import paths
from broker.domain.connection import Tolerance
from broker.saml.names import BINDING_SOAP
from broker.saml.partner import Endpoint
from broker.saml.partner import Partner
from broker.settings import MAKELAAR
from broker.settings import Party
from broker.settings import Settings

MUTUAL_TLS_INDEX: Final = 0
FRONT_INDEX: Final = 1
"""The indexes of our ArtifactResolutionServices, in metadata and artifacts."""


def needs_client_certificate(settings: Settings, partner: Partner) -> bool:
    """Whether this partner resolves our artifacts with a client certificate only."""
    if settings.back_channel == "off":
        return False
    connection = partner.connection
    may_do_without = settings.front_artifact_resolution and connection.tolerates(
        Tolerance.NO_CLIENT_CERTIFICATE
    )
    return connection.mutual_tls or not may_do_without


def resolution_services(settings: Settings) -> tuple[Endpoint, ...]:
    """The ArtifactResolutionServices of the makelaar as its metadata lists them; the first is the default."""
    found: list[Endpoint] = []
    if settings.back_channel != "off":
        found.append(_service(settings.back_channel_address, MUTUAL_TLS_INDEX, is_default=True))
    if settings.front_artifact_resolution:
        found.append(_service(settings.url(MAKELAAR), FRONT_INDEX, is_default=not found))
    return tuple(found)


def index_chooser(settings: Settings, party: Party) -> Callable[[Partner], int]:
    """Which of our services an artifact for a partner names. An embedded party has one, with index 0."""
    if party is not MAKELAAR:
        return lambda _: 0
    return lambda partner: MUTUAL_TLS_INDEX if needs_client_certificate(settings, partner) else FRONT_INDEX


def _service(url: str, index: int, *, is_default: bool) -> Endpoint:
    return Endpoint(BINDING_SOAP, url + paths.ARS, index, is_default=is_default)
