"""What products do with each answer of a behaviour test, configured with the files that `makelaar dv snippets` prints.

Nothing is asked of a running makelaar: the answers are made here, as a test login would make them.
"""

import re
import ssl
import subprocess
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from broker.onboarding.snippets import Dienstverlener
from broker.onboarding.snippets import Product
from broker.onboarding.snippets import SnippetFile
from broker.onboarding.snippets import fill
from broker.onboarding.snippets.parties import makelaar_with
from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import Kind
from broker.rehearsals.kinds import Severity
from broker.rehearsals.seen import Seen
from broker.saml.keys import Certificate
from broker.settings import Settings
from tests.keys import certificate


@dataclass(frozen=True)
class Did:
    """What a product did with one answer: what a person saw, and what it said of it in its own words."""

    seen: Seen
    words: str = ""


@dataclass(frozen=True)
class Behaviour:
    """What one product did with the answer of each kind, and how bad that is.

    ``by_itself`` is what it does without what the snippet sets against these kinds.
    """

    product: Product
    version: str
    did: dict[str, Did]
    by_itself: dict[str, Did] = field(default_factory=dict)

    def verdict(self, kind: str) -> Severity | None:
        """As the page of a test login judges it; None is good."""
        return judge(KINDS[kind], self.did[kind].seen)

    @property
    def amiss(self) -> tuple[str, ...]:
        """The kinds that it did not do as it should."""
        return tuple(kind for kind in self.did if self.verdict(kind))


def watch(give: Callable[[Kind], Did], kinds: Iterable[str] = tuple(KINDS)) -> dict[str, Did]:
    """Give a product the answer of each kind, in the order in which they are best tried."""
    return {kind: give(KINDS[kind]) for kind in kinds}


def printed_files(
    settings: Settings, theirs: Dienstverlener, product: Product, folder: Path
) -> tuple[SnippetFile, ...]:
    """Write the files of the snippet, with both our keys in them, and make the key pair as they say."""
    ours = makelaar_with(settings, tuple(certificate(name).base64() for name in ("hm", "next")))
    files = fill(ours, theirs, product, "en").files
    for each in files:
        (folder / each.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / each.name).write_text(each.text, "utf-8")
    subprocess.run(["sh", "keys.sh"], cwd=folder, check=True, capture_output=True, timeout=30)
    return files


def certificate_in(file: Path) -> Certificate:
    """The certificate in a file of PEM."""
    return Certificate.from_der(ssl.PEM_cert_to_DER_cert(file.read_text("ascii")))


def same_each_time(words: str) -> str:
    """Without what differs each time: IDs, ports, moments, and white space."""
    words = re.sub(r"\b(_id\d+|ONELOGIN_[0-9a-f]+|_[0-9a-f]{16,})\b", "…", words)
    words = re.sub(r"(localhost|127\.0\.0\.1):\d+", "localhost", words)
    words = re.sub(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?", "…", words)
    return " ".join(words.split())
