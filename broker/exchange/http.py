"""The back channel: SOAP over HTTP, to addresses from metadata only."""

import ssl
from urllib.parse import urlsplit

import urllib3

from broker.exchange.deadline import PoolManager
from broker.exchange.turns import NoTurn
from broker.exchange.turns import Turns
from broker.saml.names import SOAP_ACTION
from broker.saml.policy import CALLS
from broker.saml.policy import LIMITS
from broker.saml.soap import CONTENT_TYPE

_CHUNK = 64 * 1024
_CONNECTIONS = 8
"""Kept open to one partner, per process."""
_HEADERS = {"Content-Type": CONTENT_TYPE, "Accept": "text/xml", "SOAPAction": f'"{SOAP_ACTION}"'}


class PartnerUnavailable(Exception):
    """A partner did not answer on the back channel, or not with what SOAP asks."""


class SoapClient:
    """One pool of connections per process. No redirects, no retries, a bound on what is read."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        seconds: float | None = None,
        at_once: int | None = None,
    ) -> None:
        """Open no connection yet; safe to make before a fork as long as it is used after.

        ``tls`` is of ``exchange.tls.client_context``; without it no server on https is trusted. ``seconds`` is how long
        a whole answer may take, headers and body, and ``at_once`` how many threads may wait for one partner.
        """
        seconds = CALLS.answer_seconds if seconds is None else seconds
        self._turns = Turns(_CONNECTIONS if at_once is None else at_once)
        context = tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        timeout = urllib3.Timeout(connect=min(CALLS.connect_seconds, seconds), read=seconds)
        self._pool = PoolManager(
            num_pools=20, maxsize=_CONNECTIONS, retries=False, timeout=timeout, ssl_context=context
        )

    def post(self, url: str, body: bytes) -> bytes:
        """Send an envelope; the body of the answer. Raises ``PartnerUnavailable``."""
        try:
            with self._turns.turn(urlsplit(url).netloc):
                return self._post(url, body)
        except NoTurn:
            raise PartnerUnavailable("too many wait for this partner already") from None

    def _post(self, url: str, body: bytes) -> bytes:
        try:
            answer = self._pool.request(
                "POST", url, body=body, headers=_HEADERS, redirect=False, preload_content=False
            )
            try:
                data = _read(answer)
            finally:
                answer.release_conn() if answer.closed or answer.length_remaining == 0 else answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise PartnerUnavailable(type(error).__name__) from None
        if answer.length_remaining:
            raise PartnerUnavailable("the answer is cut off")
        if answer.status not in {200, 500}:  # SOAP 1.1 sends faults with status 500
            raise PartnerUnavailable(f"status {answer.status}")
        return data


def _read(answer: urllib3.BaseHTTPResponse) -> bytes:
    data = b""
    while chunk := answer.read1(_CHUNK, decode_content=False):
        data += chunk
        if len(data) > LIMITS.message_bytes:
            raise PartnerUnavailable("the answer is over the limit")
    return data
