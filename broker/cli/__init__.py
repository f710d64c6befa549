"""The command line: `makelaar --help`."""

import click

import broker
from broker.cli.lazy import LazyGroup

_NAMES = (
    "ad",
    "apply",
    "audit",
    "catalogue",
    "db",
    "doctor",
    "drain",
    "dv",
    "keys",
    "network",
    "operator",
    "persons",
    "run",
    "self-attack",
    "serve",
    "token",
    "weather",
    "worker",
)
"""Each command stands in a module of its own name."""

_COMMANDS = {name: "broker.cli.{0}:{0}".format(name.replace("-", "_")) for name in _NAMES}


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(broker.__version__)
def main() -> None:
    """An open eHerkenning makelaar: connect dienstverleners, and let people log in for their company.

    Start with `makelaar run`: it needs nothing, and prints what to try.
    """
