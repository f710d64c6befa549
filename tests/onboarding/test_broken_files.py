"""Partner files as they come in practice, broken: each is refused in words that name place and rule, nothing changes,
and meanwhile people go on logging in at another dienstverlener.
"""

import gzip
import re
import threading
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from bench.generated import documents
from broker.cli import main
from broker.ports import Role
from broker.storage.registry import SqlRegistry
from tests.exchange.builders import metadata_of
from tests.keys import certificate
from tests.keys import signer
from tests.onboarding.place import Place
from tests.onboarding.place import in_place
from tests.reporting import Report

METADATA, CATALOGUE = documents(2, signer("dv"))
OTHER_METADATA, OTHER_CATALOGUE = documents(3, signer("dv"))
KNOWN = documents(1, signer("dv"))
"""Who is connected before."""
_MADE_HERE = re.compile(rb"<ds:Signature.*?</ds:Signature>", re.DOTALL)


def unsigned(document: bytes) -> bytes:
    return _MADE_HERE.sub(b"", document)


def changed(document: bytes, *pairs: tuple[str, str]) -> bytes:
    """Without its signature, so that what is wrong is what a case says."""
    text = unsigned(document).decode()
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    return text.encode()


def named(name: str, document: bytes = METADATA) -> bytes:
    found = re.sub(
        r'(:OrganizationDisplayName xml:lang="nl">)[^<]*', rf"\g<1>{name}", unsigned(document).decode()
    )
    assert name in found
    return found.encode()


def with_certificate(bits: int, until: datetime) -> bytes:
    """The metadata with another certificate in it."""
    key = rsa.generate_private_key(65537, max(bits, 1024))  # weak on purpose
    if bits < 1024:
        numbers = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) | 1)
        public = numbers.public_key()
    else:
        public = key.public_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dv")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(Encoding.PEM).decode().split("-----")[2].replace("\n", "")
    return changed(METADATA, (certificate("dv").base64(), pem))


LAUGHS = "".join(
    f'<!ENTITY l{number} "{f"&l{number - 1};" * 10 if number else "ha"}">' for number in range(9)
)
LATER = datetime(2036, 1, 1, tzinfo=UTC)
XML = "[well-formed XML, UTF-8, no DTD]"
NAMES = "[SAML metadata 2.3.2.1, names for people]"
SIGNED = "[Afsprakenstelsel, Digital signature]"
CATALOG = "[Afsprakenstelsel, Service catalog]"

Case = tuple[Callable[[], bytes], Callable[[], bytes], tuple[str, ...]]


def metadata(make: Callable[[], bytes], *words: str) -> Case:
    return make, lambda: CATALOGUE, words


def catalogue(make: Callable[[], bytes], *words: str) -> Case:
    return lambda: METADATA, make, words


