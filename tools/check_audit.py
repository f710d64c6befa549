"""Judges an export of the audit log, for who does not want to trust the makelaar's own judgement.

    python check_audit.py audit.jsonl signing.crt [older.crt ...]

Needs Python and the library `cryptography`, and nothing of the makelaar. The certificates (PEM) are those with which
the makelaar signed meanwhile: take them from its metadata, or from your own archive of it, not from its database.
Exits with 0 when nothing is wrong, with 1 and a line for each thing that is. The form is described in docs/audit.md.
"""

import hashlib
import json
import sys
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

Line = dict[str, Any]
PURPOSES = {"anchor": "makelaar-audit-anchor-1", "opening": "makelaar-audit-opening-1"}


def canonical(signed: Line) -> bytes:
    """The bytes that were hashed or signed."""
    return json.dumps(signed, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sha256(signed: Line) -> str:
    """The digest of a document, hex."""
    return hashlib.sha256(canonical(signed)).hexdigest()


def holds(verify: Callable[..., None], *arguments: object) -> bool:
    """Whether a signature holds."""
    try:
        verify(*arguments)
    except (InvalidSignature, ValueError):
        return False
    return True


def vouched(line: Line, certificates: dict[str, Any]) -> bool:
    """Whether one of the certificates signed an opening or anchor, as what it is."""
    signed, certificate = line["signed"], certificates.get(line["signed"]["key_name"])
    if certificate is None or signed["purpose"] != PURPOSES[line["kind"]]:
        return False
    signature = bytes.fromhex(line["signature"])
    return holds(certificate.public_key().verify, signature, canonical(signed), PKCS1v15(), hashes.SHA256())


class Judge:
    """What was read so far: the key and end of each chain, the heads that anchors speak of."""

    def __init__(self, certificates: dict[str, Any]) -> None:
        """Nothing was read; ``certificates`` by fingerprint."""
        self.certificates = certificates
        self.keys: dict[str, Ed25519PublicKey] = {}
        self.ends: dict[str, tuple[int, str]] = {}
        self.heads: dict[tuple[str, int], str] = {}
        self.removed: dict[str, tuple[int, str]] = {}
        self.last_anchor, self.began, self.lines = (0, ""), "", 0

    def judge(self, lines: Iterable[str]) -> Iterator[str]:
        """A sentence for each thing that is wrong."""
        for line in map(json.loads, lines):
            self.lines += 1
            yield from getattr(self, line["kind"])(line)
        for writer, number in self.heads:
            if number > self.removed.get(writer, (0, ""))[0]:
                yield f"chain {writer}, record {number}: anchored, and not there"
        yield from (
            f"chain {writer}: begun, and without a record" for writer, end in self.ends.items() if not end[0]
        )

    def anchor(self, line: Line) -> Iterator[str]:
        """Heads of chains, signed by the makelaar; each holds the digest of the one before."""
        signed = line["signed"]
        if not vouched(line, self.certificates):
            yield f"anchor {signed['number']}: not signed with one of these certificates"
        if (signed["number"] - 1, signed["previous"]) != self.last_anchor:
            yield f"anchor {signed['number']}: does not follow anchor {self.last_anchor[0]}"
        self.last_anchor = (signed["number"], sha256(signed))
        self.heads.update({(writer, number): digest for writer, number, digest in signed["heads"]})
        self.removed.update({writer: (number, digest) for writer, number, digest in signed["removed"]})

    def opening(self, line: Line) -> Iterator[str]:
        """The key of a chain, signed by the makelaar."""
        signed = line["signed"]
        if not vouched(line, self.certificates):
            yield f"chain {signed['writer']}: not signed with one of these certificates"
        self.keys[signed["writer"]] = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["public_key"]))
        self.ends[signed["writer"]] = self.removed.get(signed["writer"], (0, sha256(signed)))
        self.began = min(self.began or signed["opened_at"], signed["opened_at"])

    def record(self, line: Line) -> Iterator[str]:
        """A record, which its chain signed by its digest."""
        if sha256(line["signed"]) != line["digest"]:
            yield f"{line['signed']['reference']}: changed after it was signed"
        yield from self.other({**line["signed"], **line})

    def other(self, line: Line) -> Iterator[str]:
        """A link of a chain; of a record that is not disclosed there is no more."""
        writer, number, digest = line["writer"], line["sequence"], line["digest"]
        place = f"{line.get('reference', 'not disclosed')} (chain {writer}, record {number})"
        if writer not in self.keys:
            yield f"{place}: its chain was never begun"
        elif not holds(self.keys[writer].verify, bytes.fromhex(line["signature"]), bytes.fromhex(digest)):
            yield f"{place}: not signed by its chain"
        if (number - 1, line["previous"]) != self.ends.get(writer):
            yield f"{place}: does not follow the record before it"
        if self.heads.pop((writer, number), digest) != digest:
            yield f"{place}: another record was anchored in its place"
        self.ends[writer] = (number, digest)

    def unsealed(self, line: Line) -> Iterator[str]:
        """A record of a version that made no chains; there can be none since the first chain began."""
        if self.began and line["signed"]["at"] >= self.began:
            yield f"{line['signed']['reference']}: in no chain, though chains were made by then"


def main(export: str, *files: str) -> int:
    """Print what is wrong; the number to exit with."""
    read = [x509.load_pem_x509_certificate(Path(file).read_bytes()) for file in files]
    judge = Judge({each.fingerprint(hashes.SHA256()).hex(): each for each in read})
    wrong = 0
    with Path(export).open(encoding="ascii") as lines:
        for sentence in judge.judge(lines):
            wrong += 1
            print(sentence)
    print(f"{judge.lines} lines judged, {wrong} things wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
