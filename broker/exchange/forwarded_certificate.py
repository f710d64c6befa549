"""The client certificate in a header of a reverse proxy, in the two ways that proxies write it.

RFC 9440 (``Client-Cert``): base64 between colons. nginx (``$ssl_client_escaped_cert``): PEM, percent-encoded. Which one
it is shows by itself; anything else is refused, two values that the server joined with a comma as well.
"""

import base64
import re
from urllib.parse import unquote

from broker.exchange.client_certificates import ClientCertificateRefused

_BYTE_SEQUENCE = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_ESCAPED = re.compile(r"[A-Za-z0-9+/=%_.~-]+")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\n?")


def read_forwarded_certificate(value: str) -> bytes | None:
    """The certificate (DER, still to be judged) in the value of the header; None when that is empty: no certificate.

    Raises ``ClientCertificateRefused`` for what is neither form.
    """
    if not value:
        return None
    text = value
    if found := _BYTE_SEQUENCE.fullmatch(value):
        text = found.group(1)
    elif _ESCAPED.fullmatch(value) and (found := _PEM.fullmatch(unquote(value, errors="replace"))):
        text = "".join(found.group(1).split())
    else:
        raise ClientCertificateRefused("the header is no client certificate of a proxy")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise ClientCertificateRefused("the header is no client certificate of a proxy") from None
