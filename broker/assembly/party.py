"""One party with everything it needs, from its settings."""

from dataclasses import dataclass

from sqlalchemy import Engine

from broker.assembly.documents import Documents
from broker.assembly.documents import FileDocuments
from broker.assembly.documents import RolledDocuments
from broker.assembly.own_keys import open_key_ring
from broker.assembly.own_keys import require_folder
from broker.assembly.partner_index import build_index
from broker.assembly.resolution import index_chooser
from broker.exchange.http import SoapClient
from broker.exchange.overlap import Overlap
from broker.exchange.overlap import VersionBefore
from broker.exchange.own import Keys
from broker.exchange.own import OneKey
from broker.exchange.own import Own
from broker.exchange.own import system_clock
from broker.exchange.station import Station
from broker.exchange.tls import client_context
from broker.ports import Registry
from broker.ports import Signer
from broker.ports import StateStore
from broker.saml import schema
from broker.settings import MAKELAAR
from broker.settings import Party
from broker.settings import Settings
from broker.signers.files import FileSigner
from broker.signers.ring import KeyRing
from broker.storage.engine import make_engine
from broker.storage.migrations import upgrade
from broker.storage.registry import SqlRegistry
from broker.storage.state import open_state_store


@dataclass(frozen=True, slots=True)
class Assembled:
    """A party, ready to serve. ``ring`` holds the keys of the makelaar; the others have one key for ever."""

    settings: Settings
    party: Party
    public_url: str
    engine: Engine
    registry: Registry
    state: StateStore
    station: Station
    documents: Documents
    ring: KeyRing | None = None

    @property
    def signer(self) -> Signer:
        """The key that signs now, which opens what was encrypted for this party."""
        return self.station.own.key


def assemble(settings: Settings, party: Party) -> Assembled:
    """Load the keys once, open the stores (migrating SQL to this version), and compile the schemas.

    Meant to run before gunicorn forks. Raises ``signers.files.UnusableKey``, ``exchange.tls.UnusableTls`` and
    whatever the database raises.
    """
    if party is MAKELAAR:
        require_folder(settings)
    first = None if party is MAKELAAR else FileSigner.load(settings.key_stem(party))
    engine = make_engine(settings.database(party))
    upgrade(engine)
    state = open_state_store(settings.state_url if party is MAKELAAR else "sql:", engine)
    registry = SqlRegistry(engine)
    build_index(registry, MAKELAAR.oin, settings.lowest_level)
    keys: Keys
    documents: Documents
    ring: KeyRing | None = None
    if first is None:
        ring = open_key_ring(settings, engine, system_clock())
        keys, documents = ring, RolledDocuments(settings, ring)
    else:
        keys, documents = OneKey(first), FileDocuments(settings.folder(party) / "published")
    schema.preload()
    tls = client_context(
        settings.client_stem(party), settings.server_bundle, system=settings.system_authorities
    )
    station = Station.build(
        Own(party.entity_id, keys),
        registry,
        state,
        MAKELAAR.oin,
        settings.lowest_level,
        # Half of the threads, so that logins at other partners go on when one says nothing.
        soap=SoapClient(tls, settings.partner_seconds, max(1, settings.threads // 2)),
        index_for=index_chooser(settings, party),
        overlap=_overlap(settings, party, registry),
    )
    return Assembled(settings, party, settings.url(party), engine, registry, state, station, documents, ring)


def _overlap(settings: Settings, party: Party, registry: SqlRegistry) -> Overlap | None:
    if party is not MAKELAAR:
        return None
    return VersionBefore(registry.ended_last, settings.key_overlap_days)
