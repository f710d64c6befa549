"""Whose client certificate it is: bound to a partner by its metadata, or by an authority and its OIN.

SAML bindings 3.6.5 wants both sides of an artifact resolution known. What TLS (or a proxy) let in is only a holder of
some certificate; here is decided whether it is this partner, at every request, so that a partner who was removed, or a
certificate that ended, counts at once on a connection that stays open.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.oid import NameOID

from broker.exchange.tls import UnusableTls
from broker.saml.errors import SamlError
from broker.saml.partner import Partner


class ClientCertificateRefused(SamlError):
    """Who asks does not show to be the partner it says it is. The text names no value of the certificate."""

    code = "partij-onbekend"


class ClientAuthorities:
    """The authorities under which partners have their client certificates; read once."""

    def __init__(self, authorities: list[x509.Certificate]) -> None:
        """``authorities`` are those that issue, or that stand above those that issue and are listed with them."""
        self._authorities = tuple(authorities)
        self._subjects = {authority.subject for authority in authorities}
        self._policy = (
            verification.PolicyBuilder()
            .store(verification.Store(authorities))
            .extension_policies(
                ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(), ee_policy=_CLIENT
            )
        )

    @classmethod
    def load(cls, bundle: Path) -> "ClientAuthorities":
        """Read a PEM bundle. Raises ``UnusableTls`` that names the file."""
        try:
            return cls(x509.load_pem_x509_certificates(bundle.read_bytes()))
        except (OSError, ValueError, UnsupportedAlgorithm) as error:
            raise UnusableTls(f"{bundle}: {type(error).__name__}") from None

    def key_identifiers(self, now: datetime) -> Iterator[bytes]:
        """The key identifiers of those that are valid at this moment, as certificates that they issue name them."""
        for authority in self._authorities:
            if authority.not_valid_before_utc <= now <= authority.not_valid_after_utc:
                with suppress(x509.ExtensionNotFound):
                    yield authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest

    def share_a_name_with(self, certificate: x509.Certificate) -> bool:
        """Whether the certificate is called as one of the authorities."""
        return certificate.subject in self._subjects

    def issued(self, certificate: x509.Certificate, now: datetime) -> bool:
        """Whether one of them stands behind this client certificate, at this moment."""
        try:
            self._policy.time(now).build_client_verifier().verify(certificate, [])
        except verification.VerificationError:
            return False
        return True


def require_partner(
    der: bytes | None, partner: Partner, authorities: ClientAuthorities, now: datetime
) -> None:
    """Return when the certificate (DER; None for none at all) is this partner's. Raises ``ClientCertificateRefused``.

    It is when its public key is one that the partner's metadata lists to verify signatures with (SAML metadata
    2.4.1.1: ``signing`` is for TLS clients as well), or when an authority issued it for the partner's OIN.
    """
    if der is None:
        raise ClientCertificateRefused("there is no client certificate")
    try:
        certificate = x509.load_der_x509_certificate(der)
        key = certificate.public_key()
        holder = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ClientCertificateRefused("the client certificate cannot be read") from None
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ClientCertificateRefused("the client certificate is not valid at this moment")
    if any(key == known.public_key for known in partner.signing):
        return
    if partner.oin is None or [each.value for each in holder] != [partner.oin]:
        raise ClientCertificateRefused("the client certificate is not in the metadata and of another OIN")
    if not authorities.issued(certificate, now):
        raise ClientCertificateRefused("no authority of ours issued the client certificate")


def _for_clients(
    _policy: verification.Policy, _certificate: x509.Certificate, usage: x509.ExtendedKeyUsage | None
) -> None:
    if usage is not None and ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise ValueError("not for clients")


def _no_authority(
    _policy: verification.Policy, _certificate: x509.Certificate, basic: x509.BasicConstraints | None
) -> None:
    if basic is not None and basic.ca:
        raise ValueError("an authority is no client")


_CLIENT = (
    verification.ExtensionPolicy.permit_all()
    .may_be_present(x509.ExtendedKeyUsage, verification.Criticality.AGNOSTIC, _for_clients)
    .may_be_present(x509.BasicConstraints, verification.Criticality.AGNOSTIC, _no_authority)
)
"""No names of hosts are needed: a partner is known by its OIN."""
