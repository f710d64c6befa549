"""What gunicorn writes down holds nothing that opens a page or carries a message."""

import io
import logging
from collections.abc import Iterator

import pytest
from gunicorn.config import Config

from broker.cli.server_log import ServerLog
from broker.cli.server_log import masked
from broker.cli.supervisor import gunicorn
from broker.cli.supervisor import services
from broker.settings import Settings

TOKEN = "nhR4y3lmcoqlDPW5Rivz3Si7q3cQ0N3BxKoedWXsqfM"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"GET /setup/{TOKEN} HTTP/1.1", "GET /setup/… HTTP/1.1"),
        (f"Error handling request /setup/{TOKEN}/report.json", "Error handling request /setup/…/report.json"),
        (f"/test/{TOKEN}", "/test/…"),
        ("GET /sso?SAMLRequest=fZ&RelayState=x HTTP/1.1", "GET /sso… HTTP/1.1"),
        ("GET /partners HTTP/1.1", "GET /partners HTTP/1.1"),
        ("Worker (pid:12) was sent SIGTERM!", "Worker (pid:12) was sent SIGTERM!"),
    ],
)
def test_what_opens_something_is_masked(line: str, kept: str) -> None:
    assert masked(line) == kept


@pytest.fixture
def written() -> Iterator[tuple[ServerLog, io.StringIO]]:
    config = Config()
    config.set("accesslog", "-")
    config.set("errorlog", "-")
    log = ServerLog(config)
    stream = io.StringIO()
    for each in (log.error_log, log.access_log):
        for handler in each.handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(stream)
    yield log, stream
    for each in (log.error_log, log.access_log):
        each.handlers.clear()


def test_neither_the_log_of_errors_nor_that_of_requests_has_a_token(
    written: tuple[ServerLog, io.StringIO],
) -> None:
    log, stream = written
    log.error("Error handling request %s", f"/setup/{TOKEN}?done=check")
    log.access_log.info('%(m)s "%(r)s"', {"m": "GET", "r": f"GET /test/{TOKEN} HTTP/1.1"})

    assert stream.getvalue().count("…") == 3
    assert TOKEN not in stream.getvalue()


def test_every_process_that_listens_has_this_log_and_none_of_requests() -> None:
    settings = Settings()
    commands = [gunicorn(settings, each) for each in services(settings) if each.listens]

    assert len(commands) >= 3
    for command in commands:
        assert command[command.index("--logger-class") + 1] == "broker.cli.server_log.ServerLog"
        assert not [word for word in command if word.startswith("--access")]
