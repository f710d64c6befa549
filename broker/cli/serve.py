"""`makelaar serve`: the makelaar in production."""

import click

from broker.assembly import logs
from broker.cli.environment import read_settings
from broker.cli.makelaar import open_makelaar
from broker.cli.serving import Serving
from broker.cli.supervisor import Service
from broker.cli.supervisor import services
from broker.settings import BACK_CHANNEL
from broker.settings import CONSOLE
from broker.settings import MAKELAAR
from broker.settings import Settings

FRONT = "front"
PARTS = (FRONT, BACK_CHANNEL, CONSOLE)


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS), metavar="[PART]...")
def serve(parts: tuple[str, ...]) -> None:
    """Serve the makelaar, without the network that `makelaar run` puts around it.

    PART is front (where browsers come), back-channel (where partners resolve artifacts), or console (for operators, on
    a network of their own). Without PART: front and back-channel.

    \b
    makelaar serve
    makelaar serve console

    SIGHUP brings new processes with new settings and code, and ends the old ones when their requests are done; no
    connection is refused meanwhile. SIGTERM ends all, after requests that are here. Take the node out of the load
    balancer before that: makelaar drain. Beside it runs `makelaar worker`, on any node.

    All state is in the database and the state store, so any number of nodes can serve: docs/production.md.
    """
    settings = read_settings()
    chosen = chosen_services(settings, parts or (FRONT, BACK_CHANNEL))
    # Whatever is missing is told here, in one line, before any process starts.
    open_makelaar().engine.dispose()
    settings.drain_file.unlink(missing_ok=True)
    logs.configure(MAKELAAR.name)
    with Serving(settings, chosen, read_settings) as serving:
        serving.start()
        for each in chosen:
            click.echo(f"serving {each.name} on {each.port or settings.back_channel_socket}", err=True)
        serving.watch()


def chosen_services(settings: Settings, parts: tuple[str, ...]) -> list[Service]:
    """The services of these parts; the back channel only where a listener of ours serves it."""
    names = {MAKELAAR.name if part == FRONT else part for part in parts}
    found = [each for each in services(settings) if each.name in names]
    if not found:
        raise click.UsageError('there is no back channel to serve: back_channel = "off"')
    return found
