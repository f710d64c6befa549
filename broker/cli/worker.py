"""`makelaar worker`: what is done beside the logins."""

import signal
from datetime import UTC
from datetime import datetime
from threading import Event
from types import FrameType

import click
from sqlalchemy import Engine

from broker.assembly import logs
from broker.cli.makelaar import open_makelaar
from broker.exchange.own import system_clock
from broker.onboarding.jobs import JOBS
from broker.onboarding.outbox import can_send
from broker.onboarding.worker import ALIVE
from broker.onboarding.worker import BEAT
from broker.onboarding.worker import Worker
from broker.onboarding.worker import begun_at
from broker.settings import MAKELAAR
from broker.storage.leases import SqlLeases
from broker.storage.outbox import SqlOutbox


@click.command()
@click.option("--once", is_flag=True, help="Do what is due now, and end.")
@click.option("--show", is_flag=True, help="Do nothing; show what was done last, and which mail waits.")
def worker(once: bool, show: bool) -> None:
    """Do what is due beside the logins, until asked to end.

    Versions that come to their date, documents that are fetched on a schedule, mail. `makelaar run` starts one; in
    production start one beside each makelaar, or one at all: each turn of each job is carried out once.

    \b
    makelaar worker --show

    It ends cleanly on SIGTERM, after the job that it is doing.
    """
    makelaar = open_makelaar()
    if show:
        _show(makelaar.engine, can_send(makelaar.settings))
        return
    logs.configure(MAKELAAR.name)
    working = Worker(makelaar)
    if once:
        working.once()
        return
    ended = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    working.run(ended)


def _show(engine: Engine, sends: bool) -> None:
    leases = {each.name: each for each in SqlLeases(engine).every()}
    alive = leases.get(ALIVE)
    now = system_clock()
    if alive is None or now - alive.until > 3 * BEAT:
        click.echo("no worker is there. Start one: makelaar worker")
    else:
        click.echo(f"worker       {alive.holder}")
    for job in JOBS:
        lease = leases.get(job.name)
        last = "never" if lease is None else _moment(begun_at(lease.tick, job.every))
        click.echo(f"{job.name:<18} every {job.every}, last {last}")
    waiting = [each for each in SqlOutbox(engine).latest() if each.sent_at is None]
    if waiting and not sends:
        click.echo("no mail is sent: set smtp_url, mail_from and mail_to. See config/makelaar.toml")
    for each in waiting:
        error = f"  ({each.attempts} times not sent: {each.last_error})" if each.attempts else ""
        click.echo(f"mail waits   {each.mail.subject}{error}")


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
