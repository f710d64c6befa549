"""The report as JUnit, as a page and on the terminal."""

from dataclasses import replace

import pytest
from lxml import etree
from rich.console import Console

from broker.checks import CheckReport
from broker.checks import Document
from broker.checks import Row
from broker.checks import check
from broker.checks import to_fragment
from broker.checks import to_junit
from broker.checks import to_page
from broker.checks.rows import Family
from broker.checks.rows import Severity
from broker.checks.rows import Text
from broker.cli.check_report import print_report
from tests.checks.tables import EXAMPLES

HOSTILE = "<script>alert(1)</script>\x1b[31m\x00"


@pytest.fixture(scope="module")
def warned() -> CheckReport:
    """A report with one waarschuwing, on a file with a name that is meant to hurt."""
    subject = EXAMPLES["MD-014"].subject()
    assert subject.metadata is not None
    return check(replace(subject, metadata=Document(f"{HOSTILE}.xml", subject.metadata.data)))


@pytest.fixture(scope="module")
def refused() -> CheckReport:
    """A report with a fout."""
    return check(EXAMPLES["DC-017"].subject())


def cases(report: CheckReport, *, strict: bool = False) -> tuple[int, int]:
    """How many cases, and how many of them failed."""
    root = etree.fromstring(to_junit(report, strict=strict))
    return len(root.findall(".//testcase")), len(root.findall(".//failure"))


def test_each_check_is_a_case_of_junit(warned: CheckReport) -> None:
    count, _ = cases(warned)

    assert count == len(warned.passed) + len({row.id for row in warned.rows})


def test_a_fout_fails_its_case_and_a_warning_only_when_strict(
    warned: CheckReport, refused: CheckReport
) -> None:
    assert cases(refused)[1] == 1
    assert cases(warned)[1] == 0
    assert cases(warned, strict=True)[1] == 1


def test_the_counts_of_junit_add_up(refused: CheckReport) -> None:
    root = etree.fromstring(to_junit(refused, "nl"))

    for suite in root.findall("testsuite"):
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_page_stands_by_itself(warned: CheckReport, lang: str) -> None:
    page = to_page(warned, lang)

    assert f'<html lang="{lang}">' in page
    assert "MD-014" in page
    assert "<script" not in page
    assert "src=" not in page
    assert "default-src 'none'" in page


def test_what_a_stranger_wrote_is_shown_and_not_followed(warned: CheckReport) -> None:
    assert "&lt;script&gt;" in to_fragment(warned)


def test_rows_of_test_logins_join_the_report(refused: CheckReport) -> None:
    row = Row(
        "BH-001",
        Family.BEHAVIOUR,
        Severity.FOUT,
        Text("Een verlopen assertion is geaccepteerd", "An expired assertion was accepted"),
        "acs",
        0,
        "",
        "refused",
        "accepted",
        "SAML core 2.5.1",
        Text("Controleer NotOnOrAfter.", "Check NotOnOrAfter."),
    )
    joined = refused.with_rows((row,), ("BH-002",))

    assert cases(joined)[1] == 2
    assert "BH-001" in to_page(joined)
    assert CheckReport.from_json(joined.to_json()) == joined


@pytest.mark.parametrize(("lang", "words"), [("nl", "controles in orde"), ("en", "checks passed")])
def test_the_terminal_sums_up(refused: CheckReport, lang: str, words: str) -> None:
    console = Console(width=100, force_terminal=False)
    with console.capture() as captured:
        print_report(refused, lang, console)

    assert "DC-017" in captured.get()
    assert f"{len(refused.passed)} {words}" in captured.get()


def test_the_terminal_is_not_written_to_by_strangers(warned: CheckReport) -> None:
    console = Console(width=100, force_terminal=False)
    with console.capture() as captured:
        print_report(warned, "en", console)

    assert "\x1b" not in captured.get()
