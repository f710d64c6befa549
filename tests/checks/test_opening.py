"""What is handed over by mistake is named for what it is, and nothing else is said of it."""

import pytest

from broker.checks import CheckReport
from broker.checks import Document
from broker.checks import Subject
from broker.checks import check
from tests.checks.examples import good
from tests.checks.good import NOW

WEB_PAGES = (
    b"<!DOCTYPE html>\n<html><head><meta charset=utf-8><title>404</title><body><p>Niet gevonden",
    b"\n<!doctype HTML PUBLIC>\n<HTML><p>Niet gevonden<br></HTML>",
    b'\xef\xbb\xbf<html lang="nl"><body>Verg\xfctung',
    b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>',
)


def fouten(report: CheckReport) -> list[str]:
    """The ids of the rows, and there are no tips beside them."""
    return [row.id for row in report.rows]


@pytest.mark.parametrize("page", WEB_PAGES)
def test_a_web_page_is_no_metadata_and_nothing_else_is_said_of_it(page: bytes) -> None:
    report = check(Subject(metadata=Document("page.html", page), catalogue=None, now=NOW))

    assert fouten(report) == ["MD-007"]
    assert report.rows[0].found == "html"
    assert report.rows[0].line == 1


@pytest.mark.parametrize("page", WEB_PAGES)
def test_a_web_page_is_no_catalogue_either(page: bytes) -> None:
    whole = good()

    report = check(Subject(metadata=whole.metadata, catalogue=Document("page.html", page), now=NOW))

    assert "DC-007" in fouten(report)
    assert not {f"DC-00{number}" for number in range(1, 7)} & set(fouten(report))


def test_a_catalogue_in_the_place_of_metadata_is_named_without_its_faults_as_metadata() -> None:
    catalogue = good().catalogue
    assert catalogue is not None

    report = check(Subject(metadata=catalogue, catalogue=None, now=NOW))

    assert [(row.id, row.found) for row in report.rows] == [("MD-007", "ServiceCatalogue")]


@pytest.mark.parametrize("data", [b"", b" \n"])
def test_an_empty_file_is_called_empty(data: bytes) -> None:
    report = check(Subject(metadata=Document("empty.xml", data), catalogue=None, now=NOW))

    assert [(row.id, row.found) for row in report.rows] == [("MD-001", f"{len(data)} bytes")]
