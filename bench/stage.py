"""Everything around the makelaar: the three parties, their documents, and the server of their back channel."""

import threading
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path

from bench.cast import AD
from bench.cast import DV
from bench.cast import MR
from bench.cast import OFFER
from bench.cast import SERVICE
from bench.cast import SERVICE_INDEX
from bench.parties import Actor
from broker.assembly.onboarding import make_record
from broker.domain.identifiers import Oin
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.saml.catalogue_writing import make_catalogue
from broker.saml.keys import Certificate
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_SOAP
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.partner import Endpoint
from broker.saml.soap import CONTENT_TYPE
from broker.settings import MAKELAAR
from broker.settings import Party

_ARS = "/ars"
_VERSION = "urn:etoegang:1.13:service-catalogue:T:1"


@dataclass(frozen=True, slots=True)
class Stage:
    """The parties of the driver and the address at which their ArtifactResolutionServices answer."""

    ad: Actor
    mr: Actor
    dv: Actor
    url: str

    @property
    def acs(self) -> str:
        """Where the dienstverlener takes answers; nobody listens, since the driver follows redirects itself."""
        return f"{self.url}/{DV.name}/acs"

    def records(self) -> tuple[PartnerRecord, ...]:
        """What the makelaar has to know of each of us."""
        actors = (self.ad, self.mr, self.dv)
        return tuple(_record(actor, self._publication(actor.party)) for actor in actors)

    def acquaint(self, metadata: bytes, network_metadata: bytes) -> None:
        """Tell each party who the makelaar is, and whom else it deals with."""
        by_role = {record.role: record for record in self.records()}
        now = system_clock()
        towards_network = make_record(Role.HM, network_metadata, None, now)
        for record in (towards_network, by_role[Role.MR]):
            self.ad.registry.save(record)
        for record in (towards_network, by_role[Role.AD], by_role[Role.DV]):
            self.mr.registry.save(record)
        self.dv.registry.save(make_record(Role.HM, metadata, None, now))

    def _publication(self, party: Party) -> Publication:
        base = f"{self.url}/{party.name}"
        resolution = (Endpoint(BINDING_SOAP, base + _ARS, 0, is_default=True),)
        if party is DV:
            return Publication(
                entity_id=party.entity_id,
                document_id=random_id(),
                names=dict(party.names),
                url=base,
                assertion_consumers=(Endpoint(BINDING_ARTIFACT, self.acs, 0, is_default=True),),
                services={SERVICE_INDEX: (SERVICE.service_id, SERVICE.names)},
            )
        return Publication(
            entity_id=party.entity_id,
            document_id=random_id(),
            names=dict(party.names),
            url=base,
            sign_on=(Endpoint(BINDING_ARTIFACT, f"{base}/sso"),),
            artifact_resolution=resolution,
            level=party.level,
            name_id_formats=(INTERNAL_PSEUDONYM,) if party is AD else (),
        )


def _record(actor: Actor, publication: Publication) -> PartnerRecord:
    catalogue = None
    if actor.party is DV:
        catalogue = make_catalogue(
            (OFFER,),
            makelaar=Oin(MAKELAAR.oin),
            certificate=Certificate.from_der(actor.signer.certificate_der, actor.signer.key_name),
            catalogue_id=random_id(),
            version=_VERSION,
            now=system_clock(),
            key=actor.signer,
        )
    return make_record(actor.party.role, make_metadata(publication, actor.signer), catalogue, system_clock())


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """The parties, with their server on a free port of the loopback, until the context is left."""
    ad, mr, dv = (Actor.create(party, folder) for party in (AD, MR, DV))
    actors = {f"/{actor.party.name}{_ARS}": actor for actor in (ad, mr)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(actors))
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield Stage(ad, mr, dv, f"http://localhost:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler(actors: Mapping[str, Actor]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One segment per answer: a small second one would wait 40 ms for the delayed ACK of the first.
        wbufsize = 64 * 1024
        disable_nagle_algorithm = True
        timeout = 30

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            here = f"http://{self.headers['Host']}{self.path}"
            answer = actors[self.path].station.artifacts.answer(body, here)
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Not one line per request."""

    return Handler
