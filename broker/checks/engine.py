"""Making every check that can be made, and joining what each found in one report."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from broker.checks import families  # noqa: F401  # registers every check
from broker.checks.described import Check
from broker.checks.described import every_check
from broker.checks.looking import LOOKS
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.opening import open_all
from broker.checks.places import xpath_of
from broker.checks.readers import refusals
from broker.checks.rows import CheckReport
from broker.checks.rows import Family
from broker.checks.rows import Row
from broker.checks.servers import shake_hands
from broker.checks.subject import Document
from broker.checks.subject import Subject
from broker.saml.reading import display_text

_LONGEST = 300
"""Characters of what was found; more is not read."""
_CAUSES = {"DC-057": {"DC-028", "DC-032"}, "CE-001": {"CE-009"}} | {
    f"{prefix}-00{number}": {f"{prefix}-007"} for prefix in ("MD", "DC") for number in (1, 2, 3, 4, 5, 6, 8)
}
"""What a reader says in consequence of something else, which has its row already."""
_ROWS = 30
"""Rows of one check: the same mistake in a thousand services is one mistake."""


def check(subject: Subject) -> CheckReport:
    """The report on these documents. Whatever they hold, there is a report; nothing is raised for it.

    A document without a fout is one that ``register`` takes.
    """
    seen, proposal = open_all(subject)
    seen = replace(seen, handshakes=shake_hands(seen))
    rows: list[Row] = []
    passed: list[str] = []
    for described in every_check().values():
        outcome = LOOKS[described.id](seen) if seen.profile in described.profiles else None
        if outcome is None:
            continue
        found = [_row(described, each, seen) for each in islice(outcome, _ROWS)]
        rows += found
        if not found:
            passed.append(described.id)
    rows += _overlooked(seen, {row.id for row in rows})
    named = {row.id for row in rows}
    return CheckReport(
        rows=tuple(rows),
        passed=tuple(each for each in passed if each not in named),
        documents=tuple(_legible(each.name) for each in _documents(subject)),
        profile=seen.profile.value,
        made_at=subject.now,
        proposed="" if proposal is None else proposal.profile.value,
        reason="" if proposal is None else proposal.reason,
    )


def _documents(subject: Subject) -> Iterator[Document]:
    for each in (subject.metadata, subject.catalogue, subject.request):
        if each is not None:
            yield each


def _row(described: Check, found: Found, seen: Seen) -> Row:
    element = found.element
    line = found.line if element is None else element.sourceline or 0
    return Row(
        id=described.id,
        family=described.family,
        severity=described.severity,
        title=described.title,
        document=_legible(found.document or _document(described, found, seen)),
        line=line,
        xpath="" if element is None else xpath_of(element, found.attribute),
        expected=found.expected or described.expected,
        found=_legible(found.found),
        rule=described.rule,
        mend=described.mend,
    )


def _legible(text: str) -> str:
    """What was found, on one line and not endless: it goes to terminals, pages and XML as it is."""
    words = display_text(text)
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]} …"


def _document(described: Check, found: Found, seen: Seen) -> str:
    """The name of the document that the element stands in; of what stands nowhere, that of the family."""
    subject = seen.subject
    if found.element is not None:
        root = found.element.getroottree().getroot()
        for tree, document in ((seen.metadata, subject.metadata), (seen.catalogue, subject.catalogue)):
            if tree is not None and root is tree and document is not None:
                return document.name
    own = {Family.CATALOGUE: subject.catalogue, Family.REQUEST: subject.request}
    document = own.get(described.family, subject.metadata) or subject.metadata or subject.catalogue
    return document.name if document is not None else ""


def _overlooked(seen: Seen, ids: set[str]) -> Iterator[Row]:
    """What the readers of a login refuse and no check above found: so a report never promises too much."""
    for check_id, finding in refusals(seen):
        if check_id not in ids and not _CAUSES.get(check_id, set()) & ids:
            yield _row(every_check()[check_id], Found(found=finding.reason, line=finding.line), seen)
