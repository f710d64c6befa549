"""`makelaar operator`: who may log in to the console."""

import click

from broker.cli.actors import cli_actor
from broker.cli.makelaar import open_makelaar
from broker.onboarding.operators import LONGEST_PASSWORD
from broker.onboarding.operators import SHORTEST_PASSWORD
from broker.onboarding.operators import OperatorRefused
from broker.onboarding.operators import Operators
from broker.onboarding.operators import UnknownOperator
from broker.ports.changes import OperatorRole

_ROLES = click.Choice([role.value for role in OperatorRole])
_WHY = {
    "username": "a username has small letters, digits and . _ @ + -, and begins and ends with a letter or digit",
    "name": "a name has at most 200 characters",
    "taken": "this username exists already. See: makelaar operator list",
    "last_approver": "this is the last approver. Add another first: makelaar operator add NAME --role approver",
    "too_short": f"a password has at least {SHORTEST_PASSWORD} characters",
    "too_long": f"a password has at most {LONGEST_PASSWORD} characters",
    "guessable": "this password holds the username, or too few different characters",
}


@click.group()
def operator() -> None:
    """Add, list and disable operators: who logs in to the console.

    A viewer looks; an operator brings in versions and handles keys; an approver approves, and manages operators too.

    Whoever has this command on the machine of the makelaar needs no password: it writes to its database. Each change is
    in the history, under the name of the account that ran it.
    """


@operator.command()
@click.argument("username")
@click.option("--role", type=_ROLES, required=True, help="What they may do.")
@click.option("--name", help="The name that colleagues know; without it the username.")
def add(username: str, role: str, name: str | None) -> None:
    """Add an operator and print a link, where they choose a password and set up a second factor.

    \b
    makelaar operator add j.devries --role approver --name "Jan de Vries"

    The link works once, within a day. For a new one: makelaar operator link USERNAME.
    """
    service, console = _open()
    try:
        added, token = service.add(username, name or username, OperatorRole(role), cli_actor())
    except OperatorRefused as refused:
        raise _told(refused) from None
    click.echo(f"added: {added.username} ({added.role})")
    click.echo(f"their link, once, within a day: {console}/enrol/{token}")


@operator.command("list")
def list_all() -> None:
    """List the operators, with their roles and when they logged in last."""
    for each in _open()[0].all():
        state = "disabled" if each.disabled_at else "active" if each.password_hash else "invited"
        last = f"{each.last_login_at:%Y-%m-%d %H:%M} UTC" if each.last_login_at else "never"
        click.echo(f"{each.username}  {each.role}  {state}  last login {last}  {each.name}")


@operator.command()
@click.argument("username")
def link(username: str) -> None:
    """Print a new link for USERNAME: their old password, second factor and passkeys no longer serve.

    Whoever was disabled may log in again behind it.
    """
    service, console = _open()
    try:
        token = service.invite_again(username, cli_actor())
    except UnknownOperator:
        raise _unknown(username) from None
    click.echo(f"their link, once, within a day: {console}/enrol/{token}")


@operator.command()
@click.argument("username")
def disable(username: str) -> None:
    """Let USERNAME in no longer, from this moment, also where they are logged in."""
    try:
        _open()[0].disable(username, cli_actor())
    except UnknownOperator:
        raise _unknown(username) from None
    except OperatorRefused as refused:
        raise _told(refused) from None
    click.echo(f"disabled: {username}")


@operator.command()
@click.argument("username")
def password(username: str) -> None:
    """Ask for a new password for USERNAME, and set it. Their sessions end; their second factor stays.

    It is asked on the terminal, and never an argument: others on this machine could read that.
    """
    service = _open()[0]
    chosen = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    try:
        service.set_password(username, chosen, cli_actor())
    except UnknownOperator:
        raise _unknown(username) from None
    except OperatorRefused as refused:
        raise _told(refused) from None
    click.echo("the password was changed")


@operator.command("reset-totp")
@click.argument("username")
def reset_totp(username: str) -> None:
    """Have USERNAME set up a new second factor, at the next login with their password; passkeys are forgotten."""
    try:
        _open()[0].reset_second_factor(username, cli_actor())
    except UnknownOperator:
        raise _unknown(username) from None
    click.echo(f"{username} sets up a new second factor at the next login")


def _open() -> tuple[Operators, str]:
    makelaar = open_makelaar()
    return Operators(makelaar.engine, makelaar.state), makelaar.settings.console_address


def _unknown(username: str) -> click.ClickException:
    return click.ClickException(f"{username} is no operator. See: makelaar operator list")


def _told(refused: OperatorRefused) -> click.ClickException:
    return click.ClickException(f"{_WHY.get(refused.code, refused.code)}.")
