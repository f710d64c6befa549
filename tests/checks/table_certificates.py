"""Examples of the checks of certificates."""

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from broker.domain.connection import Profile
from tests.checks.examples import OTHER
from tests.checks.examples import Example
from tests.checks.examples import beside
from tests.checks.examples import metadata
from tests.checks.good import OTHER_OIN
from tests.checks.good import key_info
from tests.checks.good import listed
from tests.checks.good import made_certificate
from tests.checks.good import self_signed
from tests.checks.good import weak_certificate

_SIGNING = f'<md:KeyDescriptor use="signing">{key_info()}</md:KeyDescriptor>\n'
_ENCRYPTION = f'<md:KeyDescriptor use="encryption">{key_info()}</md:KeyDescriptor>\n'
_BASE64 = listed(made_certificate()).base64()


def _beside(certificate: x509.Certificate, also: str = "", name: str | None = None) -> Example:
    """A second certificate for signing."""
    second = f'<md:KeyDescriptor use="signing">{key_info(certificate, name)}</md:KeyDescriptor>\n'
    return metadata(_SIGNING, _SIGNING + second, also=also)


def _instead(certificate: x509.Certificate, also: str = "", profile: Profile | None = None) -> Example:
    """Another certificate for encryption."""
    other = f'<md:KeyDescriptor use="encryption">{key_info(certificate)}</md:KeyDescriptor>\n'
    return metadata(_ENCRYPTION, other, also=also, profile=profile)


def _second(text: str) -> str:
    return f'<md:KeyDescriptor use="signing">{text}</md:KeyDescriptor>\n'


_TWO = key_info().replace(
    "</ds:X509Data>",
    f"<ds:X509Certificate>{listed(made_certificate('other')).base64()}</ds:X509Certificate></ds:X509Data>",
)

CERTIFICATES: dict[str, Example] = {
    "CE-001": metadata(_SIGNING, _SIGNING + _second(key_info().replace(_BASE64, "MIIabcde"))),
    "CE-002": _beside(made_certificate("curve", curve=True)),
    "CE-003": _beside(made_certificate("short", bits=1024)),
    "CE-004": _beside(made_certificate("three", exponent=3)),
    "CE-005": _beside(made_certificate("old", days=(-400, -1))),
    "CE-006": _instead(made_certificate("coming", days=(5, 400)), also="CE-007"),
    "CE-007": _beside(made_certificate("coming", days=(5, 400))),
    "CE-008": _beside(made_certificate("ending", days=(-300, 20))),
    "CE-009": metadata(
        _SIGNING, _SIGNING + _second(key_info().replace(_BASE64, f"-----BEGIN CERTIFICATE-----\n{_BASE64}"))
    ),
    "CE-010": _beside(weak_certificate()),
    "CE-011": _beside(self_signed("own")),
    "CE-012": _beside(made_certificate("nameless", oin=None)),
    "CE-013": _beside(made_certificate("supplier", oin=OTHER_OIN)),
    "CE-014": _beside(made_certificate("public", policy=ObjectIdentifier("2.23.140.1.2.2"))),
    "CE-015": metadata(f"<ds:KeyName>{listed(made_certificate()).key_name}</ds:KeyName>", ""),
    "CE-016": _beside(made_certificate("other"), also="CE-017", name=listed(made_certificate()).key_name),
    "CE-017": metadata(listed(made_certificate()).key_name, "0" * 64),
    "CE-018": beside(key=(OTHER,)),
    "CE-019": _beside(made_certificate("long", days=(-30, 3000))),
    "CE-020": _beside(made_certificate("sealing", usage=(False, True))),
    "CE-021": metadata(_SIGNING, _SIGNING + _second("<ds:KeyInfo><ds:KeyName>a</ds:KeyName></ds:KeyInfo>")),
    "CE-022": metadata(_SIGNING, _second(_TWO), also="CE-016 CE-017"),
    "CE-023": metadata(_SIGNING, _SIGNING * 2),
    "CE-024": _beside(made_certificate("authority", authority=True)),
    "CE-025": metadata(
        _ENCRYPTION,
        _ENCRYPTION.replace(
            "</md:KeyDescriptor>",
            '<md:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#tripledes-cbc"/></md:KeyDescriptor>',
        ),
    ),
    "CE-026": metadata(
        _SIGNING, _SIGNING.replace(key_info(), key_info(made_certificate(days=(-400, -1)))), also="CE-005"
    ),
}
