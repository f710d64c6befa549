"""`makelaar dv check`: what is wrong with the documents of a dienstverlener. It needs no installed makelaar."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from broker.checks import Document
from broker.checks import Subject
from broker.checks import check
from broker.checks import handshaker
from broker.checks import kinds
from broker.checks import to_junit
from broker.checks import to_page
from broker.cli.check_report import print_report
from broker.cli.documents import read_document
from broker.cli.environment import read_settings
from broker.domain.connection import Profile
from broker.exchange.own import system_clock
from broker.settings import MAKELAAR

_GOOD, _FOUT = 0, 1
_STDOUT = Path("-")


_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)


class _Unreadable(click.ClickException):
    """A document that cannot be had, or a report that cannot be written: that says nothing about the document."""

    exit_code = 2


@click.command("check")
@click.argument("documents", nargs=-1, required=True, metavar="METADATA [CATALOGUE] [REQUEST]")
@click.option(
    "--request", help="A captured AuthnRequest, in whatever form: XML, form field, query string, URL."
)
@click.option(
    "--profile",
    type=click.Choice([profile.value for profile in Profile]),
    help="The shape of its answers; without it the one that fits the metadata.",
)
@click.option(
    "--makelaar",
    metavar="OIN",
    default=MAKELAAR.oin,
    show_default=True,
    help="The OIN of the makelaar to connect to.",
)
@click.option(
    "--destination",
    "destinations",
    multiple=True,
    metavar="URL",
    help="Where that makelaar takes requests (its SingleSignOnService); may be given more than once.",
)
@click.option("--json", "json_file", type=_FILE, help="Write the report as JSON; - is stdout.")
@click.option("--html", "html_file", type=_FILE, help="Write the report as a page; - is stdout.")
@click.option(
    "--junit", "junit_file", type=_FILE, help="Write the report as JUnit XML, for a CI; - is stdout."
)
@click.option(
    "--tls", is_flag=True, help="Connect to the servers that the metadata names, and look at their TLS."
)
@click.option("--strict", is_flag=True, help="Warnings count as well for the exit code.")
@click.option(
    "--lang", type=click.Choice(["nl", "en"]), default="en", show_default=True, help="Language of the report."
)
def dv_check(
    documents: tuple[str, ...],
    request: str | None,
    profile: str | None,
    makelaar: str,
    destinations: tuple[str, ...],
    json_file: Path | None,
    html_file: Path | None,
    junit_file: Path | None,
    tls: bool,
    strict: bool,
    lang: str,
) -> None:
    """Check the documents of a dienstverlener: files or URLs, in any order.

    What is metadata, what a dienstencatalogus and what a captured AuthnRequest is told by the content. Nothing is
    registered and no makelaar needs to be installed, so it fits in the CI of a dienstverlener:

    \b
    makelaar dv check https://dv.example.nl/metadata catalogus.xml
    makelaar dv check metadata.xml catalogus.xml --request request.txt --lang nl
    makelaar dv check metadata.xml catalogus.xml --junit report.xml --strict

    Each row has an id; docs/checks.md explains all of them. Exits with 0 when nothing has to be mended, 1 with a fout
    (--strict: or a waarschuwing), 2 when a document cannot be had or is none of these.
    """
    named = _sorted(documents, request)
    report = check(
        Subject(
            metadata=named.get(kinds.METADATA),
            catalogue=named.get(kinds.CATALOGUE),
            request=named.get(kinds.REQUEST),
            now=system_clock(),
            profile=None if profile is None else Profile(profile),
            makelaar_oin=makelaar,
            destinations=destinations,
            tls=handshaker(read_settings().fetch_networks) if tls else None,
        )
    )
    written: dict[Path | None, Callable[[], str]] = {
        json_file: report.to_json,
        html_file: lambda: to_page(report, lang),
        junit_file: lambda: to_junit(report, lang, strict=strict).decode("utf-8"),
    }
    if _STDOUT not in written:
        print_report(report, lang)
    for file, make in written.items():
        if file is not None:
            _write(file, make())
    counts = report.counts()
    bad = counts["fout"] + (counts["waarschuwing"] if strict else 0)
    sys.exit(_FOUT if bad else _GOOD)


def _write(file: Path, text: str) -> None:
    if file == _STDOUT:
        click.echo(text)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise _Unreadable(f"{file}: {error.strerror}. Name a file that can be written.") from None


def _sorted(sources: tuple[str, ...], request: str | None) -> dict[str, Document]:
    """The documents by kind. Raises ``click.UsageError``, which exits with 2."""
    named: dict[str, Document] = {}
    for source in sources:
        document = _document(source)
        kind = kinds.kind_of(document.data)
        if kind is None:
            # The first is meant as metadata: then the report tells what is wrong with it.
            kind = kinds.METADATA if not named else kinds.CATALOGUE
        if kind in named:
            raise click.UsageError(
                f"{source} and {named[kind].name} are both {kind}. Check one of each at a time."
            )
        named[kind] = document
    if request is not None:
        named[kinds.REQUEST] = _document(request)
    return named


def _document(source: str) -> Document:
    try:
        return Document(source, read_document(source))
    except click.ClickException as error:
        raise _Unreadable(error.message) from None
