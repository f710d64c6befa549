"""Printing what a check of documents found."""

from collections.abc import Iterable

import click

from broker.checks.readers import check_of
from broker.saml.findings import Finding
from broker.saml.findings import Severity


def print_findings(findings: Iterable[Finding], *, with_checks: bool = False) -> None:
    """One line each on standard error: errors in red, what is let through in yellow.

    ``with_checks`` ends each with the id of its check in docs/checks.md, which are about dienstverleners only.
    """
    for finding in findings:
        colour = "red" if finding.severity is Severity.ERROR else "yellow"
        known = f" {check_of(finding)}" if with_checks else ""
        click.secho(f"{finding}{known}", fg=colour, err=True)
