"""Generated dienstverleners: each with an entityID, OIN, name and service of its own, signed; few keys among them."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from uuid import NAMESPACE_URL
from uuid import uuid5

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.saml.catalogue_writing import Offer
from broker.saml.catalogue_writing import make_catalogue
from broker.saml.keys import Certificate
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.partner import Endpoint
from broker.settings import MAKELAAR
from broker.signers.files import FileSigner
from broker.signers.files import make_development_key

_KEYS = 8
FOLDER = 1_000
"""Dienstverleners in one folder, so that no folder becomes slow."""
_VERSION = "urn:etoegang:1.13:service-catalogue:T:1"
_FIRST_OIN = 99_000_001_000_000_000


def generate(folder: Path, number: int) -> Iterator[int]:
    """Write so many pairs of files under ``folder``; how many there are so far, now and then."""
    stems = [folder / "keys" / f"dv-{each}" for each in range(_KEYS)]
    stems[0].parent.mkdir(parents=True)
    for stem in stems:
        make_development_key(stem, name=stem.name, oin="00000099000000006300", now=system_clock())
    make = partial(_write, folder, stems)
    firsts = range(0, number, FOLDER)
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork")) as pool:
        for first, _ in zip(
            firsts, pool.map(make, [(each, min(each + FOLDER, number)) for each in firsts]), strict=True
        ):
            yield min(first + FOLDER, number)


def _write(folder: Path, stems: list[Path], numbers: tuple[int, int]) -> None:
    signers = [FileSigner.load(stem) for stem in stems]
    place = folder / f"{numbers[0]:06}"
    place.mkdir()
    for number in range(*numbers):
        metadata, catalogue = documents(number, signers[number % len(signers)])
        (place / f"{number:06}.xml").write_bytes(metadata)
        (place / f"{number:06}.catalogue.xml").write_bytes(catalogue)


def documents(number: int, signer: FileSigner) -> tuple[bytes, bytes]:
    """Metadata and catalogue of one of them."""
    oin = f"{_FIRST_OIN + number:020}"
    service_id = f"urn:etoegang:DV:{oin}:services:1"
    names = {"nl": f"Gemeente {number}", "en": f"Municipality {number}"}
    service = Service(
        service_id=service_id,
        service_uuid=str(uuid5(NAMESPACE_URL, service_id)),
        instance_uuid=str(uuid5(NAMESPACE_URL, f"{service_id}:instance")),
        dienstverlener=Oin(oin),
        dienstverlener_names=names,
        names={"nl": "Vergunning aanvragen", "en": "Apply for a permit"},
        level=LevelOfAssurance.LOA3,
        identifier_sets=((IdentifierType.KVKNR,),),
        makelaars=frozenset({Oin(MAKELAAR.oin)}),
    )
    url = f"https://dv{number}.example.nl"
    publication = Publication(
        entity_id=f"urn:etoegang:DV:{oin}:entities:0001",
        document_id=random_id(),
        names=names,
        url=url,
        assertion_consumers=(Endpoint(BINDING_ARTIFACT, f"{url}/acs", 0, is_default=True),),
        services={1: (service_id, service.names)},
    )
    catalogue = make_catalogue(
        (Offer(service, {"nl": "Vraag hier uw vergunning aan."}),),
        makelaar=Oin(MAKELAAR.oin),
        certificate=Certificate.from_der(signer.certificate_der, signer.key_name),
        catalogue_id=random_id(),
        version=_VERSION,
        now=system_clock(),
        key=signer,
    )
    return make_metadata(publication, signer), catalogue
