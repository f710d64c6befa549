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
    """Of messages and metadata.

    Past it: `handtekening-ongeldig`, page; thrown away when it is an answer. No key is touched.
    """
    digest: frozenset[str] = frozenset({SHA256})
    """In the Reference of a signature.

    Past it: as for signatures.
    """
    data_encryption: frozenset[str] = frozenset({AES256_CBC, AES256_GCM})
    """Of identifiers, attributes and assertions. CBC is what the network uses.

    Past it: not opened, with the one text for everything that cannot be.
    """
    key_transport: frozenset[str] = frozenset({RSA_OAEP_MGF1P})
    """Of the key with which they are encrypted; never PKCS #1 v1.5.

    Past it: as for encryption; no key is touched.
    """
    minimum_rsa_bits: int = 2048
    """Of a key in metadata, at least (Afsprakenstelsel, Digital signature).

    Past it: the import is refused and nothing changes.
    """
    minimum_rsa_exponent: int = 65537
    """Of a key in metadata, at least (FIPS 186-5, A.1.1): with small ones a mistake in padding is enough to forge.

    Past it: the import is refused and nothing changes.
    """


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read, checked before the costly step each protects.

    A login's largest message, an ArtifactResponse with two embedded assertions, measures about 45 kB in some 400
    elements, 20 deep. ``docs/limits.md`` is made from these texts: what is bounded and why, then what happens past it.
    """

    message_bytes: int = 256 * 1024
    """Of one message, as it came or after base64. Five times the largest of a login.

    Past it: `bericht-te-groot`, page; from a partner on the back channel it counts as no answer.
    """
    redirect_inflated_bytes: int = 64 * 1024
    """Of a message after DEFLATE. A request is 2 to 4 kB; 8 kB of DEFLATE can become 8 MB.

    Past it: `bericht-te-groot`, page; nothing beyond this is ever inflated.
    """
    metadata_bytes: int = 1024 * 1024
    """Of one partner's metadata or catalogue. Some hundreds of services, with a certificate each.

    Past it: the import is refused and nothing changes.
    """
    network_catalogue_bytes: int = 64 * 1024 * 1024
    """Of the catalogue of all dienstverleners together. Six hundred were connected in 2024, with a few services each.

    Past it: refused; the last good one stays in use.
    """
    network_metadata_bytes: int = 96 * 1024 * 1024
    """Of the metadata of the network. Some tens of parties in practice, a few kB each.

    Past it: the import is refused and nothing changes.
    """
    network_entities: int = 20_000
    """Entities in the metadata of the network: more than there are companies that could be one.

    Past it: the import is refused and nothing changes.
    """
    depth: int = 64
    """Elements within each other: three times the deepest message. libxml2 itself stops at 256, before memory suffers.

    Past it: `bericht-te-groot`, page.
    """
    nodes: int = 20_000
    """Elements of a message, counted as opening tags before anything is parsed. Each costs some 150 bytes in a tree.

    Past it: `bericht-te-groot`, page.
    """
    attributes: int = 20_000
    """Attributes of a message: as many as elements, each as costly.

    Past it: `bericht-te-groot`, page.
    """
    attributes_per_element: int = 64
    """Attributes of one element; SAML and metadata have a dozen at most. Canonicalisation sorts them in quadratic time:
    22,000 of them, in a message within its size, took two seconds.

    Past it: `bericht-te-groot`, page.
    """
    namespace_declarations: int = 2_000
    """Of a message, counted before anything is parsed: no declaration is made without the letters xmlns. Some software
    declares two on each element.

    Past it: `bericht-te-groot`, page.
    """
    bytes_per_node: int = 16
    """Of a larger document (metadata, catalogue): at most one element, and one attribute, in so many of the bytes it
    may have. `<a/>` repeated would take 3 GB where 96 MB of metadata are allowed.

    Past it: the import is refused and nothing changes.
    """
    bytes_per_namespace: int = 64
    """Of a larger document: at most one namespace declaration in so many of the bytes it may have.

    Past it: the import is refused and nothing changes.
    """
    relay_state_bytes: int = 1024
    """The stelsel says 80; municipal software sends whole URLs (SAML bindings 3.4.3 against practice).

    Past it: `bericht-te-groot`, page.
    """
    relay_state_stelsel_bytes: int = 80
    """What the stelsel says of RelayState.

    Past it: a partner needs the tolerance `lange-relaystate`, else `afwijking-niet-toegestaan`, page and Response.
    """
    id_characters: int = 128
    """Of the ID of a message, which is kept to see a replay. Software uses 20 to 60 (SAML core 1.3.4 asks 128 bits).

    Past it: `bericht-ongeldig`, page; thrown away when it is an answer.
    """
    signature_prefixes: int = 20
    """In the PrefixList of a signature; two (xs, xsi) are usual. Each costs a look at every namespace in scope.

    Past it: `handtekening-ongeldig`, page; thrown away when it is an answer.
    """
    prefix_characters: int = 32
    """Of one prefix in that list: what libxml2 is given to remember for as long as a process lives.

    Past it: as for the list.
    """
    encrypted_keys: int = 5
    """EncryptedKeys of one EncryptedID: dienstverlener and one register in a chain, and some to spare. Each may cost
    one RSA operation of whoever decrypts.

    Past it: `antwoord-ongeldig`, thrown away; no key is tried.
    """
    certificates: int = 10
    """Of one use (signing or encryption) in one partner's metadata: a rollover needs two. All are tried on a signature
    that does not fit.

    Past it: the import is refused and nothing changes.
    """
    pinned_certificates: int = 5_000
    """Client certificates that the second listener trusts one by one, since no authority of ours issued them. Each
    takes 4 kB and a quarter of a millisecond at every change; under PKIoverheid there are none.

    Past it: those of the last entityIDs are not let in, which the log says.
    """
    name_characters: int = 500
    """Of a name in metadata or catalogue: more than any organisation is called, and than a list can show.

    Past it: the import is refused and nothing changes.
    """
    metadata_versions: int = 2
    """Descriptors of one entity: the one in force, and the one that a planned change announces.

    Past it: the import is refused and nothing changes.
    """
    provider_name_characters: int = 64
    """Of ProviderName: as long as a service name may be in the catalogue.

    Past it: the rest is not shown.
    """
    scoped: int = 50
    """Authenticatiediensten of an IDPList: more than there are.

    Past it: the rest is not offered.
    """
    context_classes: int = 20
    """Classes in one RequestedAuthnContext; they are kept with the login. There are five levels, and a handful of
    classes of other software for each.

    Past it: `bericht-ongeldig`, page.
    """
    requested_attributes: int = 100
    """Attributes asked in one request; they are kept with the login. The attribuutcatalogus has fewer.

    Past it: `bericht-ongeldig`, page.
    """
    session_indexes: int = 20
    """SessionIndexes in one LogoutRequest: more than anybody has sessions at one dienstverlener in one browser.

    Past it: `bericht-ongeldig`, page.
    """

    def posted_characters(self) -> int:
        """Of a message in a form field: base64 takes a third more, and line breaks some on top."""
        return self.message_bytes * 3 // 2

    def form_bytes(self) -> int:
        """Of the whole body of a form: the message as it is posted, with room for the other fields."""
        return self.message_bytes * 2


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things hold, and how far clocks may differ."""

    request_window: timedelta = timedelta(minutes=5)
    """How old a request may be. It travels through one browser, at once.

    Past it: `verzoek-verlopen`, page and Response.
    """
    clock_skew: timedelta = timedelta(seconds=60)
    """How far a partner's clock may be ahead of ours or behind. Everybody in the network keeps NTP time.

    Past it: `verzoek-verlopen`, page and Response; an answer is thrown away.
    """
    assertion: timedelta = timedelta(minutes=2)
    """How long an assertion of ours holds: it is fetched by the browser's next request.

    Past it: the dienstverlener must refuse it.
    """
    assertion_backdate: timedelta = timedelta(seconds=5)
    """How much earlier than now our assertions say they begin, for clocks of dienstverleners that are behind.

    Past it: nothing; it is what we write.
    """
    artifact: timedelta = timedelta(minutes=2)
    """How long a message waits for its ArtifactResolve; that comes within a second.

    Past it: an ArtifactResponse without message.
    """
    journey: timedelta = timedelta(minutes=30)
    """How long a login may take, with a person looking for a phone and a paper with a code.

    Past it: `sessie-verlopen`, page.
    """
    single_sign_on: timedelta = timedelta(hours=2)
    """Of a session at an authenticatiedienst, anew with each assertion (Single sign-on and user sessions).

    Past it: the person logs in again; an answer with an older AuthnInstant is thrown away.
    """
    ad_list: timedelta = timedelta(days=1)
    """Of the list of authenticatiediensten for dienstverleners; a site that cannot reach us may go on with it.

    Past it: validUntil is over, and software should not use it.
    """
    refusal_beat: timedelta = timedelta(milliseconds=20)
    """A cryptographic failure is answered at the end of such a beat. Refusing takes some 4 ms of CPU, so nearly all
    leave at the end of the first; and under a flood of refusals threads that wait this long are no scarcer than CPU.

    Past it: the end of the next one.
    """
    ad_list_kept: timedelta = timedelta(minutes=10)
    """How long that list may be used without asking again.

    Past it: software asks again.
    """


