"""A machtigingenregister of the tests, asked on the back channel to confirm a chain; it says what it is told to."""

import sqlite3
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

from broker.assembly.onboarding import register
from broker.domain.identifiers import KvkNumber
from broker.exchange.own import random_id
from broker.network import cast
from broker.ports import Ketenrelatie
from broker.ports import Role
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_SOAP
from broker.saml.partner import Endpoint
from broker.settings import MAKELAAR
from broker.settings import MR_EEN
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.machtigingen import SqlMachtigingenStore
from broker.storage.registry import SqlRegistry
from tests.keys import signer

NAME = "second-register"
ENTITY_ID = "urn:etoegang:MR:00000099000000003900:entities:9001"
CLIENT = cast.REDERIJ
"""Of the office of the accountant, as far as the first register knows."""

Answer = Callable[[bytes], tuple[int, bytes]]


def nothing(_question: bytes) -> tuple[int, bytes]:
    """The answer of a register that has nothing to say."""
    return 503, b""


class SecondRegister(ThreadingHTTPServer):
    """Listens; ``answer`` makes of an envelope a status and a body, ``asked`` holds every envelope.

    With status 0 it hangs up instead.
    """

    def __init__(self) -> None:
        """On a free port."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Answer = nothing
        self.asked: list[bytes] = []

    def metadata(self) -> bytes:
        """What it publishes."""
        url = f"http://localhost:{self.server_port}"
        publication = Publication(
            entity_id=ENTITY_ID,
            document_id=random_id(),
            names={"nl": "Register Drie", "en": "Register Three"},
            url=url,
            sign_on=(Endpoint(BINDING_SOAP, f"{url}/chain"),),
        )
        return make_metadata(publication, signer(NAME))


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Keep the question, and answer it."""
        server: Any = self.server
        question = self.rfile.read(int(self.headers["Content-Length"]))
        server.asked.append(question)
        status, body = server.answer(question)
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def second_register(settings: Settings) -> Iterator[SecondRegister]:
    """Run it, known to the makelaar and the first register; forgotten afterwards."""
    server = SecondRegister()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    engines = {party: make_engine(settings.database(party)) for party in (MAKELAAR, MR_EEN)}
    relation = Ketenrelatie(KvkNumber(cast.KANTOOR.kvk), KvkNumber(CLIENT.kvk), ENTITY_ID)
    try:
        for engine in engines.values():
            now = datetime.now(UTC)
            register(
                SqlRegistry(engine), Role.MR, server.metadata(), None, makelaar_oin=MAKELAAR.oin, now=now
            )
        SqlMachtigingenStore(engines[MR_EEN]).save_ketenrelatie(relation)
        yield server
    finally:
        for engine in engines.values():
            SqlRegistry(engine).remove(ENTITY_ID)
            engine.dispose()
        with closing(sqlite3.connect(settings.folder(MR_EEN) / "party.db")) as database, database:
            database.execute("DELETE FROM ketenrelatie WHERE register = ?", (ENTITY_ID,))
        server.shutdown()
        thread.join()
        server.server_close()
