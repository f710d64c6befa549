"""The command line: `makelaar --help`."""

import click

import broker
from broker.cli.ad import ad
from broker.cli.apply import apply
from broker.cli.catalogue import catalogue
from broker.cli.doctor import doctor
from broker.cli.dv import dv
from broker.cli.keys import keys
from broker.cli.network import network
from broker.cli.operator import operator
from broker.cli.persons import persons
from broker.cli.run import run
from broker.cli.self_attack import self_attack
from broker.cli.token import token
from broker.cli.weather import weather
from broker.cli.worker import worker


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(broker.__version__)
def main() -> None:
    """An open eHerkenning makelaar: connect dienstverleners, and let people log in for their company.

    Start with `makelaar run`: it needs nothing, and prints what to try.
    """


main.add_command(run)
main.add_command(dv)
main.add_command(ad)
main.add_command(network)
main.add_command(operator)
main.add_command(keys)
main.add_command(weather)
main.add_command(persons)
main.add_command(doctor)
main.add_command(self_attack)
main.add_command(catalogue)
main.add_command(token)
main.add_command(worker)
main.add_command(apply)
