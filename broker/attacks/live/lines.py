"""Connections to the listener with mutual TLS, with client certificates good and bad.

They are issued by the development CA, so this plays only where the makelaar trusts that one.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from time import perf_counter

import urllib3

from broker.assembly import paths
from broker.attacks.draft import CannotBeMade
from broker.attacks.draft import Delivery
from broker.attacks.draft import Line
from broker.attacks.live.browser import Page
from broker.attacks.scene import Actor
from broker.exchange.own import system_clock
from broker.settings import Settings
from broker.signers.development_ca import issue_development_certificate
from broker.signers.development_ca import make_development_ca

_SECONDS = 20
_LONG_AGO, _TOMORROW = timedelta(days=-4 * 365), timedelta(days=1)
_OFF = {"expired": _LONG_AGO, "early": _TOMORROW}


def absent(settings: Settings) -> str | None:
    """Why certificates of the development CA are of no use at this makelaar, None when they are."""
    if settings.back_channel != "tls":
        return "this makelaar does not end mutual TLS itself"
    if (
        settings.client_authorities is not None
        or not settings.development_authority_stem.with_suffix(".key").is_file()
    ):
        return "this makelaar trusts other authorities than the development CA"
    return None


@dataclass(frozen=True)
class Lines:
    """The listener with mutual TLS of a makelaar on this machine; certificates are made in ``folder``."""

    settings: Settings
    folder: Path
    actors: Mapping[str, Actor]

    def send(self, delivery: Delivery, line: Line) -> Page:
        """Send a body over a connection of its own; status 0 when TLS did not let us in.

        Raises ``CannotBeMade`` when nothing listens.
        """
        url = self.settings.back_channel_address + paths.ARS
        pool = urllib3.PoolManager(ssl_context=self._context(line), retries=False, timeout=_SECONDS)
        began = perf_counter()
        try:
            answer = pool.request("POST", url, body=delivery.body, headers=delivery.headers)
        except urllib3.exceptions.NewConnectionError as error:
            raise CannotBeMade("nothing listens with mutual TLS") from error
        except urllib3.exceptions.HTTPError:
            return Page(url, 0, {}, b"", perf_counter() - began)
        finally:
            pool.clear()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Page(url, answer.status, headers, answer.data, perf_counter() - began)

    def _context(self, line: Line) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.settings.server_bundle)
        if line.certificate != "none":
            stem = self._stem(line)
            context.load_cert_chain(stem.with_suffix(".crt"), stem.with_suffix(".key"))
        return context

    def _stem(self, line: Line) -> Path:
        """Key and certificate: ``issued`` by the CA for the OIN, ``listed`` in metadata, or one that is no good.

        No good are ``expired``, ``early``, ``for-servers`` and of an ``unknown-ca`` of the same name.
        """
        actor = self.actors[line.of]
        if line.certificate == "listed":
            return actor.stem
        stem = self.folder / f"{line.certificate}-{actor.name}"
        issue_development_certificate(
            stem,
            ca=self._stranger
            if line.certificate == "unknown-ca"
            else self.settings.development_authority_stem,
            name=actor.name,
            oin=actor.entity_id.split(":")[3],
            now=system_clock() + _OFF.get(line.certificate, timedelta()),
            hosts=("localhost",) if line.certificate == "for-servers" else (),
        )
        return stem

    @cached_property
    def _stranger(self) -> Path:
        stem = self.folder / "unknown-ca"
        make_development_ca(stem, now=system_clock())
        return stem
