"""Checks of an AuthnRequest: how it was signed and sent."""

from collections.abc import Iterator

from broker.checks.captured import POST
from broker.checks.captured import REDIRECT
from broker.checks.families.signatures import broken
from broker.checks.families.signatures import forbidden_algorithms
from broker.checks.families.signatures import own_certificates
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_asked
from broker.checks.looking import on_captured
from broker.checks.looking import on_message
from broker.saml.errors import SamlError
from broker.saml.names import DS
from broker.saml.names import tag
from broker.saml.policy import CRYPTO
from broker.saml.policy import LIMITS
from broker.saml.redirect import decode_redirect
from broker.saml.redirect import verify_redirect

_SIGNATURE = tag(DS, "Signature")


@on_message("RQ-018")
def unsigned(message: Element, seen: Seen) -> Iterator[Found]:
    """Signed neither itself nor in the query string."""
    if message.find(_SIGNATURE) is None and not _is_signed_query(seen):
        yield Found(message)


@on_message("RQ-019")
def algorithms(message: Element, seen: Seen) -> Iterator[Found]:
    """SHA-1 and others that prove nothing any more."""
    signature = message.find(_SIGNATURE)
    if signature is not None:
        yield from forbidden_algorithms(signature)
        return
    captured = seen.captured
    if captured is not None and captured.is_signed_query and captured.algorithm not in CRYPTO.signature:
        yield Found(found=f"SigAlg={captured.algorithm}", line=1)


@on_asked("RQ-020")
def signature_holds(message: Element, _descriptor: Element, seen: Seen) -> Iterator[Found]:
    """A signature by a key that is not in the metadata, or over another message."""
    captured, certificates = seen.captured, own_certificates(seen)
    if any(True for _ in algorithms(message, seen)) or captured is None:
        return
    signature = message.find(_SIGNATURE)
    if signature is not None:
        yield from broken(signature, certificates)
    elif captured.is_signed_query and not captured.twice:
        try:
            verify_redirect(decode_redirect(captured.query), message, certificates, "")
        except SamlError as error:
            yield Found(message, str(error))


@on_message("RQ-021")
def certificate_inside(message: Element, _seen: Seen) -> Iterator[Found]:
    """A certificate that nobody looks at."""
    for found in message.iterfind(f"{_SIGNATURE}/{tag(DS, 'KeyInfo')}/{tag(DS, 'X509Data')}"):
        yield Found(found)


@on_captured("RQ-041")
def long_relay_state(seen: Seen) -> Iterator[Found]:
    """More than the stelsel allows."""
    size = _relay_state_bytes(seen)
    if LIMITS.relay_state_stelsel_bytes < size <= LIMITS.relay_state_bytes:
        yield Found(found=f"{size} bytes", line=1)


@on_captured("RQ-042")
def endless_relay_state(seen: Seen) -> Iterator[Found]:
    """More than we take."""
    size = _relay_state_bytes(seen)
    if size > LIMITS.relay_state_bytes:
        yield Found(found=f"{size} bytes", line=1)


@on_captured("RQ-044")
def deflated(seen: Seen) -> Iterator[Found]:
    """DEFLATE where only base64 belongs."""
    if seen.captured is not None and seen.captured.binding == POST and seen.captured.was_deflated:
        yield Found(found="DEFLATE", line=1)


@on_captured("RQ-045")
def parameter_twice(seen: Seen) -> Iterator[Found]:
    """Two values, of which software picks another one each time."""
    if seen.captured is not None and seen.captured.twice:
        yield Found(found=", ".join(seen.captured.twice), expected="1 ×", line=1)


@on_message("RQ-046")
def signed_twice(message: Element, seen: Seen) -> Iterator[Found]:
    """A signature in the message, which Redirect has elsewhere."""
    signature = message.find(_SIGNATURE)
    if signature is not None and seen.captured is not None and seen.captured.binding == REDIRECT:
        yield Found(signature)


def _is_signed_query(seen: Seen) -> bool:
    return seen.captured is not None and seen.captured.is_signed_query


def _relay_state_bytes(seen: Seen) -> int:
    relay_state = None if seen.captured is None else seen.captured.relay_state
    return len((relay_state or "").encode("utf-8"))
