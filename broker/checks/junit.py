"""A check report as JUnit XML, which every CI shows: a suite for each family, a case for each check."""

from collections.abc import Mapping
from typing import Final

from lxml import etree

from broker.checks.described import every_check
from broker.checks.rows import CheckReport
from broker.checks.rows import Family
from broker.checks.rows import Row
from broker.checks.rows import Severity
from broker.saml.reading import display_text

_FAILS: Final = {False: {Severity.FOUT}, True: {Severity.FOUT, Severity.WAARSCHUWING}}


def to_junit(report: CheckReport, lang: str = "en", *, strict: bool = False) -> bytes:
    """The report as JUnit XML, UTF-8. A fout fails its case; with ``strict`` a waarschuwing does too.

    What does not fail but was found stands in system-out of its case.
    """
    root = etree.Element("testsuites", name="makelaar dv check", timestamp=report.made_at.isoformat())
    for family in Family:
        rows = _by_id(report.in_family(family))
        passed = [each for each in report.passed if _family_of(each) is family]
        if not rows and not passed:
            continue
        failed = sum(any(row.severity in _FAILS[strict] for row in found) for found in rows.values())
        suite = etree.SubElement(root, "testsuite", name=family.value)
        suite.set("tests", str(len(rows) + len(passed)))
        suite.set("failures", str(failed))
        for check_id in passed:
            etree.SubElement(suite, "testcase", classname=family.value, name=_name(check_id, lang))
        for check_id, found in rows.items():
            name = f"{check_id} {found[0].title.in_language(lang)}"
            case = etree.SubElement(
                suite, "testcase", classname=family.value, name=name, file=_plain(found[0].document)
            )
            text = "\n\n".join(_told(row, lang) for row in found)
            if any(row.severity in _FAILS[strict] for row in found):
                failure = etree.SubElement(case, "failure", message=_plain(found[0].found) or name)
                failure.set("type", found[0].severity.value)
                failure.text = text
            else:
                etree.SubElement(case, "system-out").text = text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _by_id(rows: tuple[Row, ...]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    return found


def _family_of(check_id: str) -> Family:
    """That of the list; what is not in it comes from test logins."""
    described = every_check().get(check_id)
    return Family.BEHAVIOUR if described is None else described.family


def _name(check_id: str, lang: str) -> str:
    described = every_check().get(check_id)
    return check_id if described is None else f"{check_id} {described.title.in_language(lang)}"


def _told(row: Row, lang: str) -> str:
    lines = [f"{_plain(row.place)} {row.xpath}".strip(), f"{row.severity}: {_plain(row.found)}"]
    lines += [f"expected: {_plain(row.expected)}"] if row.expected else []
    return "\n".join([*lines, row.mend.in_language(lang), f"[{row.rule}]"])


def _plain(text: str) -> str:
    """Without what XML cannot hold: a name of a file may have anything in it."""
    return display_text(text)
