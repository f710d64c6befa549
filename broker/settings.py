"""What an operator sets, with embedded defaults that run everything on one machine.

Read from the environment (``MAKELAAR_PORT``, ``MAKELAAR_DATA``, ...), and beneath it from the TOML file that
``MAKELAAR_CONFIG`` names (see ``config/makelaar.toml``). A value that does not fit is an error at start-up.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address
from ipaddress import IPv4Network
from ipaddress import IPv6Network
from pathlib import Path
from typing import Final
from typing import Literal
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field
from pydantic import model_validator
from pydantic_settings import BaseSettings
from pydantic_settings import PydanticBaseSettingsSource
from pydantic_settings import SettingsConfigDict
from pydantic_settings import TomlConfigSettingsSource

from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.ports import Role
from broker.saml.policy import CALLS


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
BERICHTENSERVICE: Final = Party(
    "berichtenservice",
    Role.EB,
    "00000099000000007000",
    6,
    _named("eIDAS Voorbeeld", "Example eIDAS"),
    LevelOfAssurance.LOA4,
)
PARTIES: Final = (MAKELAAR, AD_SLEUTEL, AD_TOEGANG, MR_EEN, MR_TWEE, GEMEENTE, BERICHTENSERVICE)

BACK_CHANNEL: Final = "back-channel"
"""The name of the listener with mutual TLS, on disk and in messages."""

BACK_CHANNEL_OFFSET: Final = 20
"""Its place among the ports, clear of those of the parties."""

CONSOLE: Final = "console"
"""The name of the process for operators, on disk and in messages."""

CONSOLE_OFFSET: Final = 10
"""Its place among the ports."""

LONGEST_KEY_OVERLAP_DAYS: Final = 90
"""For so long at most is a key believed that its partner left out of its metadata."""


class Settings(BaseSettings):
    """The settings of one installation.

    ``data`` holds databases, keys and logs; ``port`` is that of the makelaar, the parties around it take those that
    follow, and the listener with mutual TLS the one 20 further; ``public_url`` is the makelaar's own address when a
    proxy stands before it. Without ``database_url`` each party has a SQLite file in ``data``; ``state_url`` is
    ``sql:`` (in that database), ``redis://...``, or ``memory:``.

    ``back_channel`` says who ends mutual TLS: we, a proxy before us that hands the client certificate on in
    ``client_certificate_header``, or nobody. That header counts on ``back_channel_socket`` (a Unix socket), or else
    from ``back_channel_proxies`` only. ``front_artifact_resolution`` lets partners resolve without a client
    certificate at the first port too. The authorities are PEM bundles, by default the development CA: of client
    certificates, and of the servers that we ask.
    """

    model_config = SettingsConfigDict(env_prefix="MAKELAAR_", extra="forbid", frozen=True)

    data: Path = Path(".makelaar")
    host: IPv4Address = Field(
        IPv4Address("127.0.0.1"), description="The address to listen on; 0.0.0.0 inside a container."
    )
    port: int = Field(8440, ge=1, le=65535 - BACK_CHANNEL_OFFSET)
    public_url: str | None = None
    console_url: str | None = Field(
        None, description="The address of the console as operators know it, when a proxy stands before it."
    )
    database_url: str | None = None
    state_url: str = "sql:"
    workers: int = Field(2, ge=1, le=64)
    threads: int = Field(4, ge=1, le=64)
    lowest_level: LevelOfAssurance = Field(
        LOWEST_LEVEL, description="The lowest level that may be asked; loa1 was withdrawn in 2021."
    )
    bsn_authorised: tuple[str, ...] = Field(
        (GEMEENTE.oin,),
        description="OINs of dienstverleners to whom the embedded eIDAS-berichtenservice may give a BSN.",
    )
    advice_in_chain: bool = Field(
        False, description="Embed the registers' assertions in a chain too, which discloses them to the DV."
    )
    back_channel: Literal["tls", "proxy", "off"] = "tls"
    back_channel_url: str | None = None
    back_channel_socket: Path | None = None
    back_channel_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    client_certificate_header: str = Field("Client-Cert", pattern=r"^[A-Za-z0-9-]+$")
    client_authorities: Path | None = None
    server_authorities: Path | None = None
    system_authorities: bool = Field(
        False, description="Trust the authorities of the operating system for the servers that we ask, too."
    )
    front_artifact_resolution: bool = True
    contact: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$",
        description="The mailbox of a role, for partners; our metadata holds it.",
    )
    key_announced_days: int = Field(
        14, ge=0, le=365, description="How long partners know a next key of ours before it may sign."
    )
    key_overlap_days: int = Field(
        0,
        ge=0,
        le=LONGEST_KEY_OVERLAP_DAYS,
        description="How long keys that new metadata of a partner leaves out are still believed.",
    )
    network_url: str | None = Field(
        None, description="Where the beheerorganisatie publishes the metadata of the network."
    )
    network_certificates: tuple[Path, ...] = Field(
        (), description="The certificates with one of which that document must be signed."
    )

    fetch_networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="Networks, beside the internet, from which a document named by URL may be fetched."
    )
    four_eyes: bool = Field(
        False,
        description="Whether a version of a partner comes in force only after approval by somebody else.",
    )
    metadata_folder: Path | None = Field(
        None, description="A folder in which documents of partners are dropped; the worker looks in it."
    )
    smtp_url: str | None = Field(
        None,
        pattern=r"^smtps?://[^/?#]+$",
        description="The mail server: smtp:// with STARTTLS, plain on this machine only, or smtps://.",
    )
    mail_from: str | None = Field(None, pattern=r"^[^@\s]+@[^@\s]+$", description="The sender of our mail.")
    mail_to: tuple[str, ...] = Field((), description="The operators that are told by mail.")
    audit_days: int = Field(
        7 * 365 + 2, ge=30, le=36525, description="How long records of the audit log are kept."
    )
    attackable: bool = Field(
        False,
        description="Present the test marker, so that `makelaar self-attack` may be fired at this makelaar.",
    )
    partner_seconds: float = Field(
        CALLS.answer_seconds,
        ge=0.1,
        le=60,
        description="How long a partner may take over a whole answer on the back channel.",
    )
    nasty: str | None = Field(
        None, description="The seed by which all embedded parties misbehave; for trying out only."
    )
    nasty_one_in: int = Field(3, ge=1, le=1000)
    misbehave: tuple[str, ...] = Field(
        (), description="What one embedded party does always, as mr2=obligation-dropped."
    )

    @model_validator(mode="after")
    def _can_hand_out_artifacts(self) -> Self:
        """Somewhere an artifact must be resolved, and a header from nowhere in particular is from anybody."""
        if self.back_channel == "off" and not self.front_artifact_resolution:
            raise ValueError(
                "back_channel is off and front_artifact_resolution is false: nobody could log in"
            )
        if self.back_channel == "proxy" and not (self.back_channel_socket or self.back_channel_proxies):
            raise ValueError("back_channel is proxy: set back_channel_socket or back_channel_proxies")
        return self

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

    def client_stem(self, party: Party) -> Path:
        """The path of the key and certificate that a party presents to the servers it asks, without suffix."""
        return self.folder(party) / "keys" / "client"

    @property
    def listener_stem(self) -> Path:
        """The path of the key and certificate of the listener with mutual TLS, without suffix."""
        return self.folder(MAKELAAR) / "keys" / "listener"

    @property
    def development_authority_stem(self) -> Path:
        """The path of the key and certificate of the development CA, without suffix."""
        return self.data.resolve() / "development-ca" / "ca"

    @property
    def client_bundle(self) -> Path:
        """The authorities under which partners have their client certificates."""
        return self.client_authorities or self.development_authority_stem.with_suffix(".crt")

    @property
    def server_bundle(self) -> Path:
        """The authorities under which the servers that we ask have their certificates."""
        return self.server_authorities or self.development_authority_stem.with_suffix(".crt")

    @property
    def back_channel_address(self) -> str:
        """The public base URL of the listener with mutual TLS, without slash at the end."""
        if self.back_channel_url:
            return self.back_channel_url.rstrip("/")
        host = urlsplit(self.url(MAKELAAR)).hostname
        return f"https://{host}:{self.port + BACK_CHANNEL_OFFSET}"

    @property
    def console_address(self) -> str:
        """The public base URL of the console, without slash at the end."""
        return (self.console_url or f"http://localhost:{self.port + CONSOLE_OFFSET}").rstrip("/")

    @property
    def is_tried_out(self) -> bool:
        """Whether both makelaar and console are known as localhost: nobody else can reach either."""
        return all(
            address.startswith("http://localhost") for address in (self.url(MAKELAAR), self.console_address)
        )

    def ports(self) -> dict[int, str]:
        """Every port that we listen on, and what for."""
        taken = {self.port + party.port_offset: party.display_name("en") for party in PARTIES}
        taken[self.port + CONSOLE_OFFSET] = CONSOLE
        if self.back_channel == "tls" or (self.back_channel == "proxy" and not self.back_channel_socket):
            taken[self.port + BACK_CHANNEL_OFFSET] = BACK_CHANNEL
        return taken

    def url(self, party: Party) -> str:
        """The public base URL of a party, without slash at the end."""
        if party is MAKELAAR and self.public_url:
            return self.public_url.rstrip("/")
        return f"http://localhost:{self.port + party.port_offset}"

    @property
    def drain_file(self) -> Path:
        """The file that says that this node takes no more logins; see ``makelaar drain``."""
        return self.data / "draining"

    def database(self, party: Party) -> str:
        """The database URL of a party."""
        if party is MAKELAAR and self.database_url:
            return self.database_url
        return f"sqlite:///{self.folder(party) / 'party.db'}"

    @property
    def presents_test_marker(self) -> bool:
        """Whether this makelaar may be attacked: it is on localhost, where only its owner logs in, or it says so."""
        return self.attackable or urlsplit(self.url(MAKELAAR)).hostname in ("localhost", "127.0.0.1")

    @cached_property
    def log_folder(self) -> Path:
        """Where the logs of all parties go."""
        return self.data.resolve() / "logs"
