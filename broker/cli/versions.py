"""`makelaar dv versions, diff, submit, approve, ...`: the way of a version from file to live."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from functools import wraps
from typing import Any

import click

from broker.cli.actors import cli_actor
from broker.cli.findings import print_findings
from broker.cli.makelaar import open_makelaar
from broker.exchange.own import system_clock
from broker.onboarding.difference import Difference
from broker.onboarding.difference import difference_of
from broker.onboarding.gate import Gate
from broker.onboarding.gate import NotAllowed
from broker.onboarding.gate import NotNow
from broker.onboarding.gate import Overtaken
from broker.onboarding.gate import UnknownVersion
from broker.onboarding.partners import resume
from broker.onboarding.partners import suspend
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.saml.findings import DocumentRefused
from broker.saml.reading import display_text
from broker.screens.language import Language
from broker.storage.changes import SqlChangeLog

Command = Callable[..., Any]

_REASON = click.option("--reason", default="", help="Why, for the history.")
_LANGUAGE = click.option(
    "--lang", type=click.Choice(["nl", "en"]), default="en", help="The language of the words."
)


def told(command: Command) -> Command:
    """What can stand in the way of a change, as the message of a command that says what to do."""

    @wraps(command)
    def carefully(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except DocumentRefused as refused:
            print_findings(refused.findings, with_checks=True)
            raise click.ClickException("refused; nothing was changed. Mend the errors above first.") from None
        except Overtaken as error:
            raise click.ClickException(f"{error}; nothing was changed. Look, and try again.") from None
        except (NotNow, NotAllowed) as error:
            raise click.ClickException(f"{error}.") from None

    return carefully


@click.command()
@click.argument("entity_id")
def versions(entity_id: str) -> None:
    """List the versions of the dienstverlener with ENTITY_ID, newest first.

    \b
    makelaar dv versions urn:etoegang:DV:00000003123456780000:entities:0001

    Other commands name one as ENTITY_ID#NUMBER.
    """
    found = Gate(open_makelaar()).versions(entity_id)
    if not found:
        raise click.ClickException(f"{entity_id} has no versions. See: makelaar dv list")
    for version in found:
        _print_line(version)


@click.command()
@click.argument("entity_id")
@click.argument("numbers", type=int, nargs=-1, metavar="[N [M]]")
@_LANGUAGE
@told
def diff(entity_id: str, numbers: tuple[int, ...], lang: Language) -> None:
    """Tell in words how versions of the dienstverlener with ENTITY_ID differ.

    \b
    makelaar dv diff urn:etoegang:DV:00000003123456780000:entities:0001 2 4

    Of two numbers, from the first to the second. Of one, from what was in force when it came in. Without a number, of
    the newest version.
    """
    gate = Gate(open_makelaar())
    if len(numbers) > 2:
        raise click.UsageError("give two numbers at most.")
    if len(numbers) == 2:
        before, after = (find_version(gate, f"{entity_id}#{number}") for number in numbers)
        print_difference(gate.compare(before, after), lang)
        return
    if numbers:
        version = find_version(gate, f"{entity_id}#{numbers[0]}")
    else:
        version = _newest(gate, entity_id)
    print_difference(difference_of(version.difference), lang)


@click.command()
@click.argument("version")
@_REASON
@told
def approve(version: str, reason: str) -> None:
    """Approve VERSION, which waits for it; then put it in force.

    \b
    makelaar dv approve urn:etoegang:DV:00000003123456780000:entities:0001#3

    VERSION is an entityID and number. Whoever brought it in cannot approve it; somebody else has to.
    """
    gate = Gate(open_makelaar())
    approved = gate.approve(find_version(gate, version).id, cli_actor(), reason)
    click.echo(f"approved: {approved.label}. Put it in force: makelaar dv activate {approved.label}")


@click.command()
@click.argument("version")
@click.option("--reason", required=True, help="Why, for whoever brought it in.")
@told
def reject(version: str, reason: str) -> None:
    """Reject VERSION (an entityID and number, as in urn:...#3), which waits for approval or for its date."""
    gate = Gate(open_makelaar())
    click.echo(f"rejected: {gate.reject(find_version(gate, version).id, cli_actor(), reason).label}")


@click.command()
@click.argument("version")
@_REASON
@told
def withdraw(version: str, reason: str) -> None:
    """Give up VERSION (an entityID and number, as in urn:...#3), which is not in force yet."""
    gate = Gate(open_makelaar())
    click.echo(f"withdrawn: {gate.withdraw(find_version(gate, version).id, cli_actor(), reason).label}")


@click.command()
@click.argument("version")
@click.option(
    "--at",
    "moment",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]),
    help="When, in UTC: 2026-12-01T06:00. The worker puts it in force then.",
)
@_REASON
@told
def activate(version: str, moment: datetime | None, reason: str) -> None:
    """Put VERSION in force, now or at a moment; it is checked once more.

    \b
    makelaar dv activate urn:etoegang:DV:00000003123456780000:entities:0001#3 --at 2026-12-01T06:00

    With four_eyes in the settings it needs approval by somebody else first; this asks for it.
    """
    gate = Gate(open_makelaar())
    at = None if moment is None else moment.replace(tzinfo=UTC)
    if at is not None and at <= system_clock():
        raise click.UsageError("--at: that moment has passed. Leave it out to activate now.")
    bring_in_force(gate, find_version(gate, version), at, reason)


