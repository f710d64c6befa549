"""A makelaar with a database of its own, and dienstverleners that hand their documents over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from broker.onboarding.gate import Gate
from broker.onboarding.gate import Submission
from broker.onboarding.gate import Submitted
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.versions import Version
from broker.settings import Settings
from broker.storage.changes import SqlChangeLog
from broker.storage.engine import make_engine
from broker.storage.migrations import upgrade
from broker.storage.registry import SqlRegistry
from broker.storage.tables import metadata as tables
from tests.exchange.builders import STRICT
from tests.exchange.builders import Wall
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of

MAKER = Actor("anna", OperatorRole.OPERATOR)
APPROVER = Actor("bram", OperatorRole.APPROVER)
VIEWER = Actor("carla", OperatorRole.VIEWER)


def handed_over(name: str = "dv", key: str | None = None, **changes: Any) -> Submission:
    """What the dienstverlener called ``name`` hands over, with the keys of ``key``."""
    values: dict[str, Any] = {
        "role": Role.DV,
        "metadata": metadata_of(name, key),
        "catalogue": catalogue_of(name, key),
        "connection": STRICT,
        "new_keys": key is not None,
    }
    return Submission(**(values | changes))


def until_moment(moment: datetime) -> bytes:
    """Metadata, unsigned, that holds until then."""
    unsigned = re.sub(b"<ds:Signature>.*?</ds:Signature>", b"", metadata_of("dv"), count=1, flags=re.DOTALL)
    return unsigned.replace(b" ID=", f' validUntil="{moment:%Y-%m-%dT%H:%M:%SZ}" ID='.encode(), 1)


@dataclass
class Desk:
    """Where partners are brought in; ``four_eyes`` as the settings say."""

    engine: Engine
    four_eyes: bool = False
    clock: Wall = field(default_factory=Wall)
    metadata_folder: Path | None = None

    @property
    def assembled(self) -> Any:
        """As much of the makelaar as the services here use."""
        return SimpleNamespace(
            registry=self.registry,
            engine=self.engine,
            settings=Settings(four_eyes=self.four_eyes, metadata_folder=self.metadata_folder),
        )

    @property
    def gate(self) -> Gate:
        """The gate as a new process finds it."""
        return Gate(self.assembled, self.clock)

    @property
    def registry(self) -> SqlRegistry:
        """What logins read."""
        return SqlRegistry(self.engine)

    @property
    def log(self) -> SqlChangeLog:
        """The history."""
        return SqlChangeLog(self.engine)

    def submit(self, actor: Actor = MAKER, **changes: Any) -> Submitted:
        """Hand something over."""
        return self.gate.submit(handed_over(**changes), actor)

    def connect(self, actor: Actor = MAKER, **changes: Any) -> Version:
        """Hand something over and put it in force."""
        return self.gate.activate(self.submit(actor, **changes).version.id, actor)

    def what(self, entity_id: str) -> list[tuple[str, str]]:
        """The history of a partner, oldest first: who did what."""
        return [(change.who, change.what) for change in reversed(self.log.of(entity_id))]

    def at(self, moment: datetime) -> None:
        """Move the clock."""
        self.clock.now = moment


@pytest.fixture(scope="session")
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A migrated database for all tests here."""
    folder: Path = tmp_path_factory.mktemp("onboarding")
    engine = make_engine(f"sqlite:///{folder / 'party.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def desk(one_database: Engine) -> Iterator[Desk]:
    """A desk at which nobody is connected yet."""
    yield Desk(one_database)
    with one_database.begin() as connection:
        for table in reversed(tables.sorted_tables):
            connection.execute(table.delete())
