"""What an operator sets, with embedded defaults that run everything on one machine.

Read from the environment (``MAKELAAR_PORT``, ``MAKELAAR_DATA``, ...), and beneath it from the TOML file that
``MAKELAAR_CONFIG`` names (see ``config/makelaar.toml``). A value that does not fit is an error at start-up.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict
from pydantic_settings import TomlConfigSettingsSource

from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.ports import Role


@dataclass(frozen=True, slots=True)
class Party:
    """One party of the box: its name on disk, role, OIN, place among the ports, and names to show."""

    name: str
    role: Role
    oin: str
    port_offset: int
    names: tuple[tuple[str, str], ...]
    level: LevelOfAssurance | None = None

    @property
    def entity_id(self) -> str:
        """Its EntityID; indexes from 9000 are for tests (Afsprakenstelsel, EntityID)."""
        return f"urn:etoegang:{self.role}:{self.oin}:entities:9001"

    def display_name(self, lang: str) -> str:
        """The name to show, in ``nl`` or ``en``."""
        return dict(self.names)[lang]


def _named(nl: str, en: str) -> tuple[tuple[str, str], ...]:
    return (("nl", nl), ("en", en))


MAKELAAR: Final = Party(
    "makelaar", Role.HM, "00000099000000001000", 0, _named("Open makelaar", "Open broker")
)
AD_SLEUTEL: Final = Party(
    "ad-sleutel",
    Role.AD,
    "00000099000000002000",
    1,
    _named("Sleutel Voorbeeld", "Example Key"),
    LevelOfAssurance.LOA4,
)
AD_TOEGANG: Final = Party(
    "ad-toegang",
    Role.AD,
    "00000099000000002100",
    2,
    _named("Toegang Voorbeeld", "Example Access"),
    LevelOfAssurance.LOA2PLUS,
)
MR_EEN: Final = Party("mr-een", Role.MR, "00000099000000003000", 3, _named("Register Een", "Register One"))
MR_TWEE: Final = Party("mr-twee", Role.MR, "00000099000000003100", 4, _named("Register Twee", "Register Two"))
GEMEENTE: Final = Party(
    "gemeente",
    Role.DV,
    "00000099000000004000",
    5,
    _named("Gemeente Voorbeeld", "Municipality of Example"),
)
PARTIES: Final = (MAKELAAR, AD_SLEUTEL, AD_TOEGANG, MR_EEN, MR_TWEE, GEMEENTE)


class Settings(BaseSettings):
    """The settings of one installation.

    ``data`` holds databases, keys and logs; ``port`` is the first of as many ports as there are parties;
    ``public_url`` is the makelaar's own address when a proxy stands before it. Without ``database_url`` each party
    has a SQLite file in ``data``; ``state_url`` is ``sql:`` (in that database), ``redis://...``, or ``memory:``.
    """

    model_config = SettingsConfigDict(env_prefix="MAKELAAR_", extra="forbid", frozen=True)

    data: Path = Path(".makelaar")
    host: IPv4Address = Field(
        IPv4Address("127.0.0.1"), description="The address to listen on; 0.0.0.0 inside a container."
    )
    port: int = Field(8440, ge=1, le=65535 - len(PARTIES))
    public_url: str | None = None
    database_url: str | None = None
    state_url: str = "sql:"
    workers: int = Field(2, ge=1, le=64)
    threads: int = Field(4, ge=1, le=64)
    lowest_level: LevelOfAssurance = Field(
        LOWEST_LEVEL, description="The lowest level that may be asked; loa1 was withdrawn in 2021."
    )
    advice_in_chain: bool = Field(
        False, description="Embed the registers' assertions in a chain too, which discloses them to the DV."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over the TOML file; no dotenv, so that nothing in the working directory takes effect.

        Raises FileNotFoundError for a TOML file that is not there: pydantic would go on without it.
        """
        path = os.environ.get("MAKELAAR_CONFIG")
        if path and not Path(path).is_file():
            raise FileNotFoundError(f"MAKELAAR_CONFIG names {path}, which is no file")
        toml = (TomlConfigSettingsSource(settings_cls, Path(path)),) if path else ()
        return (init_settings, env_settings, *toml)

    def folder(self, party: Party) -> Path:
        """Where a party keeps its keys, database and published metadata."""
        return self.data.resolve() / party.name

    def key_stem(self, party: Party) -> Path:
        """The path of a party's key and certificate, without suffix."""
        return self.folder(party) / "keys" / "signing"

    def url(self, party: Party) -> str:
        """The public base URL of a party, without slash at the end."""
        if party is MAKELAAR and self.public_url:
            return self.public_url.rstrip("/")
        return f"http://localhost:{self.port + party.port_offset}"

    def database(self, party: Party) -> str:
        """The database URL of a party."""
        if party is MAKELAAR and self.database_url:
            return self.database_url
        return f"sqlite:///{self.folder(party) / 'party.db'}"

    @cached_property
    def log_folder(self) -> Path:
        """Where the logs of all parties go."""
        return self.data.resolve() / "logs"
