"""Every command teaches how it is used."""

import click
import pytest
from click.testing import CliRunner

import broker
from broker.cli import main

CONTEXT = click.Context(main)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every command, groups too."""
    found = [path]
    for name in group.list_commands(CONTEXT):
        command = group.get_command(CONTEXT, name)
        found += commands(command, (*path, name)) if isinstance(command, click.Group) else [(*path, name)]
    return found


EVERY = commands(main)


def command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(CONTEXT, name)
        assert found is not None
        command = found
    return command


def test_these_are_the_commands() -> None:
    assert [" ".join(path) for path in EVERY] == [
        "",
        "ad",
        "ad add",
        "ad authorise",
        "ad list",
        "ad remove",
        "ad show",
        "apply",
        "audit",
        "audit anchor",
        "audit export",
        "audit verify",
        "catalogue",
        "catalogue diff",
        "catalogue export",
        "catalogue import",
        "catalogue show",
        "db",
        "db status",
        "db upgrade",
        "doctor",
        "drain",
        "dv",
        "dv activate",
        "dv add",
        "dv approve",
        "dv check",
        "dv diff",
        "dv history",
        "dv import",
        "dv link",
        "dv links",
        "dv list",
        "dv pending",
        "dv rehearsals",
        "dv rehearse",
        "dv reject",
        "dv remove",
        "dv resume",
        "dv rollback",
        "dv show",
        "dv snippets",
        "dv source",
        "dv source fetch",
        "dv source list",
        "dv source remove",
        "dv source set",
        "dv submit",
        "dv suspend",
        "dv test",
        "dv tolerances",
        "dv unlink",
        "dv versions",
        "dv withdraw",
        "keys",
        "keys activate",
        "keys announce",
        "keys confirm",
        "keys list",
        "keys retire",
        "keys show",
        "keys sightings",
        "network",
        "network add",
        "network refresh",
        "network remove",
        "network show",
        "operator",
        "operator add",
        "operator disable",
        "operator link",
        "operator list",
        "operator password",
        "operator reset-totp",
        "persons",
        "run",
        "self-attack",
        "serve",
        "token",
        "token list",
        "token make",
        "token revoke",
        "weather",
        "worker",
    ]


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_has_help(path: tuple[str, ...], option: str) -> None:
    result = CliRunner().invoke(main, [*path, option])

    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert (command_at(path).help or "").strip().endswith((".", "xml"))


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_option_says_what_it_is_for(path: tuple[str, ...]) -> None:
    options = [each for each in command_at(path).params if isinstance(each, click.Option)]

    assert all(option.help for option in options)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ((), ["makelaar run", "it needs nothing"]),
        (("run",), ["MAKELAAR_PORT", "8440", "MAKELAAR_DATA", "Ctrl-C"]),
        (
            ("dv", "add"),
            ["METADATA", "--catalogue", "file or URL", "makelaar dv add https://", "line and rule"],
        ),
        (("dv", "remove"), ["ENTITY_ID", "under way"]),
        (("dv", "snippets"), ["ENTITY_ID", "--for shibboleth", "--url http://localhost:8000", "announced"]),
        (("dv",), ["nothing needs to be restarted"]),
        (("network", "add"), ["SOURCE", "--certificate", "beheerorganisatie", "must not go back", "bo.crt"]),
        (("network", "refresh"), ["network_url", "cron", "the last good one"]),
        (("network",), ["nothing needs to be restarted", "What you connect yourself stays"]),
        (("keys",), ["announced", "active", "retiring", "retired", "nothing is restarted"]),
        (("keys", "announce"), ["PKIoverheid", "--certificate", "--self-signed", "CSR"]),
        (("keys", "activate"), ["--at 2026-12-01T03:00", "--now-anyway", "it moves"]),
        (("weather",), ["--days 30", "--calendar", "Exits with 1"]),
        (("persons",), ["--json", "test persons"]),
        (("doctor",), ["Exits with 0", "1 when"]),
        (("run",), ["--nasty", "--misbehave", "mr2=lower-level", "docs/misbehaviour.md"]),
        (
            ("self-attack",),
            ["the test marker", "Ctrl-C", "attackable = true", "Exits with 0", "X the answer"],
        ),
    ],
)
def test_help_says_what_one_needs_to_know(path: tuple[str, ...], words: list[str]) -> None:
    output = " ".join(CliRunner().invoke(main, [*path, "--help"]).output.split())

    assert [word for word in words if word not in output] == []


def test_the_version_is_that_of_the_package() -> None:
    assert broker.__version__ in CliRunner().invoke(main, ["--version"]).output


@pytest.mark.parametrize(
    "arguments", [["invented"], ["dv", "invented"], ["dv", "add"], ["dv", "add", "metadata.xml"]]
)
def test_a_mistake_points_to_the_help(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 2
    assert "--help" in result.output or "-h" in result.output
