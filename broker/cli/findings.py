"""Printing what a check of documents found."""

from collections.abc import Iterable

import click

from broker.saml.findings import Finding
from broker.saml.findings import Severity


def print_findings(findings: Iterable[Finding]) -> None:
    """One line each on standard error: errors in red, what is let through in yellow."""
    for finding in findings:
        colour = "red" if finding.severity is Severity.ERROR else "yellow"
        click.secho(str(finding), fg=colour, err=True)
