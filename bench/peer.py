"""A peer in the same run: the signatures and verifications of one login as pysaml2 makes them with xmlsec1.

This is no login and no broker. It is the cost of pysaml2's own functions for one small message, times the number of
operations that one login has; every message of a login is at least that large, so that this favours the peer.
"""

import resource
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.exchange.own import random_id

_TIMES = 6
_ISSUE_INSTANT = "2020-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Peer:
    """CPU ms of one signature, and of parsing, validating and verifying one message, with pysaml2 and xmlsec1."""

    sign: float
    verify: float


def measure(key_stem: Path) -> Peer | None:
    """Measure, the xmlsec1 processes included; None when xmlsec1 is not installed."""
    xmlsec1 = shutil.which("xmlsec1")
    if xmlsec1 is None:
        return None
    context = _context(xmlsec1, key_stem)
    signed = _sign(context)
    _verify(context, signed)  # loads the XML schemas, once
    return Peer(_cpu_ms(lambda: _sign(context)), _cpu_ms(lambda: _verify(context, signed)))


def _context(xmlsec1: str, key_stem: Path) -> Any:
    # Imported here: pysaml2 takes a second, which a run without xmlsec1 need not spend.
    from saml2.sigver import CryptoBackendXmlSec1
    from saml2.sigver import SecurityContext

    return SecurityContext(
        CryptoBackendXmlSec1(xmlsec1),
        key_file=str(key_stem.with_suffix(".key")),
        cert_file=str(key_stem.with_suffix(".crt")),
    )


def _sign(context: Any) -> str:
    from saml2 import class_name
    from saml2.saml import Issuer
    from saml2.samlp import AuthnRequest
    from saml2.sigver import pre_signature_part
    from saml2.xmldsig import DIGEST_SHA256
    from saml2.xmldsig import SIG_RSA_SHA256

    request = AuthnRequest(
        id=random_id(),
        version="2.0",
        issue_instant=_ISSUE_INSTANT,
        destination="http://localhost/sso",
        issuer=Issuer(text="urn:etoegang:DV:00000099000000006200:entities:9001"),
    )
    # The certificate goes along, so that verifying needs no metadata and so no look-up is counted.
    request.signature = pre_signature_part(
        request.id, context.my_cert, sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256
    )
    signed: str = context.sign_statement(str(request), class_name(request), node_id=request.id)
    return signed


def _verify(context: Any, signed: str) -> None:
    assert context.correctly_signed_authn_request(signed, must=True) is not None


def _cpu_ms(operation: Callable[[], object]) -> float:
    before = _cpu_seconds()
    for _ in range(_TIMES):
        operation()
    return (_cpu_seconds() - before) / _TIMES * 1000


def _cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