CASES: dict[str, Case] = {
    "cut off halfway": metadata(
        lambda: METADATA[: len(METADATA) // 2], "metadata, line 1", "not well-formed", XML
    ),
    "wrong signature": metadata(
        lambda: METADATA.replace(b"/acs", b"/asc"), "metadata, line 1", "signature does not hold", SIGNED
    ),
    "the file of years ago": metadata(
        lambda: changed(METADATA, (' ID="', ' validUntil="2020-01-01T00:00:00Z" ID="')),
        "metadata, line 1",
        "validUntil has passed",
        "[SAML metadata 2.3.2]",
    ),
    "stolen entityID": (
        lambda: documents(1, signer("mallory"))[0],
        lambda: documents(1, signer("mallory"))[1],
        ("none of its signing keys is registered", "--new-keys", "[SAML metadata 2.3.2, entityID]"),
    ),
    "100 MB": metadata(lambda: METADATA + b" " * 100_000_000, "at most 1048576 allowed", XML),
    "DTD": metadata(lambda: b"<!DOCTYPE a [<!ELEMENT a ANY>]>" + METADATA, "document type declarations", XML),
    "XXE": metadata(
        lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + METADATA,
        "document type declarations",
        XML,
    ),
    "billion laughs": metadata(
        lambda: f"<!DOCTYPE a [{LAUGHS}]><a>&l8;</a>".encode(), "document type declarations", XML
    ),
    "script in a name": metadata(
        lambda: named("&lt;script&gt;alert(1)&lt;/script&gt;"), "metadata, line 1", "holds markup", NAMES
    ),
    "name that turns around": metadata(
        lambda: named("Gemeente \u202eedraawroov"), "metadata, line 1", "turn the direction", NAMES
    ),
    "name that cannot be seen": catalogue(
        lambda: named("Gemeente\u200b", CATALOGUE), "catalogue, line 1", "cannot be seen", NAMES
    ),
    "name of 10,000 characters": metadata(
        lambda: named("G" * 10_000), "metadata, line 1", "longer than 500 characters", NAMES
    ),
    "the same in the catalogue": catalogue(
        lambda: named("G" * 10_000, CATALOGUE), "catalogue, line 1", "maximum length of '64'", "[XML schema]"
    ),
    "NUL in a name": metadata(lambda: METADATA.replace(b"Gemeente", b"Gem\x00ente"), "NUL", XML),
    "two descriptors": metadata(
        lambda: (
            b'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">%s%s</md:EntitiesDescriptor>'
            % (unsigned(METADATA), unsigned(OTHER_METADATA))
        ),
        "one EntityDescriptor is needed, found 2 EntityDescriptors",
        "[SAML metadata]",
    ),
    "of an authenticatiedienst": metadata(
        lambda: metadata_of("ad"),
        "exactly one SPSSODescriptor is needed",
        "[Afsprakenstelsel, DV metadata for HM]",
    ),
    "signed with SHA-1": metadata(
        lambda: METADATA.replace(b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#rsa-sha1"),
        "signature algorithm is not allowed",
        SIGNED,
    ),
    "http": metadata(
        lambda: changed(METADATA, ('Location="https:', 'Location="http:')),
        "AssertionConsumerService Location must be https",
        "[Afsprakenstelsel, Secure connection]",
    ),
    "the service of somebody else": (
        lambda: changed(KNOWN[0], (":entities:0001", ":entities:0002")),
        lambda: KNOWN[1],
        (
            "is registered by another dienstverlener (urn:etoegang:DV:00099000001000000001",
            "[Afsprakenstelsel, ServiceID]",
        ),
    ),
    "one index twice": metadata(
        lambda: re.sub(rb"(<md:AssertionConsumerService .*?/>)", rb"\1\1", unsigned(METADATA)),
        "two AssertionConsumerService elements share an index",
        "[SAML metadata 2.2.3]",
    ),
    "catalogue of another OIN": catalogue(
        lambda: OTHER_CATALOGUE, "catalogue, line 1", "is not the OIN in the entityID", CATALOG
    ),
    "catalogue for another makelaar": catalogue(
        lambda: changed(CATALOGUE, (">00000099000000001000</esc:Herk", ">00000099000000001001</esc:Herk")),
        "HerkenningsmakelaarId is not this makelaar (00000099000000001000)",
        CATALOG,
    ),
    "UTF-16": metadata(
        lambda: METADATA.decode().encode("utf-16"), "the file is UTF-16; save it as UTF-8", XML
    ),
    "login page of a portal": metadata(
        lambda: b"<html><head><meta charset=utf-8><title>Inloggen</title>", "this is an HTML page", XML
    ),
    "gzip": metadata(lambda: gzip.compress(METADATA), "compressed (gzip); unpack it first", XML),
    "empty": metadata(lambda: b"", "the file is empty", XML),
    "private key": metadata(
        lambda: b"-----BEGIN %s KEY-----\nMIIE\n-----END %s KEY-----\n" % (b"PRIVATE", b"PRIVATE"),
        "it is no longer secret",
        XML,
    ),
    "expired certificate": (
        lambda: with_certificate(2048, datetime(2021, 1, 1, tzinfo=UTC)),
        lambda: unsigned(CATALOGUE),
        ("every certificate for signing has expired", SIGNED),
    ),
    "key of 512 bits": metadata(
        lambda: with_certificate(512, LATER), "metadata, line 1", "RSA key of 512 bits, 2048 needed", SIGNED
    ),
    "catalogue and metadata swapped": (
        lambda: CATALOGUE,
        lambda: METADATA,
        ("one EntityDescriptor is needed, found ServiceCatalogue", "[SAML metadata]"),
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with in_place(tmp_path_factory.mktemp("broken")) as place:
        yield place


def added(place: Place, folder: Path, documents: tuple[bytes, bytes]) -> tuple[int, str]:
    """What `dv add` says to these documents."""
    paths = [folder / "metadata.xml", folder / "catalogue.xml"]
    for path, data in zip(paths, documents, strict=True):
        path.write_bytes(data)
    arguments = ["dv", "add", str(paths[0]), "--catalogue", str(paths[1])]
    result = CliRunner().invoke(
        main, arguments, env={"MAKELAAR_DATA": str(place.settings.data), "COLUMNS": "200"}
    )
    return result.exit_code, result.output


class Crowd(threading.Thread):
    """Somebody who logs in again and again."""

    def __init__(self, place: Place) -> None:
        super().__init__(daemon=True)
        self._place = place
        self.ended = threading.Event()
        self.logins = 0
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.ended.is_set():
                self._place.log_in_once()
                self.logins += 1
        except BaseException as error:
            self.failure = error


@pytest.mark.limit("name_characters", "metadata_bytes")
def test_broken_files_are_refused_with_the_right_words_while_others_log_in(
    place: Place, tmp_path: Path, report: Report
) -> None:
    assert len(CASES) >= 20
    assert added(place, tmp_path, KNOWN)[0] == 0
    registry = SqlRegistry(place.engine)
    before = registry.content_hashes(Role.DV)
    crowd = Crowd(place)
    crowd.start()
    said: dict[str, tuple[int, str]] = {}
    for name, (first, second, _) in CASES.items():
        said[name] = added(place, tmp_path, (first(), second()))
    crowd.ended.set()
    crowd.join(30)

    for name, (exit_code, output) in said.items():
        line = next((line for line in output.splitlines() if line.startswith("error: ")), "")
        report("Broken partner files, and what `dv add` says", file=name, answer=line[:110])
        assert exit_code == 1, name
        assert [words for words in CASES[name][2] if words not in output] == [], f"{name}: {output}"
        assert "nothing was changed" in output
    assert registry.content_hashes(Role.DV) == before
    assert crowd.failure is None
    assert crowd.logins > 3


def test_a_byte_order_mark_is_no_reason_to_refuse(place: Place, tmp_path: Path) -> None:
    exit_code, output = added(place, tmp_path, (b"\xef\xbb\xbf" + OTHER_METADATA, OTHER_CATALOGUE))
    assert exit_code == 0, output
