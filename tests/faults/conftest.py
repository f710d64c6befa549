"""Three nodes on PostgreSQL and Valkey behind a load balancer, with the network of a box around them."""

import shutil
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Row
from sqlalchemy import text

from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from tests import services
from tests.box import Box
from tests.box import free_box_ports
from tests.box import running_box
from tests.faults.balancer import Balancer
from tests.faults.balancer import by_connection
from tests.faults.balancer import by_request
from tests.nodes import Node
from tests.nodes import serving

NODES = 3


@dataclass
class Production:
    """A makelaar of several nodes. ``box`` is what lies around it, and the makelaar in it gets no request."""

    box: Box
    nodes: list[Node]
    front: Balancer
    back: Balancer
    stack: ExitStack

    def begin_node(self, name: str, port: int) -> Node:
        """One more, that gets requests from now on: with the keys of the others, and nothing else of theirs."""
        folder = self.box.settings.data / name
        kept = self.box.settings.folder(MAKELAAR)
        shutil.copytree(kept / "keys", folder / "makelaar" / "keys")
        shutil.copytree(self.box.settings.data / "development-ca", folder / "development-ca")
        shutil.copy(kept / "metadata.secret", folder / "makelaar" / "metadata.secret")
        environment = {
            k: v for k, v in self.box.environment.items() if k not in {"MAKELAAR_DATA", "MAKELAAR_PORT"}
        }
        node = self.stack.enter_context(serving(folder, port, **environment))
        self.nodes.append(node)
        self.let_in(node)
        return node

    def let_in(self, node: Node) -> None:
        """Have requests go to a node as well."""
        self.front.nodes.append(node.port)
        self.back.nodes.append(node.port + BACK_CHANNEL_OFFSET)

    def leave_out(self, node: Node) -> None:
        """Have no more requests go to a node."""
        self.nodes.remove(node)
        self.front.nodes.remove(node.port)
        self.back.nodes.remove(node.port + BACK_CHANNEL_OFFSET)

    def rows(self, question: str) -> Sequence[Row[Any]]:
        """What the database says."""
        engine = make_engine(self.box.environment["MAKELAAR_DATABASE_URL"])
        with engine.connect() as connection:
            found = connection.execute(text(question)).all()
        engine.dispose()
        return found


@pytest.fixture(scope="session")
def production() -> Iterator[Production]:
    """The nodes; tests leave three of them that work."""
    with ExitStack() as stack:
        database = stack.enter_context(services.postgresql())
        state = stack.enter_context(services.valkey())
        front = stack.enter_context(by_request())
        back = stack.enter_context(by_connection())
        environment = {
            "MAKELAAR_DATABASE_URL": database,
            "MAKELAAR_STATE_URL": state,
            "MAKELAAR_PUBLIC_URL": f"http://localhost:{front.port}",
            "MAKELAAR_BACK_CHANNEL_URL": f"https://localhost:{back.port}",
            "MAKELAAR_WORKERS": "1",
        }
        box = stack.enter_context(running_box(lambda port: front.nodes.append(port), **environment))
        production = Production(box, [], front, back, stack)
        names = [f"node-{number}" for number in range(NODES)]
        ports = [free_box_ports() for _ in names]
        with ThreadPoolExecutor(NODES) as pool:
            list(pool.map(production.begin_node, names, ports))
        front.nodes.remove(box.settings.port)
        yield production
        # All at once: each takes a while to let its requests finish.
        for node in production.nodes:
            node.process.terminate()
