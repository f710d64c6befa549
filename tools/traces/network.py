"""The makelaar and the network around it in one process, each served by a thread, with taps at their doors."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import structlog
from flask import Flask
from werkzeug.serving import make_server

from broker.cli.run import connect
from broker.cli.setup import set_up
from broker.makelaar.app import create_app
from broker.network import serve
from broker.network.persons import persons
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from tests.box import Box
from tests.box import free_box_ports
from tools.traces.tap import Passing
from tools.traces.tap import Tap


@dataclass(frozen=True, slots=True)
class TappedNetwork:
    """The parties as a box to walk in, and what passed their doors so far."""

    box: Box
    passed: list[Passing]


@contextmanager
def tapped_network() -> Iterator[TappedNetwork]:
    """Everything of `makelaar run`, but for the processes and for mutual TLS, which would hide what passes."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="makelaar-traces-") as folder, ExitStack() as stack:
        environment = {"MAKELAAR_BACK_CHANNEL": "off"}
        settings = Settings(data=Path(folder), port=free_box_ports(), back_channel="off")
        assembled = set_up(settings)
        passed: list[Passing] = []
        for party in PARTIES:
            stack.enter_context(_served(settings, party, passed))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        for each in assembled:
            connect(each)
        environment |= {"MAKELAAR_DATA": folder, "MAKELAAR_PORT": str(settings.port)}
        yield TappedNetwork(
            Box(settings, {p.username: asdict(p) for p in persons(settings)}, environment), passed
        )


@contextmanager
def _served(settings: Settings, party: Party, passed: list[Passing]) -> Iterator[None]:
    app: Flask = create_app(settings) if party is MAKELAAR else serve.MAKERS[party.role](settings, party)
    port = settings.port + party.port_offset
    server = make_server("127.0.0.1", port, Tap(party.name, app, passed), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
