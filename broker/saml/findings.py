"""What a check of metadata or a catalogue finds: where, what, and which rule says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from broker.saml.reading import display_text


class Severity(StrEnum):
    """An error refuses the document; a warning is a tolerance that this document needs."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. ``line`` is 1-based in the document as handed over; 0 when it concerns the whole."""

    severity: Severity
    document: str
    line: int
    reason: str
    rule: str

    def __str__(self) -> str:
        """One line of a report, whatever was in the document."""
        place = f"{self.document}, line {self.line}" if self.line else self.document
        return f"{self.severity}: {place}: {display_text(self.reason)} [{self.rule}]"


class DocumentRefused(Exception):
    """A document with at least one error. ``findings`` holds all that was found, warnings too."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Keep the findings."""
        self.findings = tuple(findings)
        super().__init__("; ".join(str(finding) for finding in self.findings))


class Report:
    """Collects the findings on one document."""

    def __init__(self, document: str) -> None:
        """Start an empty report on a document with this name."""
        self.document = document
        self.findings: list[Finding] = []

    def error(self, line: int, reason: str, rule: str) -> None:
        """Note something that refuses the document."""
        self.findings.append(Finding(Severity.ERROR, self.document, line, reason, rule))

    def warn(self, line: int, reason: str, rule: str) -> None:
        """Note something that is let through."""
        self.findings.append(Finding(Severity.WARNING, self.document, line, reason, rule))

    def refuse(self, line: int, reason: str, rule: str) -> NoReturn:
        """Note something after which reading on makes no sense, and raise ``DocumentRefused``."""
        self.error(line, reason, rule)
        raise DocumentRefused(self.findings)

    def raise_if_refused(self) -> None:
        """Raise ``DocumentRefused`` when there is an error among the findings."""
        if any(finding.severity is Severity.ERROR for finding in self.findings):
            raise DocumentRefused(self.findings)
