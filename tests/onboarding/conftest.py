"""A makelaar's database with two dienstverleners in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from broker.assembly.partner_index import index_of
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry
from broker.storage.tables import metadata
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import record_of


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def registry(engine: Engine) -> SqlRegistry:
    registry = SqlRegistry(engine)
    for name in ("dv", "dv2"):
        registry.save(record_of(name), index_of(record_of(name), MAKELAAR_OIN))
    return registry