@dataclass(frozen=True, slots=True)
class Front:
    """What one browser, or whoever speaks as one, may bring and cause. Sizes of messages are in ``Limits``."""

    request_line_bytes: int = 8190
    """Of method, address and version: what gunicorn allows at most, and four times a long Redirect.

    Past it: status 414, connection closed; nothing of ours has looked.
    """
    header_field_bytes: int = 16 * 1024
    """Of one header. Each login under way is a cookie of some 60 bytes, all in one header; browsers keep at most 180 of
    a host.

    Past it: status 431, connection closed; nothing of ours has looked.
    """
    header_fields: int = 100
    """Headers of one request: browsers send twenty, a proxy adds five.

    Past it: status 431, connection closed; nothing of ours has looked.
    """
    form_fields: int = 20
    """Fields of a form: ours have six at most. Half a megabyte of `a&a&a` took 0.3 seconds and 20 MB to read.

    Past it: `bericht-te-groot`, page, status 413, before the form is read.
    """
    form_escapes: int = 40_000
    """Escaped characters (%2B) of a form: of base64 one in thirty is, and line breaks. Each takes 240 bytes to undo;
    half a megabyte of nothing else took 40 MB.

    Past it: `bericht-te-groot`, page, status 413, before the form is read.
    """
    journeys_per_browser: int = 64
    """Logins under way in one browser at one party, one cookie each. Nobody has so many tabs with a login; browsers
    forget cookies of a host from 150 on, and then whichever they like.

    Past it: the oldest login is let go of; its tab says `cookie-ontbreekt` and to log in again.
    """
    recorded_a_minute: int = 600
    """Dead ends, and stale requests, that reach the audit log. Anybody can cause them, and the durable record must not
    be for strangers to fill.

    Past it: the same page; it is logged, not recorded.
    """
    unknown_artifacts_a_minute: int = 120
    """That one partner asks for and that lead to nothing. A page that is reloaded asks for one; two a second are no
    person any more, but software that goes wrong, or guesses at what it cannot guess (160 bits).

    Past it: a SOAP fault in the place of an answer without message, and `artifacts_guessed` in the log. What was really
    held for the partner is still handed out: a stranger's browser can make any dienstverlener ask for nonsense.
    """
    handshake_seconds: float = 5
    """For a TLS handshake at the listener with mutual TLS, in which a thread waits.

    Past it: connection closed, and logged.
    """


@dataclass(frozen=True, slots=True)
class Calls:
    """What we wait for, and take, when we call a partner."""

    connect_seconds: float = 3
    """For a connection to a partner.

    Past it: the partner is unavailable; the person may choose another authenticatiedienst.
    """
    answer_seconds: float = 10
    """For a whole answer, headers included, unless ``partner_seconds`` says otherwise: a person waits, and so does one
    of our threads. A timeout of reading would begin anew with each byte that a partner lets through.

    Past it: the partner is unavailable; the person may choose another authenticatiedienst.
    """
    patience_seconds: float = 2
    """For an answer of a partner for which half of the threads of a process wait already: the others are for other
    partners.

    Past it: the partner is unavailable, at once.
    """
    fetches_at_once: int = 2
    """Of artifacts from one dienstverlener at the same time, per process. A fetch takes milliseconds when it is well,
    and any stranger can hand us an artifact in its name.

    Past it: `bericht-ongeldig`, page, at once.
    """


CRYPTO: Final = CryptoPolicy()
LIMITS: Final = Limits()
LIFETIMES: Final = Lifetimes()
FRONT: Final = Front()
CALLS: Final = Calls()
