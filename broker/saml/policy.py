"""The one policy for cryptography and limits. What it does not list is refused before any key is touched."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

EXC_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA1: Final = "http://www.w3.org/2000/09/xmldsig#sha1"
AES256_CBC: Final = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
AES256_GCM: Final = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
RSA_OAEP_MGF1P: Final = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"


@dataclass(frozen=True, slots=True)
class CryptoPolicy:
    """Algorithms by URI, and the smallest RSA key in bits (Afsprakenstelsel, Digital signature).

    SHA-1 appears once, as the digest inside OAEP: that is what every observed message of the network carries, and
    OAEP does not rest on collision resistance. SHA-1 signatures are refused.
    """

    signature: frozenset[str] = frozenset({RSA_SHA256})
    digest: frozenset[str] = frozenset({SHA256})
    data_encryption: frozenset[str] = frozenset({AES256_CBC, AES256_GCM})
    key_transport: frozenset[str] = frozenset({RSA_OAEP_MGF1P})
    minimum_rsa_bits: int = 2048


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read, checked before the costly step each protects.

    A login's largest message, an ArtifactResponse with two embedded assertions, measures about 45 kB. libxml2
    itself stops at depth 256 (without ``huge_tree``), so the limit here is the tighter one.
    """

    message_bytes: int = 256 * 1024
    redirect_inflated_bytes: int = 64 * 1024
    metadata_bytes: int = 1024 * 1024
    """Of one partner's metadata or catalogue: some hundreds of services with a certificate each."""
    network_catalogue_bytes: int = 64 * 1024 * 1024
    """Of all dienstverleners together: six hundred were connected in 2024, each with a few services."""
    network_metadata_bytes: int = 96 * 1024 * 1024
    """Of the metadata of the network: some tens of parties in practice, a few kB each."""
    network_entities: int = 20_000
    depth: int = 64
    nodes: int = 20_000
    namespace_declarations: int = 2_000
    relay_state_bytes: int = 1024
    """The stelsel says 80; municipal software sends whole URLs (SAML bindings 3.4.3 against practice)."""
    relay_state_stelsel_bytes: int = 80
    """What the stelsel says; beyond it a partner needs the tolerance ``lange-relaystate``."""
    encrypted_keys: int = 5


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things hold, and how far clocks may differ."""

    request_window: timedelta = timedelta(minutes=5)
    clock_skew: timedelta = timedelta(seconds=60)
    assertion: timedelta = timedelta(minutes=2)
    assertion_backdate: timedelta = timedelta(seconds=5)
    artifact: timedelta = timedelta(minutes=2)
    journey: timedelta = timedelta(minutes=30)
    single_sign_on: timedelta = timedelta(hours=2)
    """Of a session at an authenticatiedienst, anew with each assertion (Single sign-on and user sessions)."""
    ad_list: timedelta = timedelta(days=1)
    """Of the list of authenticatiediensten for dienstverleners; a site that cannot reach us may go on with it."""
    ad_list_kept: timedelta = timedelta(minutes=10)
    """How long that list may be used without asking again."""


CRYPTO: Final = CryptoPolicy()
LIMITS: Final = Limits()
LIFETIMES: Final = Lifetimes()
