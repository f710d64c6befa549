"""Which addresses are fit to send people and messages to."""

import re
from ipaddress import IPv6Address
from ipaddress import ip_address
from urllib.parse import urlsplit


def location_problem(location: str) -> str | None:
    """Why a URL is not fit to send people or messages to, None when it is."""
    try:
        parts = urlsplit(location)
        local = parts.hostname in {"localhost", "127.0.0.1"}
    except ValueError:
        return "is no URL"
    if parts.username or parts.password:
        return "holds user information"
    if not parts.hostname or not location.isascii() or re.search(r"[\s<>\"'\\#]", location):
        return "is no absolute URL of plain ASCII"
    if _leads_nowhere(parts.hostname):
        return "is an address that no partner can have"
    if parts.scheme == "https" or (parts.scheme == "http" and local):
        return None
    return "must be https (http only on localhost)"


def _leads_nowhere(host: str) -> bool:
    """Whether a host is an address of one link (where clouds keep their secrets), of many, or of nobody."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_link_local or address.is_multicast or address.is_unspecified
