"""The words around the rows of a report."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from broker.checks.rows import CheckReport
from broker.checks.rows import Severity

_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "nl": {
            "title": "Controlerapport",
            "place": "plaats",
            "expected": "verwacht",
            "found": "gevonden",
            "mend": "herstel",
            "rule": "regel",
            "good": "Geen fouten.",
            "bad": "Er is iets te herstellen.",
            "profile": "profiel",
            "better": "beter past profiel",
            "passed": "controles in orde",
            "which": "Wat is gecontroleerd en in orde is",
            "counted": "Aantallen",
            "fouten": "fouten",
            "waarschuwingen": "waarschuwingen",
            "tips": "tips",
            "fout": "fout",
            "waarschuwing": "waarschuwing",
            "tip": "tip",
            "metadata": "Metadata",
            "dienstencatalogus": "Dienstencatalogus",
            "certificates": "Certificaten",
            "request": "Verzoek",
            "tls": "TLS van uw servers",
            "behaviour": "Gedrag in testlogins",
        },
        "en": {
            "title": "Check report",
            "place": "place",
            "expected": "expected",
            "found": "found",
            "mend": "mend it",
            "rule": "rule",
            "good": "Nothing has to be mended.",
            "bad": "Something has to be mended.",
            "profile": "profile",
            "better": "what fits better is profile",
            "passed": "checks passed",
            "which": "What was checked and passed",
            "counted": "Counts",
            "fouten": "errors",
            "waarschuwingen": "warnings",
            "tips": "tips",
            "fout": "error",
            "waarschuwing": "warning",
            "tip": "tip",
            "metadata": "Metadata",
            "dienstencatalogus": "Dienstencatalogus",
            "certificates": "Certificates",
            "request": "Request",
            "tls": "TLS of your servers",
            "behaviour": "Behaviour in test logins",
        },
    }
)


def words_in(lang: str) -> Mapping[str, str]:
    """The words in ``lang``; Dutch for a language that we do not have."""
    return _WORDS.get(lang, _WORDS["nl"])


def summary(report: CheckReport, lang: str) -> str:
    """The counts in one line."""
    counts = report.counts()
    found = [f"{counts[severity]} {severity}" for severity in Severity]
    return ", ".join([*found, f"{counts['passed']} {words_in(lang)['passed']}"])
