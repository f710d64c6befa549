"""`makelaar drain`: take a node out of the load balancer."""

import time

import click
from rich.console import Console
from rich.progress import track

from broker.cli.environment import read_settings


@click.command()
@click.option(
    "--seconds",
    type=click.IntRange(0, 3600),
    default=15,
    show_default=True,
    help="How long to wait: longer than the load balancer takes to notice.",
)
@click.option("--back", is_flag=True, help="Take the node in again.")
def drain(seconds: int, back: bool) -> None:
    """Have this node take no more logins, and wait until the load balancer knows.

    \b
    makelaar drain && kill -TERM <pid of makelaar serve>

    From now on `/readyz` of this node says 503; requests that come are served as always, and logins that were here go
    on at any other node. `makelaar serve` begins undrained. As an ExecStop of systemd or a preStop of Kubernetes:
    docs/production.md.
    """
    settings = read_settings()
    if back:
        settings.drain_file.unlink(missing_ok=True)
        click.echo("this node is ready for logins again")
        return
    if not settings.data.is_dir():
        folder = settings.data.resolve()
        raise click.ClickException(f"there is no makelaar in {folder}: name its folder, MAKELAAR_DATA=...")
    settings.drain_file.touch()
    console = Console(stderr=True)
    for _ in track(
        range(seconds), "waiting for the load balancer", console=console, disable=not console.is_terminal
    ):
        time.sleep(1)
    click.echo("no load balancer that asks /readyz sends logins here any more")
