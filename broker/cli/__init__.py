"""The command line: `makelaar --help`."""

import click

import broker
from broker.cli.lazy import LazyGroup

_COMMANDS = {
    "ad": "broker.cli.ad:ad",
    "apply": "broker.cli.apply:apply",
    "catalogue": "broker.cli.catalogue:catalogue",
    "doctor": "broker.cli.doctor:doctor",
    "dv": "broker.cli.dv:dv",
    "keys": "broker.cli.keys:keys",
    "network": "broker.cli.network:network",
    "operator": "broker.cli.operator:operator",
    "persons": "broker.cli.persons:persons",
    "run": "broker.cli.run:run",
    "self-attack": "broker.cli.self_attack:self_attack",
    "token": "broker.cli.token:token",
    "weather": "broker.cli.weather:weather",
    "worker": "broker.cli.worker:worker",
}


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
