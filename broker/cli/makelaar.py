"""The makelaar of this installation, for commands that look into it or change it."""

import sys

import click
import structlog

from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.cli.environment import read_settings
from broker.exchange.tls import UnusableTls
from broker.settings import MAKELAAR
from broker.signers.files import UnusableKey


def open_makelaar() -> Assembled:
    """Its stores and keys. Raises ``click.ClickException`` that says what to do when there is none."""
    settings = read_settings()
    # What a program reads from standard output is not mixed with what an operator should hear.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    try:
        return assemble(settings, MAKELAAR)
    except UnusableKey:
        raise click.ClickException(
            f"there is no makelaar in {settings.data.resolve()} yet. Start it once with: makelaar run\n"
            "or name its folder: MAKELAAR_DATA=... makelaar ..."
        ) from None
    except UnusableTls as error:
        raise click.ClickException(
            f"{error}. Missing development certificates are made by: makelaar run"
        ) from None
