"""Checks of the certificates in metadata and dienstencatalogus."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID

from broker.checks.families.keys import for_use
from broker.checks.listed import Listed
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_certificates
from broker.checks.looking import on_descriptor
from broker.domain.connection import Profile
from broker.saml.metadata import oin_of
from broker.saml.policy import CRYPTO

_OIN: Final = re.compile(r"[0-9]{20}")
_TEST_ENTITY: Final = re.compile(r".*:entities:9[0-9]{3}")
"""Indexes 9000 to 9999 are for tests (Afsprakenstelsel, EntityID)."""
_PKIOVERHEID: Final = "2.16.528.1.1003."
"""The arc of the certificate policies of PKIoverheid (Programma van Eisen, deel 3)."""
_WEAK_HASHES: Final = frozenset({"md5", "sha1"})
_SOON: Final = timedelta(days=60)
_LONGEST: Final = timedelta(days=3 * 366)


@on_certificates("CE-001")
def no_certificate(seen: Seen) -> Iterator[Found]:
    """No base64, or no X.509 in it."""
    for each in seen.listed:
        if each.certificate is None and "-----BEGIN" not in each.text:
            yield Found(each.element, f"{each.text.strip()[:24]} …")


@on_certificates("CE-002")
def no_rsa(seen: Seen) -> Iterator[Found]:
    """Keys that the signature algorithm of the stelsel cannot be made with."""
    for each in seen.listed:
        if each.certificate is not None and not isinstance(each.key, RSAPublicKey):
            yield Found(each.element, each.certificate.public_key_algorithm_oid.dotted_string)


@on_certificates("CE-003")
def short_key(seen: Seen) -> Iterator[Found]:
    """An RSA key that is too short."""
    for each in seen.listed:
        if isinstance(each.key, RSAPublicKey) and each.key.key_size < CRYPTO.minimum_rsa_bits:
            yield Found(
                each.element, f"{each.key.key_size} bits", expected=f"≥ {CRYPTO.minimum_rsa_bits} bits"
            )


@on_certificates("CE-004")
def small_exponent(seen: Seen) -> Iterator[Found]:
    """An RSA key that is easily forged with."""
    for each in seen.listed:
        if isinstance(each.key, RSAPublicKey):
            numbers = each.key.public_numbers()
            if numbers.e < CRYPTO.minimum_rsa_exponent or numbers.n % 2 == 0:
                yield Found(each.element, f"e = {numbers.e}", expected=f"e ≥ {CRYPTO.minimum_rsa_exponent}")


@on_certificates("CE-005")
def expired(seen: Seen) -> Iterator[Found]:
    """A certificate whose time is over."""
    now = seen.subject.now
    for each, certificate in _readable(seen):
        if certificate.not_valid_after_utc < now:
            yield Found(
                each.element, f"{certificate.not_valid_after_utc:%Y-%m-%d}", expected=f"> {now:%Y-%m-%d}"
            )


@on_descriptor("CE-026")
def nobody_can_sign(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """No key to sign with is within its time; another check says so of each."""
    listed = for_use(seen, descriptor, "signing")
    ends = [each.certificate.not_valid_after_utc for each in listed if each.certificate is not None]
    now = seen.subject.now
    if ends and max(ends) <= now:
        yield Found(listed[-1].element, f"{max(ends):%Y-%m-%d}", expected=f"> {now:%Y-%m-%d}")


@on_descriptor("CE-006")
def nobody_can_read(descriptor: Element, seen: Seen) -> Iterator[Found]:
    """Every key to encrypt for is outside its time, so that logins fail."""
    listed = for_use(seen, descriptor, "encryption")
    known = [each.certificate for each in listed if each.certificate is not None]
    if seen.profile is Profile.V1_11 or not known:
        return
    now = seen.subject.now
    if not any(each.not_valid_before_utc <= now <= each.not_valid_after_utc for each in known):
        yield Found(
            listed[-1].element,
            f"{known[-1].not_valid_before_utc:%Y-%m-%d} – {known[-1].not_valid_after_utc:%Y-%m-%d}",
        )


@on_certificates("CE-007")
def not_valid_yet(seen: Seen) -> Iterator[Found]:
    """A certificate whose time has to come."""
    now = seen.subject.now
    for each, certificate in _readable(seen):
        if certificate.not_valid_before_utc > now:
            yield Found(
                each.element, f"{certificate.not_valid_before_utc:%Y-%m-%d}", expected=f"≤ {now:%Y-%m-%d}"
            )


@on_certificates("CE-008")
def expires_soon(seen: Seen) -> Iterator[Found]:
    """Still good, but a new one takes weeks."""
    now = seen.subject.now
    for each, certificate in _readable(seen):
        if now <= certificate.not_valid_after_utc < now + _SOON:
            days = (certificate.not_valid_after_utc - now).days
            yield Found(each.element, f"{certificate.not_valid_after_utc:%Y-%m-%d} ({days} d)")


@on_certificates("CE-009")
def pem_header(seen: Seen) -> Iterator[Found]:
    """The lines of a PEM file inside the element."""
    for each in seen.listed:
        if "-----BEGIN" in each.text:
            yield Found(each.element, "-----BEGIN CERTIFICATE-----", expected="MII…")


@on_certificates("CE-010")
def weak_signature(seen: Seen) -> Iterator[Found]:
    """Signed by its issuer with a hash that can be forged."""
    for each, certificate in _readable(seen):
        name = _hash_of(certificate)
        if name in _WEAK_HASHES:
            yield Found(each.element, name, expected="sha256")


@on_certificates("CE-011")
def self_signed(seen: Seen) -> Iterator[Found]:
    """Nobody vouches for the key of what is no test."""
    if seen.entity is None or _TEST_ENTITY.fullmatch(seen.entity.get("entityID", "")):
        return
    for each, certificate in _readable(seen):
        if _is_self_signed(certificate):
            yield Found(each.element, certificate.issuer.rfc4514_string())


@on_certificates("CE-012")
def no_oin(seen: Seen) -> Iterator[Found]:
    """Whose certificate it is cannot be read from it."""
    for each, certificate in _readable(seen):
        if _oin_of(certificate) is None:
            yield Found(each.element, certificate.subject.rfc4514_string())


@on_certificates("CE-013")
def other_oin(seen: Seen) -> Iterator[Found]:
    """The certificate of somebody else."""
    own = None if seen.entity is None else oin_of(seen.entity.get("entityID", ""))
    for each, certificate in _readable(seen):
        oin = _oin_of(certificate)
        if own is not None and oin is not None and oin != own:
            yield Found(each.element, oin, expected=own)


@on_certificates("CE-014")
def not_pkioverheid(seen: Seen) -> Iterator[Found]:
    """Issued by another authority than those of PKIoverheid; of one that nobody issued another check tells."""
    for each, certificate in _readable(seen):
        if not _is_self_signed(certificate) and not _is_pkioverheid(certificate):
            yield Found(each.element, certificate.issuer.rfc4514_string(), expected=f"{_PKIOVERHEID}…")


@on_certificates("CE-019")
def valid_too_long(seen: Seen) -> Iterator[Found]:
    """Longer than an authority gives them out."""
    for each, certificate in _readable(seen):
        lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
        if not _is_self_signed(certificate) and lasts > _LONGEST:
            yield Found(each.element, f"{lasts.days} d", expected=f"≤ {_LONGEST.days} d")


@on_certificates("CE-020")
def not_for_this(seen: Seen) -> Iterator[Found]:
    """A KeyUsage without what the key is used for."""
    for each, certificate in _readable(seen):
        usage = _usage(certificate)
        if usage is None:
            continue
        if each.use != "encryption" and not (usage.digital_signature or usage.content_commitment):
            yield Found(each.element, "KeyUsage", expected="digitalSignature")
        elif each.use != "signing" and not usage.key_encipherment:
            yield Found(each.element, "KeyUsage", expected="keyEncipherment")


@on_certificates("CE-024")
def of_an_authority(seen: Seen) -> Iterator[Found]:
    """The certificate of an authority in the place of one's own."""
    for each, certificate in _readable(seen):
        basic = _extension(
            certificate, lambda extensions: extensions.get_extension_for_class(x509.BasicConstraints)
        )
        if isinstance(basic, x509.BasicConstraints) and basic.ca and not _is_self_signed(certificate):
            yield Found(each.element, certificate.subject.rfc4514_string())