@click.command()
@click.argument("entity_id")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why, for the history.")
@told
def rollback(entity_id: str, number: int, reason: str) -> None:
    """Put back version NUMBER of the dienstverlener with ENTITY_ID, at once and without approval.

    \b
    makelaar dv rollback urn:etoegang:DV:00000003123456780000:entities:0001 2 --reason "new key does not work"

    It becomes a new version with the same documents. Logins that are under way end with the version they began with.
    """
    gate = Gate(open_makelaar())
    find_version(gate, f"{entity_id}#{number}")
    version = gate.rollback(entity_id, number, cli_actor(), reason)
    click.echo(f"in force: {version.label}, which is version {number} again")
    for each in gate.pending():
        if each.entity_id == entity_id and each.activate_at is not None:
            click.secho(
                f"still to come: {each.label}, at {_moment(each.activate_at)}. "
                f"If not: makelaar dv withdraw {each.label}",
                fg="yellow",
                err=True,
            )


@click.command()
@click.argument("entity_id")
def history(entity_id: str) -> None:
    """Show who changed what of ENTITY_ID, when and why, newest first."""
    changes = SqlChangeLog(open_makelaar().engine).of(entity_id)
    if not changes:
        raise click.ClickException(f"nothing was ever changed of {entity_id}. See: makelaar dv list")
    for change in changes:
        detail = " ".join(f"{name}={value}" for name, value in change.detail.items() if value is not None)
        why = f"  ({display_text(change.why)})" if change.why else ""
        click.echo(f"{_moment(change.at)}  {change.who}  {change.what}  {detail}{why}")


@click.command()
def pending() -> None:
    """List the versions that wait for approval, or for their date, oldest first."""
    found = Gate(open_makelaar()).pending()
    if not found:
        click.echo("nothing waits.")
    for version in found:
        _print_line(version, entity_id=True)


@click.command("suspend")
@click.argument("entity_id")
@click.option("--reason", required=True, help="Why, for the history.")
@told
def suspend_logins(entity_id: str, reason: str) -> None:
    """Refuse the logins of the dienstverlener with ENTITY_ID from now on, those under way too.

    \b
    makelaar dv suspend urn:etoegang:DV:00000003123456780000:entities:0001 --reason "key was stolen"

    Everything else of it stays; `dv resume` lets people log in again.
    """
    if not suspend(open_makelaar(), entity_id, cli_actor(), reason):
        raise click.ClickException(
            f"{entity_id} is not connected, or suspended already. See: makelaar dv list"
        )
    click.echo(f"suspended: {entity_id}")


@click.command("resume")
@click.argument("entity_id")
@_REASON
@told
def resume_logins(entity_id: str, reason: str) -> None:
    """Let people log in again at the dienstverlener with ENTITY_ID, which was suspended."""
    if not resume(open_makelaar(), entity_id, cli_actor(), reason):
        raise click.ClickException(f"{entity_id} is not connected, or not suspended. See: makelaar dv list")
    click.echo(f"resumed: {entity_id}")


def bring_in_force(gate: Gate, version: Version, at: datetime | None = None, reason: str = "") -> Version:
    """Activate a version, or ask the approval that it needs, and say which of the two happened."""
    actor = cli_actor()
    if gate.needs_approval(version):
        if version.state is not VersionState.WAITING:
            version = gate.ask_approval(version.id, actor, reason)
        click.echo(f"waiting for approval by somebody else: {version.label}")
        click.echo(
            f"they say: makelaar dv approve {version.label}; then: makelaar dv activate {version.label}"
        )
        return version
    version = gate.activate(version.id, actor, at, reason)
    if version.state is VersionState.SCHEDULED:
        click.echo(f"comes in force at {_moment(version.activate_at)}: {version.label}")
    else:
        click.echo(f"in force: {version.label}")
    return version


def print_difference(difference: Difference, language: Language = "en") -> None:
    """A sentence a line."""
    for sentence in difference.in_words(language):
        click.echo(f"  {sentence}")
    if not difference.points:
        click.echo("  nothing that a login uses is different")


def find_version(gate: Gate, label: str) -> Version:
    """The version called ENTITY_ID#NUMBER, or by its id. Raises ``click.ClickException``."""
    entity_id, _, number = label.rpartition("#")
    try:
        if number.isdecimal():
            return gate.numbered(entity_id, int(number))
        return gate.find(label)
    except UnknownVersion:
        raise click.ClickException(
            f"there is no version {label}. Name one as ENTITY_ID#NUMBER; see: makelaar dv versions ENTITY_ID"
        ) from None


def _newest(gate: Gate, entity_id: str) -> Version:
    found = gate.versions(entity_id)
    if not found:
        raise click.ClickException(f"{entity_id} has no versions. See: makelaar dv list")
    return found[0]


def _print_line(version: Version, *, entity_id: bool = False) -> None:
    name = version.label if entity_id else f"#{version.number}"
    when = f"  at {_moment(version.activate_at)}" if version.activate_at else ""
    why = f"  ({display_text(version.reason)})" if version.reason else ""
    click.echo(
        f"{name:<4} {version.state:<10}{when} {_moment(version.created_at)}  by {version.created_by}, "
        f"{version.origin}{why}"
    )


def _moment(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"
