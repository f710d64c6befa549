"""Fetching a document that an operator names by URL, without being led into the network behind us.

An address that somebody sent along may be any address. What counts is where a name leads at the moment of connecting:
each address that it resolves to is judged, and one of those is connected to, so that no second answer of a name server
makes a difference.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from ipaddress import IPv4Network
from ipaddress import IPv6Address
from ipaddress import IPv6Network
from ipaddress import ip_address
from ipaddress import ip_network
from typing import Any
from typing import Final
from urllib.parse import urlsplit

import urllib3
from urllib3.util.connection import create_connection

from broker.exchange.deadline import PoolManager
from broker.exchange.deadline import TlsConnection
from broker.exchange.deadline import TlsPool

Networks = Sequence[IPv4Network | IPv6Network]

_TIMEOUT = urllib3.Timeout(connect=5, read=20)
"""The latter for the whole answer, however slowly it comes."""
_LOCAL: Final = frozenset({"localhost", "127.0.0.1"})
_LOOPBACK: Final = ip_address("127.0.0.1")
_INSIDE: Final = (
    "the address is inside a network, not on the internet. If it is yours, fetch the document "
    "yourself and give the file, or name the network in fetch_networks of the settings."
)
_NAT64 = ip_network("64:ff9b::/96")


class NotFetched(Exception):
    """The document could not be had, or its address may not be asked; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: ``data`` is None when it is as it was. The validators are for the next time."""

    data: bytes | None
    etag: str = ""
    last_modified: str = ""


def fetch(url: str, maximum: int, allowed: Networks = (), *, here: bool = False) -> bytes:
    """At most ``maximum`` bytes of a URL, as ``fetch_again`` has it. Raises ``NotFetched``."""
    return fetch_again(url, maximum, allowed, here=here).data or b""


def fetch_again(
    url: str,
    maximum: int,
    allowed: Networks = (),
    *,
    here: bool = False,
    etag: str = "",
    last_modified: str = "",
) -> Fetched:
    """At most ``maximum`` bytes of a URL: https, and http on this machine only. Raises ``NotFetched``.

    With the validators of the time before, nothing comes when it is as it was (RFC 9110, 13.1).
    Redirects are not followed, so that what was typed is what is read. A name must lead to public addresses, or to
    those in ``allowed``. ``here`` says that whoever typed it may ask this very machine, as localhost: a developer
    trying things out may, but in production what listens there is not for partners.
    """
    try:
        parts = urlsplit(url)
        local = parts.hostname in _LOCAL
    except ValueError:
        raise NotFetched("this is no URL.") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise NotFetched("use https, or http on localhost.")
    if local and not here and not any(_LOOPBACK in network for network in allowed):
        raise NotFetched(_INSIDE)
    known = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {name: value for name, value in known.items() if value}
    pool = PoolManager(timeout=_TIMEOUT, retries=False)
    if not local:
        pool.pool_classes_by_scheme = {"https": _guarded(allowed)}
    try:
        answer = pool.request("GET", url, redirect=False, preload_content=False, headers=headers)
        data = answer.read(maximum + 1, decode_content=True)
    except Forbidden as error:
        raise NotFetched(str(error)) from None
    except urllib3.exceptions.HTTPError as error:
        raise NotFetched(f"not reached ({type(error).__name__}). Is the address right?") from None
    finally:
        pool.clear()
    if answer.status == 304 and headers:
        return Fetched(None, etag, last_modified)
    if answer.status != 200:
        raise NotFetched(f"answered {answer.status}. Give the address of the document itself.")
    if len(data) > maximum:
        raise NotFetched(f"larger than {maximum // 2**20} MiB.")
    said = answer.headers
    return Fetched(bytes(data), said.get("ETag", ""), said.get("Last-Modified", ""))


def is_public(text: str) -> bool:
    """Whether an address is one of the internet, also when it is an IPv4 address written inside another."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            address = inside
    return address.is_global and not address.is_multicast


class Forbidden(Exception):
    """The name leads somewhere that we do not go; the text says what to do."""


def judged_address(host: str, port: int, allowed: Networks = ()) -> str:
    """The address to connect to for a name: every one that it leads to is on the internet, or in ``allowed``.

    Raises ``Forbidden``, or OSError for a name that leads nowhere.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(str(error)) from None
    addresses = [str(each[4][0]) for each in found]
    if not all(
        is_public(each) or any(ip_address(each) in network for network in allowed) for each in addresses
    ):
        raise Forbidden(_INSIDE)
    return addresses[0]


def _guarded(allowed: Networks) -> type[TlsPool]:
    class Guarded(TlsConnection):
        """A connection to an address that was judged."""

        def _new_conn(self) -> socket.socket:
            try:
                address = judged_address(self._dns_host, self.port, allowed)
            except OSError as error:
                raise urllib3.exceptions.NameResolutionError(
                    self.host, self, socket.gaierror(str(error))
                ) from None
            try:
                options: Any = self.socket_options
                return create_connection((address, self.port), self.timeout, self.source_address, options)
            except OSError as error:
                raise urllib3.exceptions.NewConnectionError(self, type(error).__name__) from None

    class Pool(TlsPool):
        """Connections of that kind."""

        ConnectionCls = Guarded

    return Pool
