"""Client certificates, good and bad, and connections that present them."""

import ssl
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from broker.assembly import paths
from broker.signers.development_ca import issue_development_certificate
from broker.signers.development_ca import make_development_ca
from tests.box import Box
from tests.journeys.foreign_dv import ForeignDv


@dataclass(frozen=True)
class Issuer:
    """Makes certificates under the development CA of a box, or under one of its own."""

    folder: Path
    ca: Path

    @classmethod
    def of(cls, box: Box, folder: Path) -> "Issuer":
        """The development CA of the box."""
        return cls(folder, box.settings.development_authority_stem)

    @classmethod
    def stranger(cls, folder: Path) -> "Issuer":
        """A CA that calls itself by the same name, with another key."""
        make_development_ca(folder / "stranger", now=datetime.now(UTC))
        return cls(folder, folder / "stranger")

    def issue(self, name: str, oin: str, now: datetime | None = None, hosts: tuple[str, ...] = ()) -> Path:
        """The path of key and certificate, without suffix; ``now`` is the moment of issue."""
        stem = self.folder / name
        moment = now or datetime.now(UTC)
        issue_development_certificate(stem, ca=self.ca, name=name, oin=oin, now=moment, hosts=hosts)
        return stem


class _Adapter(HTTPAdapter):
    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)


def client(box: Box, stem: Path | None) -> ssl.SSLContext:
    """TLS as a client with this certificate, or with none."""
    context = ssl.create_default_context(cafile=box.settings.server_bundle)
    if stem is not None:
        context.load_cert_chain(stem.with_suffix(".crt"), stem.with_suffix(".key"))
    return context


def resolve(
    dv: ForeignDv,
    artifact: str,
    context: ssl.SSLContext,
    headers: dict[str, str] | None = None,
    base: str | None = None,
) -> requests.Response:
    """What the listener with mutual TLS (or the one at ``base``) says to who resolves over this TLS."""
    with requests.Session() as session:
        session.mount("https://", _Adapter(context))
        url = (base or dv.box.settings.back_channel_address) + paths.ARS
        return session.post(
            url,
            data=dv.envelope(dv.resolve_message(artifact)),
            headers={"Content-Type": "text/xml; charset=utf-8", **(headers or {})},
            timeout=20,
        )