def _readable(seen: Seen) -> Iterator[tuple[Listed, x509.Certificate]]:
    for each in seen.listed:
        if each.certificate is not None:
            yield each, each.certificate


def _hash_of(certificate: x509.Certificate) -> str:
    """The name of the hash under its signature; empty for an algorithm without one, or that nobody knows."""
    try:
        algorithm = certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return "" if algorithm is None else algorithm.name


def _is_self_signed(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer


def _oin_of(certificate: x509.Certificate) -> str | None:
    """The OIN in serialNumber of the subject."""
    values = (str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER))
    return next((value for value in values if _OIN.fullmatch(value)), None)


def _is_pkioverheid(certificate: x509.Certificate) -> bool:
    policies = _extension(
        certificate, lambda extensions: extensions.get_extension_for_class(x509.CertificatePolicies)
    )
    return isinstance(policies, x509.CertificatePolicies) and any(
        each.policy_identifier.dotted_string.startswith(_PKIOVERHEID) for each in policies
    )


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    found = _extension(certificate, lambda extensions: extensions.get_extension_for_class(x509.KeyUsage))
    return found if isinstance(found, x509.KeyUsage) else None


def _extension(
    certificate: x509.Certificate,
    get: Callable[[x509.Extensions], x509.Extension[x509.ExtensionType]],
) -> x509.ExtensionType | None:
    """The value of an extension; None when it is not there, or cannot be read."""
    try:
        return get(certificate.extensions).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None
