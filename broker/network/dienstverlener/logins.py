"""One login at the demo dienstverlener: what was asked, what went over the line, what came of it."""

from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Any

from broker.exchange.http import SoapClient


class Ended(StrEnum):
    """How a login ended."""

    LOGGED_IN = "logged-in"
    FAILED = "failed"
    """The makelaar said no."""
    REFUSED = "refused"
    """We do not believe what came in."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login as the state store keeps it.

    ``service_id`` is None for an index that our metadata does not have, ``level`` the least that will do. ``exchanged``
    holds (title, ``sent`` or ``received``, message); ``outcome`` depends on ``ended``, and holds identifiers as they
    came: encrypted.
    """

    request_id: str
    service_id: str | None
    level: str
    exchanged: list[tuple[str, str, str]] = field(repr=False)
    ended: str | None = None
    outcome: dict[str, Any] = field(default_factory=dict, repr=False)


class ListeningClient(SoapClient):
    """A back channel that keeps what went over it, to show it."""

    def __init__(self, client: SoapClient) -> None:
        """Send by ``client``, whose connections stay shared."""
        self._client = client
        self.exchanged: list[tuple[str, str, str]] = []

    def post(self, url: str, body: bytes) -> bytes:
        """Send an envelope; the body of the answer. Raises ``PartnerUnavailable``."""
        self.exchanged.append(("ArtifactResolve", "sent", body.decode()))
        answer = self._client.post(url, body)
        self.exchanged.append(("ArtifactResponse", "received", answer.decode(errors="replace")))
        return answer
