"""What kind of address a party is reached at: https, or http on the developer's own machine."""

from urllib.parse import urlsplit


def is_https(public_url: str) -> bool:
    """True for an https address, False for ``http://localhost``.

    Raises ``ValueError`` for anything else: a login must not travel over a network unencrypted, and only
    localhost never leaves the machine.
    """
    parts = urlsplit(public_url)
    if parts.scheme == "https" and parts.hostname:
        return True
    if parts.scheme == "http" and parts.hostname == "localhost":
        return False
    raise ValueError(
        f"public URL {public_url!r} must start with https://, or with http://localhost on a development "
        "machine: over any other http address cookies and login messages could be read on the way"
    )
