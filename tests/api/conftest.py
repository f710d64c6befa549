"""The API over a makelaar with the dienstverlener of the box, without any process."""

import shutil
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client
from werkzeug.wrappers import Response

from broker.api.app import create_api
from broker.assembly.onboarding import register
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.assembly.publication import publish
from broker.cli.setup import make_development_keys
from broker.exchange.partners import Partners
from broker.network.dienstverlener.catalogue import make_own_catalogue
from broker.network.dienstverlener.catalogue import offered_attributes
from broker.network.dienstverlener.catalogue import offered_services
from broker.onboarding.tokens import Tokens
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.tokens import Scope
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.migrations import upgrade
from broker.storage.registry import SqlRegistry
from broker.storage.registry import source_id

DV = GEMEENTE.entity_id
DV_ID = source_id(DV).hex()
Wsgi = Callable[[dict[str, Any], Any], Any]


@dataclass
class Api:
    """A program with a token, and the API."""

    makelaar: Assembled
    wsgi: Wsgi
    headers: dict[str, str] = field(default_factory=dict)

    def allowed(self, *scopes: Scope, by: str = "cli:test") -> "Api":
        """The same with a new token that may do this, made by somebody."""
        tokens = Tokens(self.makelaar.engine)
        name = f"test {len(tokens.list())}"
        _, text = tokens.make(name, scopes, Actor(by, OperatorRole.APPROVER))
        return replace(self, headers={"Authorization": f"Bearer {text}"})

    def call(self, method: str, path: str, **options: Any) -> Any:
        """One request; ``path`` without /v1."""
        headers = {**self.headers, **options.pop("headers", {})}
        return Client(self.wsgi, Response).open("/v1" + path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        """A GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        """A POST; ``json`` is its body."""
        return self.call("POST", path, **options)


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, bytes]:
    """The folder of an installation, and metadata and catalogue of its dienstverlener."""
    settings = Settings(data=tmp_path_factory.mktemp("api"), port=19_000)
    for party in (MAKELAAR, GEMEENTE):
        make_development_keys(settings, party)
    publish(settings, GEMEENTE, offered_services(), offered_attributes())
    gemeente = assemble(settings, GEMEENTE)
    catalogue = make_own_catalogue(gemeente)
    gemeente.engine.dispose()
    metadata = (settings.folder(GEMEENTE) / "published" / "metadata.xml").read_bytes()
    return settings.data, metadata, catalogue


@pytest.fixture(scope="session")
def makelaar(documents: tuple[Path, bytes, bytes]) -> Iterator[Assembled]:
    """The makelaar, with that dienstverlener connected."""
    folder, metadata, catalogue = documents
    makelaar = assemble(Settings(data=folder, port=19_000), MAKELAAR)
    register(
        makelaar.registry, Role.DV, metadata, catalogue, makelaar_oin=MAKELAAR.oin, now=datetime.now(UTC)
    )
    yield makelaar
    makelaar.engine.dispose()


@pytest.fixture(scope="session")
def wsgi(makelaar: Assembled) -> Wsgi:
    """The API as it is mounted."""
    return DispatcherMiddleware(Response("not here", 404), {"/v1": create_api(makelaar)})


@pytest.fixture(scope="session")
def api(makelaar: Assembled, wsgi: Wsgi) -> Api:
    """A program with a token that may do everything."""
    return Api(makelaar, wsgi).allowed(*Scope)


@pytest.fixture(scope="session")
def database(documents: tuple[Path, bytes, bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database in which the dienstverlener is connected."""
    file = tmp_path_factory.mktemp("api") / "makelaar.db"
    engine = make_engine(f"sqlite:///{file}")
    upgrade(engine)
    _, metadata, catalogue = documents
    register(
        SqlRegistry(engine),
        Role.DV,
        metadata,
        catalogue,
        makelaar_oin=MAKELAAR.oin,
        now=datetime.now(UTC),
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture
def fresh(makelaar: Assembled, database: Path, tmp_path: Path) -> Iterator[Api]:
    """The same with a database of its own, for tests that change what is in it."""
    shutil.copy(database, tmp_path / "makelaar.db")
    engine = make_engine(f"sqlite:///{tmp_path}/makelaar.db")
    registry = SqlRegistry(engine)
    station = replace(makelaar.station, partners=Partners(registry, MAKELAAR.oin))
    own = replace(makelaar, engine=engine, registry=registry, station=station)
    yield Api(own, DispatcherMiddleware(Response("not here", 404), {"/v1": create_api(own)})).allowed(*Scope)
    engine.dispose()
