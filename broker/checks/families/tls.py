"""Checks of the servers that the metadata names, by a connection to each."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from broker.checks.handshake import Handshake
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_handshakes

_SOON: Final = timedelta(days=21)
_MODERN: Final = frozenset({"TLSv1.2", "TLSv1.3"})
_RSA_BITS: Final = 2048
_CURVE_BITS: Final = 256


@on_handshakes("TL-001")
def unreachable(seen: Seen) -> Iterator[Found]:
    """Nobody answers."""
    yield from _with_problem(seen, "unreachable")


@on_handshakes("TL-002")
def other_name(seen: Seen) -> Iterator[Found]:
    """The certificate of another server."""
    yield from _with_problem(seen, "name")


@on_handshakes("TL-003")
def unknown_authority(seen: Seen) -> Iterator[Found]:
    """A chain that leads nowhere."""
    yield from _with_problem(seen, "chain")


@on_handshakes("TL-004")
def expired(seen: Seen) -> Iterator[Found]:
    """A certificate whose time is over."""
    yield from _with_problem(seen, "expired")


@on_handshakes("TL-005")
def expires_soon(seen: Seen) -> Iterator[Found]:
    """A certificate whose time is nearly over."""
    for each, certificate in _certificates(seen):
        end = certificate.not_valid_after_utc
        if seen.subject.now <= end < seen.subject.now + _SOON:
            yield Found(found=f"{end:%Y-%m-%d}", document=_place(each))


@on_handshakes("TL-006")
def outdated(seen: Seen) -> Iterator[Found]:
    """A version that must not be used any more."""
    for each in seen.handshakes or ():
        if each.version and each.version not in _MODERN:
            yield Found(found=each.version, document=_place(each))


@on_handshakes("TL-007")
def not_the_newest(seen: Seen) -> Iterator[Found]:
    """A version that is still sufficient."""
    for each in seen.handshakes or ():
        if each.version == "TLSv1.2":
            yield Found(found=each.version, document=_place(each))


@on_handshakes("TL-008")
def not_looked_at(seen: Seen) -> Iterator[Found]:
    """An address inside a network."""
    yield from _with_problem(seen, "forbidden")


@on_handshakes("TL-009")
def weak_key(seen: Seen) -> Iterator[Found]:
    """A key that is too short."""
    for each, certificate in _certificates(seen):
        key = certificate.public_key()
        is_short = isinstance(key, RSAPublicKey) and key.key_size < _RSA_BITS
        is_small = isinstance(key, EllipticCurvePublicKey) and key.key_size < _CURVE_BITS
        if isinstance(key, RSAPublicKey | EllipticCurvePublicKey) and (is_short or is_small):
            yield Found(found=f"{key.key_size} bits", document=_place(each))


def _with_problem(seen: Seen, problem: str) -> Iterator[Found]:
    for each in seen.handshakes or ():
        if each.problem == problem:
            yield Found(found=each.detail or problem, document=_place(each))


def _certificates(seen: Seen) -> Iterator[tuple[Handshake, x509.Certificate]]:
    for each in seen.handshakes or ():
        if each.certificate:
            try:
                yield each, x509.load_der_x509_certificate(each.certificate)
            except ValueError:
                continue


def _place(handshake: Handshake) -> str:
    return f"{handshake.host}:{handshake.port}"
