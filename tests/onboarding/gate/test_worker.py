"""The worker: each turn once, whatever goes wrong; and mail, by a server that really listens."""

import smtplib
import socketserver
from collections.abc import Iterator
from datetime import datetime
from datetime import timedelta
from threading import Event
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from broker.onboarding.jobs import Job
from broker.onboarding.jobs import activate_due
from broker.onboarding.outbox import pause_after
from broker.onboarding.outbox import send_due
from broker.onboarding.worker import ALIVE
from broker.onboarding.worker import Worker
from broker.ports.versions import VersionState
from broker.ports.work import Mail
from broker.settings import Settings
from broker.storage.leases import SqlLeases
from broker.storage.outbox import SqlOutbox
from tests.onboarding.gate.conftest import MAKER
from tests.onboarding.gate.conftest import Desk
from tests.onboarding.gate.conftest import until_moment
from tests.saml.builders import DV
from tests.saml.builders import NOW

EVERY = timedelta(seconds=30)
MAIL = Mail("een", "Iets\r\nBcc: x@example.nl", "Kijk ernaar.")


def works(desk: Desk, *jobs: Job) -> Worker:
    return Worker(desk.assembled, jobs, desk.clock)


def test_of_two_workers_one_does_a_turn(desk: Desk) -> None:
    done: list[datetime] = []
    job = Job("count", EVERY, lambda _, now: done.append(now))
    one, other = works(desk, job), works(desk, job)

    for _ in range(2):
        one.once()
        other.once()
    assert done == [NOW]

    desk.clock.forward(EVERY)
    other.once()
    one.once()
    assert done == [NOW, NOW + EVERY]


def test_a_job_that_goes_wrong_takes_no_other_along(desk: Desk) -> None:
    done: list[str] = []

    def fail(*_: Any) -> None:
        raise RuntimeError("a secret")

    worker = works(desk, Job("bad", EVERY, fail), Job("good", EVERY, lambda *_: done.append("good")))
    worker.once()
    desk.clock.forward(EVERY)
    worker.once()

    assert done == ["good", "good"]
    assert {each.name for each in SqlLeases(desk.engine).every()} == {"bad", "good", ALIVE}


def test_it_ends_when_it_is_asked_to(desk: Desk) -> None:
    ended = Event()
    done: list[str] = []

    def end(*_: Any) -> None:
        ended.set()
        done.append("once")

    working = Thread(target=works(desk, Job("end", EVERY, end)).run, args=(ended,))
    working.start()
    working.join(20)

    assert not working.is_alive()
    assert done == ["once"]


def test_what_comes_to_its_date_is_put_in_force_and_what_is_no_longer_good_is_mailed(desk: Desk) -> None:
    good = desk.submit().version
    desk.gate.activate(good.id, MAKER, NOW + timedelta(hours=1))
    job = Job("activate", EVERY, activate_due)
    works(desk, job).once()
    assert desk.registry.content_hash(DV) is None

    desk.clock.forward(timedelta(hours=1))
    works(desk, job).once()
    assert desk.registry.content_hash(DV) == good.content_hash
    assert desk.what(DV)[-1] == ("schedule", "version-activated")

    bad = desk.submit(metadata=until_moment(NOW + timedelta(hours=2))).version
    desk.gate.activate(bad.id, MAKER, NOW + timedelta(hours=3))
    desk.clock.forward(timedelta(hours=3))
    works(desk, job).once()
    assert desk.gate.find(bad.id).state is VersionState.CONCEPT
    (mail,) = SqlOutbox(desk.engine).latest()
    assert mail.mail.subject == f"Not activated: {DV}#2"
    assert "validUntil" in mail.mail.body


class Letterbox(socketserver.StreamRequestHandler):
    """Just enough of SMTP."""

    received: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.split()[0].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (said := self.rfile.readline()) != b".\r\n":
                    lines.append(said.decode())
                self.received.append("".join(lines))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def letterbox() -> Iterator[tuple[str, list[str]]]:
    """The URL of a mail server, and what it received."""
    received: list[str] = []
    handler = type("OwnLetterbox", (Letterbox,), {"received": received})
    with socketserver.TCPServer(("127.0.0.1", 0), handler) as server:
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}", received
        server.shutdown()
        serving.join()


def settings(url: str | None) -> Settings:
    return Settings(smtp_url=url, mail_from="makelaar@example.nl", mail_to=("a@example.nl", "b@example.nl"))


def test_mail_goes_to_whom_the_settings_name(desk: Desk, letterbox: tuple[str, list[str]]) -> None:
    url, received = letterbox
    outbox = SqlOutbox(desk.engine)
    outbox.put(MAIL, NOW)

    assert send_due(outbox, settings(url), NOW) == 1
    assert send_due(outbox, settings(url), NOW) == 0

    (message,) = received
    assert "To: a@example.nl, b@example.nl" in message
    assert "Subject: Iets Bcc: x@example.nl" in message
    assert "Kijk ernaar." in message


def test_without_a_server_mail_is_kept(desk: Desk) -> None:
    outbox = SqlOutbox(desk.engine)
    outbox.put(MAIL, NOW)

    assert send_due(outbox, settings(None), NOW) == 0

    (waiting,) = outbox.due(NOW)
    assert waiting.attempts == 0


@pytest.mark.parametrize("where", ["connecting", "sending"])
def test_mail_that_does_not_go_waits_longer_each_time(desk: Desk, where: str) -> None:
    outbox = SqlOutbox(desk.engine)
    outbox.put(MAIL, NOW)

    def refuse(*_: Any) -> Any:
        raise smtplib.SMTPServerDisconnected("user:password")

    def connect(url: str) -> Any:
        post = SimpleNamespace(send_message=refuse, quit=refuse)
        return refuse() if where == "connecting" else post

    assert send_due(outbox, settings("smtp://mail.example"), NOW, connect) == 0

    assert list(outbox.due(NOW)) == []
    (waiting,) = outbox.due(NOW + pause_after(0))
    assert (waiting.attempts, waiting.last_error) == (1, "SMTPServerDisconnected")
    assert pause_after(0) < pause_after(1) < pause_after(30) == pause_after(99)
