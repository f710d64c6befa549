"""The options of `makelaar dv add` that say how a dienstverlener is connected."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click

from broker.assembly.one_service import OneService
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.levels import LevelOfAssurance
from broker.saml.plain_assertion import ATTRIBUTES
from broker.saml.proposal import propose_profile

_LEVELS = click.Choice([level.short for level in LevelOfAssurance if level is not LevelOfAssurance.LOA1])
Command = Callable[..., Any]


def profile_options(command: Command) -> Command:
    """Add the options about profile, attributes and levels."""
    for option in reversed(
        (
            click.option(
                "--profile",
                type=click.Choice([profile.value for profile in Profile]),
                help="The shape of its answers; without it the one that fits the metadata.",
            ),
            click.option(
                "--encrypt-assertion/--no-encrypt-assertion",
                default=None,
                help="Profile saml: whether to encrypt when the metadata has a key for it (as it does by itself).",
            ),
            click.option(
                "--attribute",
                "attributes",
                multiple=True,
                metavar="OURS=THEIRS",
                help=f"Profile saml: another name for an attribute; ours are {', '.join(ATTRIBUTES)}.",
            ),
            click.option(
                "--context",
                "contexts",
                multiple=True,
                metavar="URI=LEVEL",
                help="Profile saml: what a class of AuthnContext is worth, such as loa3.",
            ),
            click.option(
                "--default-service",
                metavar="SERVICEID",
                help="Which of several services is meant, when metadata and request name none.",
            ),
        )
    ):
        command = option(command)
    return command


def service_options(command: Command) -> Command:
    """Add the options that stand in for a dienstencatalogus."""
    for option in reversed(
        (
            click.option(
                "--service-id", help="Instead of a catalogue: urn:etoegang:DV:<OIN>:services:<number>."
            ),
            click.option("--service-name", help="The Dutch name of that service."),
            click.option("--level", type=_LEVELS, help="The level of that service."),
            click.option("--organisation", help="Whose service it is; without it the name in the metadata."),
        )
    ):
        command = option(command)
    return command


def choose_connection(
    before: Connection | None,
    metadata: bytes,
    *,
    profile: str | None,
    encrypt_assertion: bool | None,
    attributes: Sequence[str],
    contexts: Sequence[str],
    default_service: str | None,
) -> Connection:
    """The connection that is meant: what was chosen before, with what is chosen now.

    Says which profile was taken and why when nobody chose one. Raises ``click.UsageError`` or ``DocumentRefused``.
    """
    connection = before or Connection()
    if profile is not None:
        connection = replace(connection, profile=Profile(profile))
    elif before is None:
        proposal = propose_profile(metadata)
        connection = replace(connection, profile=proposal.profile)
        click.echo(f"profile {proposal.profile}: {proposal.reason} (choose another with --profile)")
    if encrypt_assertion is not None:
        connection = replace(connection, encrypt_assertion=encrypt_assertion)
    if attributes:
        connection = replace(connection, attribute_names=_attribute_names(attributes))
    if contexts:
        connection = replace(connection, contexts=read_contexts(contexts))
    if default_service:
        connection = replace(connection, default_service=default_service)
    return connection


def choose_service(
    service_id: str | None, service_name: str | None, level: str | None, organisation: str | None
) -> OneService | None:
    """The service that stands in for a catalogue, None when none is given. Raises ``click.UsageError``."""
    if service_id is None and service_name is None and level is None:
        return None
    if service_id is None or service_name is None or level is None:
        raise click.UsageError("--service-id, --service-name and --level go together.")
    return OneService(service_id, service_name, LevelOfAssurance.from_short(level), organisation)


def _attribute_names(pairs: Sequence[str]) -> Mapping[str, str]:
    names = dict(_pair(pair, "--attribute OURS=THEIRS") for pair in pairs)
    if unknown := sorted(set(names) - set(ATTRIBUTES)):
        raise click.UsageError(f"--attribute {unknown[0]}: we have {', '.join(ATTRIBUTES)}.")
    shown = [names.get(ours, ours) for ours in ATTRIBUTES]
    if len(set(shown)) != len(shown):
        raise click.UsageError("--attribute: two attributes would have the same name.")
    return names


def read_contexts(pairs: Sequence[str]) -> Mapping[str, LevelOfAssurance]:
    """``URI=loa3`` to a mapping of classes of AuthnContext. Raises ``click.UsageError`` that names the value."""
    contexts: dict[str, LevelOfAssurance] = {}
    for pair in pairs:
        uri, short = _pair(pair, "--context URI=LEVEL")
        try:
            contexts[uri] = LevelOfAssurance.from_short(short)
        except ValueError as error:
            raise click.UsageError(f"--context {uri}: {error}.") from None
    return contexts


def _pair(text: str, form: str) -> tuple[str, str]:
    # A URI may hold an equals sign; a level or a name of theirs seldom does.
    left, _, right = text.rpartition("=")
    if not left or not right:
        raise click.UsageError(f"{text}: give it as {form}.")
    return left, right
