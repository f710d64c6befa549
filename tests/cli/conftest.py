"""An installation that was set up and connected, without any process of it running."""

import os
import shutil
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from click.testing import Result

from broker.assembly.onboarding import register
from broker.cli import main
from broker.cli.setup import set_up
from broker.network.dienstverlener.catalogue import make_own_catalogue
from broker.ports import Role
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Settings
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry
from tests.box import free_box_ports


@dataclass(frozen=True)
class Installation:
    """The folder and first port of an installation, and its command line."""

    data: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **environment: str) -> Result:
        """Run a command of `makelaar`; ``environment`` are more settings."""
        own = {"MAKELAAR_DATA": str(self.data), "MAKELAAR_PORT": str(self.port), "COLUMNS": "200"}
        return CliRunner().invoke(main, arguments, env={**own, **self.environment, **environment})

    @property
    def settings(self) -> Settings:
        """The settings its commands read."""
        return Settings(data=self.data, port=self.port)

    @property
    def registry(self) -> SqlRegistry:
        """The partners of its makelaar."""
        return SqlRegistry(make_engine(self.settings.database(MAKELAAR)))


@pytest.fixture(autouse=True)
def _no_settings_of_mine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MAKELAAR_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def set_up_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `makelaar run` makes before it starts anything, with the network connected from files."""
    umask = os.umask(0o077)  # set_up changes it, as befits a process of its own
    settings = Settings(data=tmp_path_factory.mktemp("installation"), port=8440)
    assembled = {each.party: each for each in set_up(settings)}
    os.umask(umask)
    catalogue = make_own_catalogue(assembled[GEMEENTE])
    (settings.data / "catalogue.xml").write_bytes(catalogue)
    for party in PARTIES:
        if party is not MAKELAAR:
            register(
                assembled[MAKELAAR].registry,
                party.role,
                (settings.folder(party) / "published" / "metadata.xml").read_bytes(),
                catalogue if party.role is Role.DV else None,
                makelaar_oin=MAKELAAR.oin,
                now=datetime.now(UTC),
            )
    for each in assembled.values():
        each.engine.dispose()
    return settings.data


@pytest.fixture
def installation(set_up_once: Path, tmp_path: Path) -> Installation:
    """An installation in order, for this test to spoil."""
    shutil.copytree(set_up_once, tmp_path / "data")
    return Installation(tmp_path / "data", free_box_ports())


@pytest.fixture
def nothing(tmp_path: Path) -> Installation:
    """A folder in which nothing was ever started."""
    return Installation(tmp_path / "data", free_box_ports())
