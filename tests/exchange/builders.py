"""A small network in one process: stations that know each other by metadata, a clock that tests set, and a back
channel that is a function call.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from functools import cache
from functools import partial
from typing import Any

from broker.assembly.onboarding import make_record
from broker.assembly.partner_index import index_of
from broker.domain.connection import Connection
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.exchange.artifacts import Artifacts
from broker.exchange.http import PartnerUnavailable
from broker.exchange.http import SoapClient
from broker.exchange.own import OneKey
from broker.exchange.own import Own
from broker.exchange.partners import Partners
from broker.exchange.receiving import Receiver
from broker.exchange.sending import Sender
from broker.exchange.station import Station
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.partner_index import IndexedService
from broker.ports.partner_index import PartnerIndex
from broker.saml.artifact import source_id
from broker.saml.catalogue_writing import Offer
from broker.saml.catalogue_writing import make_catalogue
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import BINDING_SOAP
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.partner import Endpoint
from broker.storage.memory_state import MemoryStateStore
from tests.domain.builders import a_service
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW
from tests.saml.builders import new_id

OTHER_DV = "urn:etoegang:DV:00000099000000005000:entities:0001"
MAKELAAR_OIN = "00000099000000001000"
ENTITY_IDS = {"hm": HM, "ad": AD, "mr": MR, "dv": DV, "dv2": OTHER_DV}
ROLES = {"hm": Role.HM, "ad": Role.AD, "mr": Role.MR, "dv": Role.DV, "dv2": Role.DV}


class Wall:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    def forward(self, duration: timedelta) -> None:
        self.now += duration


class MemoryRegistry:
    """A ``Registry`` in a dictionary."""

    def __init__(self, *records: PartnerRecord) -> None:
        self._records = {record.entity_id: record for record in records}
        self._given: dict[str, PartnerIndex] = {}
        self._changes = 0
        self.reads = 0
        self.versions: dict[tuple[str, str], PartnerRecord] = {}

    def save(self, record: PartnerRecord, index: PartnerIndex | None = None) -> None:
        self._records[record.entity_id] = record
        self._given.pop(record.entity_id, None)
        if index is not None:
            self._given[record.entity_id] = index
        self._changes += 1

    def remove(self, entity_id: str) -> bool:
        self._given.pop(entity_id, None)
        self._changes += 1
        return self._records.pop(entity_id, None) is not None

    def unindexed(self) -> Sequence[str]:
        return []

    def reindex(self, entity_id: str, content_hash: str, index: PartnerIndex) -> None:
        if self.content_hash(entity_id) == content_hash:
            self._given[entity_id] = index

    def edition(self, *roles: Role) -> int:
        return self._changes

    def owners(self, service_ids: Iterable[str]) -> dict[str, str]:
        wanted = set(service_ids)
        return {each.service_id: owner for owner, each in self._services() if each.service_id in wanted}

    def with_instance(self, instance_uuid: str) -> Sequence[tuple[str, str]]:
        return sorted(
            (each.service_id, owner)
            for owner, each in self._services()
            if each.instance_uuid == instance_uuid.casefold()
        )

    def with_definition(self, service_uuid: str) -> tuple[str, str] | None:
        found = (
            (each.service_id, owner)
            for owner, each in self._services()
            if each.definition_uuid == service_uuid.casefold()
        )
        return min(found, default=None)

    def sharing_oin(self, oins: Iterable[str], entity_id: str, limit: int) -> Sequence[str]:
        wanted = set(oins)
        found = {owner for owner, each in self._services() if each.oin in wanted and owner != entity_id}
        return sorted(found)[:limit]

    def certificates(self, but_by: Iterable[str]) -> Sequence[tuple[str, bytes]]:
        known = set(but_by)
        found = {
            each.fingerprint: (owner, each.der)
            for owner, index in sorted(self._indexes(), key=lambda pair: pair[0], reverse=True)
            for each in index.signing
            if each.authority not in known
        }
        return sorted(found.values())

    def _indexes(self) -> Iterator[tuple[str, PartnerIndex]]:
        """Of each partner; made when it is asked for where none was given."""
        for entity_id, record in self._records.items():
            if entity_id not in self._given:
                self._given[entity_id] = index_of(record, MAKELAAR_OIN)
            yield entity_id, self._given[entity_id]

    def _services(self) -> Iterator[tuple[str, IndexedService]]:
        for owner, index in self._indexes():
            for each in index.services:
                yield owner, each

    def content_hash(self, entity_id: str) -> str | None:
        record = self._records.get(entity_id)
        return record.content_hash if record else None

    def find(self, entity_id: str) -> PartnerRecord | None:
        self.reads += 1
        return self._records.get(entity_id)

    def find_version(self, entity_id: str, content_hash: str) -> PartnerRecord | None:
        return self.versions.get((entity_id, content_hash))

    def content_hashes(self, role: Role, *, suspended: bool = False) -> Sequence[tuple[str, str]]:
        return sorted(
            (each.entity_id, each.content_hash) for each in self._records.values() if each.role is role
        )

    def entity_id_for_source(self, source: bytes) -> str | None:
        return next((entity_id for entity_id in self._records if source_id(entity_id) == source), None)


class LoopSoap(SoapClient):
    """A back channel without a network: each address is a function."""

    def __init__(self) -> None:
        super().__init__()
        self.served: dict[str, Callable[[bytes], bytes]] = {}
        self.sent: list[tuple[str, bytes]] = []

    def post(self, url: str, body: bytes) -> bytes:
        self.sent.append((url, body))
        if url not in self.served:
            raise PartnerUnavailable("nobody listens there")
        return self.served[url](body)


def url_of(name: str, path: str) -> str:
    """An address of the party called ``name``."""
    return f"https://{name}.example/{path}"


STRICT = Connection(tolerances=frozenset())
"""Nothing is let through."""


@cache
def metadata_of(name: str, key: str | None = None) -> bytes:
    """The metadata of the party called ``name``, with the keys of ``key`` (default its own)."""
    return make_metadata(_publication(name), signer(key or name))


def metadata_with(name: str, **changes: Any) -> bytes:
    """The same with other fields of its ``Publication``."""
    return make_metadata(_publication(name, **changes), signer(name))


def _publication(name: str, **changes: Any) -> Publication:
    values: dict[str, Any] = {
        "entity_id": ENTITY_IDS[name],
        "document_id": new_id(),
        "names": {"nl": f"Partij {name}", "en": f"Party {name}"},
        "url": url_of(name, ""),
        "artifact_resolution": (Endpoint(BINDING_SOAP, url_of(name, "ars"), 0, is_default=True),),
    }
    if ROLES[name] is Role.DV:
        values["assertion_consumers"] = (Endpoint(BINDING_ARTIFACT, url_of(name, "acs"), 1, is_default=True),)
        values["services"] = {7: (service_of(name).service_id, {"nl": "Vergunning aanvragen"})}
    else:
        bindings = (BINDING_ARTIFACT, BINDING_POST, BINDING_REDIRECT)
        values["sign_on"] = tuple(Endpoint(binding, url_of(name, "sso")) for binding in bindings)
    if ROLES[name] is Role.AD:
        values["level"] = LevelOfAssurance.LOA3
        values["name_id_formats"] = (INTERNAL_PSEUDONYM,)
    return Publication(**(values | changes))


def service_of(name: str) -> Service:
    """The one service of a dienstverlener."""
    oin = ENTITY_IDS[name].split(":")[3]
    return a_service(dienstverlener=Oin(oin), service_id=f"urn:etoegang:DV:{oin}:services:7")


@cache
def catalogue_of(name: str, key: str | None = None) -> bytes:
    """The catalogue of the dienstverlener called ``name``, with the keys of ``key`` (default its own)."""
    return make_catalogue(
        [Offer(service_of(name), {"nl": "Een vergunning aanvragen."})],
        makelaar=Oin(MAKELAAR_OIN),
        certificate=certificate(key or name),
        catalogue_id=new_id(),
        version="urn:etoegang:1.13:service-catalogue:T:1",
        now=NOW,
        key=signer(key or name),
    )


@cache
def record_of(name: str, key: str | None = None) -> PartnerRecord:
    """What is registered of the party called ``name``."""
    catalogue = catalogue_of(name, key) if ROLES[name] is Role.DV else None
    return make_record(ROLES[name], metadata_of(name, key), catalogue, NOW, STRICT)


class Network:
    """Five stations, each with a registry of all the others."""

    def __init__(self) -> None:
        self.clock = Wall()
        self.soap = LoopSoap()
        self.registries = {
            name: MemoryRegistry(*(record_of(other) for other in ENTITY_IDS if other != name))
            for name in ENTITY_IDS
        }
        self.stations = {name: self._station(name) for name in ENTITY_IDS}
        for name, station in self.stations.items():
            self.soap.served[url_of(name, "ars")] = partial(
                station.artifacts.answer, here=url_of(name, "ars")
            )

    def _station(self, name: str) -> Station:
        own = Own(ENTITY_IDS[name], OneKey(signer(name)), self.clock, new_id)
        state = MemoryStateStore(self.clock.seconds)
        partners = Partners(self.registries[name], MAKELAAR_OIN, clock=self.clock)
        artifacts = Artifacts(own, partners, state, self.soap)
        receiver = Receiver(own, partners, artifacts, state)
        return Station(own, partners, artifacts, Sender(own, artifacts), receiver, state, self.soap)

    def __getitem__(self, name: str) -> Station:
        return self.stations[name]
