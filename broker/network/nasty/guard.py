"""Who misbehaves does so at home: with keys that the box made itself, on addresses that never leave this machine.

Everything that is not surely so is refused, at the start and again at each message that leaves.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from broker.settings import MAKELAAR
from broker.settings import Party
from broker.settings import Settings
from broker.signers.development_ca import is_of_development_ca
from broker.signers.files import is_development_certificate


class NotForProduction(Exception):
    """A party that misbehaves would meet the world outside; the text says by what."""


def require_harmless(settings: Settings, parties: Iterable[Party]) -> None:
    """Raise ``NotForProduction`` unless these parties, and the makelaar, are those of a box on this machine.

    A key that is not there yet is no objection: the box will make it.
    """
    if not settings.host.is_loopback:
        raise NotForProduction(f"MAKELAAR_HOST is {settings.host}, which others can reach")
    for url in (settings.url(MAKELAAR), settings.back_channel_address):
        require_local(url)
    for name in ("network_url", "client_authorities", "server_authorities"):
        if getattr(settings, name) is not None:
            raise NotForProduction(f"MAKELAAR_{name.upper()} is set: this installation deals with others")
    for party in dict.fromkeys((MAKELAAR, *parties)):
        _require_own_keys(settings, party)


def require_local(url: str) -> None:
    """Raise ``NotForProduction`` for an address that is not on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        local = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NotForProduction(f"{url} is not an address of this machine")


def _require_own_keys(settings: Settings, party: Party) -> None:
    signing = settings.key_stem(party).with_suffix(".crt")
    if signing.exists() and not is_development_certificate(
        signing, name=party.display_name("nl"), oin=party.oin
    ):
        raise NotForProduction(f"{signing} is not a key that makelaar run made")
    stems = [settings.client_stem(party), *([settings.listener_stem] if party is MAKELAAR else [])]
    for certificate in (stem.with_suffix(".crt") for stem in stems):
        ca = settings.development_authority_stem.with_suffix(".crt")
        if certificate.exists() and not is_of_development_ca(certificate, ca):
            raise NotForProduction(f"{certificate} is not of the development CA")
