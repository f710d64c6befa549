"""What a check report consists of: rows, and which checks were made without finding anything."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from typing import Final
from typing import Literal

Lang = Literal["nl", "en"]

SCHEMA: Final = 1
"""The number of the JSON form of a report; it changes when a reader of the older form would misread the newer."""


class Family(StrEnum):
    """What a check looks at. The rows of ``behaviour`` come from test logins, not from documents."""

    METADATA = "metadata"
    CATALOGUE = "dienstencatalogus"
    CERTIFICATES = "certificates"
    REQUEST = "request"
    TLS = "tls"
    BEHAVIOUR = "behaviour"


class Severity(StrEnum):
    """How bad it is. With a fout the document is refused, or logins fail; the others are let through."""

    FOUT = "fout"
    WAARSCHUWING = "waarschuwing"
    TIP = "tip"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence in both languages."""

    nl: str
    en: str

    def in_language(self, lang: str) -> str:
        """The sentence in ``lang``; Dutch for a language that we do not have."""
        return self.en if lang == "en" else self.nl


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was found.

    ``document`` is the name of the file or address; ``line`` is 1-based in it, 0 when it concerns the whole; ``xpath``
    uses the usual prefixes (md, ds, esc, saml, samlp), empty when there is no such place. ``expected`` and ``found``
    are values rather than sentences; a dash is nothing at all.
    """

    id: str
    family: Family
    severity: Severity
    title: Text
    document: str
    line: int
    xpath: str
    expected: str
    found: str
    rule: str
    mend: Text

    @property
    def place(self) -> str:
        """Where it is, in one line: ``metadata.xml:12``."""
        return f"{self.document}:{self.line}" if self.line else self.document


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The outcome. ``passed`` are the ids of checks that were made and found nothing, in the order of the list.

    ``profile`` is the one it was checked for, ``proposed`` the one that fits the metadata with ``reason`` in words
    (both empty without readable metadata).
    """

    rows: tuple[Row, ...]
    passed: tuple[str, ...]
    documents: tuple[str, ...]
    profile: str
    made_at: datetime
    proposed: str = ""
    reason: str = ""

    @property
    def is_good(self) -> bool:
        """Whether there is no fout."""
        return not any(row.severity is Severity.FOUT for row in self.rows)

    def counts(self) -> dict[str, int]:
        """How many rows of each severity, and how many checks passed."""
        found = Counter(row.severity for row in self.rows)
        return {severity.value: found[severity] for severity in Severity} | {"passed": len(self.passed)}

    def in_family(self, family: Family) -> tuple[Row, ...]:
        """The rows of one family, in the order of the report."""
        return tuple(row for row in self.rows if row.family is family)

    def with_rows(self, rows: tuple[Row, ...], passed: tuple[str, ...] = ()) -> "CheckReport":
        """The same report with rows of another source, such as test logins, behind its own."""
        return CheckReport(
            (*self.rows, *rows),
            (*self.passed, *passed),
            self.documents,
            self.profile,
            self.made_at,
            self.proposed,
            self.reason,
        )

    def to_json(self) -> str:
        """The report as JSON; ``from_json`` reads it back."""
        return json.dumps(
            {
                "schema": SCHEMA,
                "made_at": self.made_at.isoformat(),
                "documents": list(self.documents),
                "profile": self.profile,
                "proposed": {"profile": self.proposed, "reason": self.reason},
                "counts": self.counts(),
                "rows": [asdict(row) for row in self.rows],
                "passed": list(self.passed),
            },
            ensure_ascii=False,
            indent=2,
        )

    @classmethod
    def from_json(cls, text: str) -> "CheckReport":
        """Read what ``to_json`` wrote. ValueError for anything else, another ``schema`` included."""
        try:
            values = json.loads(text)
            if values["schema"] != SCHEMA:
                raise ValueError(f"a check report of schema {values['schema']}, not {SCHEMA}")
            return cls(
                rows=tuple(_read_row(each) for each in values["rows"]),
                passed=tuple(values["passed"]),
                documents=tuple(values["documents"]),
                profile=values["profile"],
                made_at=datetime.fromisoformat(values["made_at"]),
                proposed=values["proposed"]["profile"],
                reason=values["proposed"]["reason"],
            )
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"not a check report: {type(error).__name__}") from None


def _read_row(values: Mapping[str, Any]) -> Row:
    return Row(
        **{
            **values,
            "family": Family(values["family"]),
            "severity": Severity(values["severity"]),
            "title": Text(**values["title"]),
            "mend": Text(**values["mend"]),
        }
    )
