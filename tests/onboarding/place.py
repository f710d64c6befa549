"""A makelaar in this process, with a dienstverlener, authenticatiedienst and register that log people in at it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from werkzeug.serving import make_server

from bench import makelaar
from bench.cast import SERVICE
from bench.stage import Stage
from bench.stage import staged
from bench.walk import Browser
from bench.walk import log_in
from broker.makelaar.app import create_app
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from tests.ports import free_port


@dataclass
class Place:
    """Where they are, and its database."""

    settings: Settings
    stage: Stage
    engine: Engine

    def log_in_once(self) -> None:
        """One whole login, that ends in a verified assertion."""
        browser = Browser("127.0.0.1", self.settings.port)
        try:
            _, declaration = log_in(self.stage, browser, 1)
        finally:
            browser.close()
        assert declaration.service_id == SERVICE.service_id


@contextmanager
def in_place(folder: Path) -> Iterator[Place]:
    """Serve it until the context is left."""
    with staged(folder) as stage:
        settings = Settings(data=folder, port=free_port())
        makelaar.set_up(settings, stage.records())
        stage.acquaint(
            makelaar.published(settings, "metadata.xml"), makelaar.published(settings, "network.xml")
        )
        server = make_server("127.0.0.1", settings.port, create_app(settings), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        engine = make_engine(settings.database(MAKELAAR))
        yield Place(settings, stage, engine)
        server.shutdown()
        server.server_close()
        thread.join(5)
        engine.dispose()
