"""What each party of the box publishes of itself.

Metadata changes with keys, names and addresses only, so it is made when the party is set up and at each start, not
for each request. That of the makelaar follows its keys: see ``documents``.
"""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final

from broker.assembly import paths
from broker.assembly.resolution import resolution_services
from broker.domain.attributes import AskedAttribute
from broker.domain.identifiers import IdentifierType
from broker.exchange.own import random_id
from broker.ports import Role
from broker.ports import Signer
from broker.saml.keys import Certificate
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import BINDING_SOAP
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.partner import Endpoint
from broker.settings import MAKELAAR
from broker.settings import Party
from broker.settings import Settings
from broker.signers.files import FileSigner

_BROWSER_BINDINGS = (BINDING_ARTIFACT, BINDING_POST)
_DELIVERED = {
    Role.AD: (INTERNAL_PSEUDONYM,),
    Role.EB: tuple(
        kind.value for kind in (IdentifierType.EIDAS_LEGAL, IdentifierType.PSEUDO_1_9, IdentifierType.BSN)
    ),
}
"""The identifier types that metadata announces (Metadata for participants)."""

OF_MAKELAAR: Final = ("metadata.xml", "network.xml", "metadata-1.11.xml")
"""What the makelaar publishes: for dienstverleners, for the network, for dienstverleners of interface version 1.11."""

Services = dict[int, tuple[str, dict[str, str]]]
Requested = dict[int, tuple[AskedAttribute, ...]]


def publish(
    settings: Settings, party: Party, services: Services | None = None, requested: Requested | None = None
) -> None:
    """Write the metadata of a party, signed with its key.

    ``services``, and the attributes ``requested`` for them, are for a dienstverlener.
    """
    signer = FileSigner.load(settings.key_stem(party))
    if party is MAKELAAR:
        write_documents(settings, party, documents_of_makelaar(settings, signer))
        return
    publication = replace(_publication(settings, party, services or {}), requested_attributes=requested or {})
    made = {"metadata.xml": make_metadata(publication, signer)}
    if party.role is Role.AD:
        made["delegation.xml"] = make_metadata(_towards_providers(settings, party), signer)
    write_documents(settings, party, made)


def documents_of_makelaar(
    settings: Settings, key: Signer, further: tuple[Certificate, ...] = ()
) -> dict[str, bytes]:
    """The metadata of the makelaar by name of its file, signed with ``key``; ``further`` see ``Publication``.

    The same settings and keys make the same bytes in every process, so that an ETag holds whichever node is asked.
    """
    publication = _publication(settings, MAKELAAR, {})
    described = (publication, _towards_network(settings), _of_version_1_11(settings, publication))
    return {
        name: make_metadata(_named_after_content(replace(each, further_keys=further), key), key)
        for name, each in zip(OF_MAKELAAR, described, strict=True)
    }


def _named_after_content(publication: Publication, key: Signer) -> Publication:
    keys = [key.key_name, *(each.key_name for each in publication.further_keys)]
    said = replace(publication, document_id="", further_keys=())
    digest = sha256(f"{said!r} {keys}".encode()).hexdigest()
    return replace(publication, document_id=f"_{digest[:32]}")


def write_documents(settings: Settings, party: Party, made: Mapping[str, bytes]) -> None:
    """Put documents where an operator finds them."""
    folder = settings.folder(party) / "published"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        _write(folder / name, data)


def _publication(settings: Settings, party: Party, services: Services) -> Publication:
    url = settings.url(party)
    resolution = (
        resolution_services(settings)
        if party is MAKELAAR
        else (Endpoint(BINDING_SOAP, url + paths.ARS, 0, is_default=True),)
    )
    if party.role is Role.DV:
        return Publication(
            entity_id=party.entity_id,
            document_id=random_id(),
            names=dict(party.names),
            url=url,
            assertion_consumers=(Endpoint(BINDING_ARTIFACT, url + paths.DV_ACS, 0, is_default=True),),
            artifact_resolution=resolution,
            services=services,
        )
    sign_on = {
        Role.HM: tuple(
            Endpoint(binding, url + paths.HM_SSO) for binding in (*_BROWSER_BINDINGS, BINDING_REDIRECT)
        ),
        Role.AD: tuple(Endpoint(binding, url + paths.AD_SSO) for binding in _BROWSER_BINDINGS),
        Role.EB: tuple(Endpoint(binding, url + paths.EB_SSO) for binding in _BROWSER_BINDINGS),
        Role.MR: (
            *(Endpoint(binding, url + paths.MR_DECISION) for binding in _BROWSER_BINDINGS),
            Endpoint(BINDING_SOAP, url + paths.MR_CHAIN),
        ),
    }[party.role]
    logout = {Role.HM: paths.HM_SLO, Role.AD: paths.AD_SLO}.get(party.role)
    return Publication(
        entity_id=party.entity_id,
        document_id=random_id(),
        names=dict(party.names),
        url=url,
        sign_on=sign_on,
        artifact_resolution=resolution,
        logout=_logout(url + logout) if logout else (),
        level=party.level,
        name_id_formats=_DELIVERED.get(party.role, ()),
        contact=settings.contact if party is MAKELAAR else None,
    )


def _of_version_1_11(settings: Settings, publication: Publication) -> Publication:
    """How the makelaar presents itself to dienstverleners of interface version 1.11: at an address of their own."""
    address = settings.url(MAKELAAR) + paths.HM_SSO_1_11
    sign_on = tuple(replace(endpoint, location=address) for endpoint in publication.sign_on)
    return replace(publication, sign_on=sign_on, version="1.11")


def _towards_network(settings: Settings) -> Publication:
    """How the makelaar presents itself to authenticatiediensten and registers: as who asks."""
    url = settings.url(MAKELAAR)
    consumers = tuple(
        Endpoint(binding, url + path, index, is_default=index == 1)
        for index, binding, path in (
            (1, BINDING_ARTIFACT, paths.HM_ACS_AD),
            (2, BINDING_ARTIFACT, paths.HM_ACS_MR),
            (3, BINDING_POST, paths.HM_ACS_AD),
            (4, BINDING_POST, paths.HM_ACS_MR),
            (5, BINDING_ARTIFACT, paths.HM_ACS_EB),
            (6, BINDING_POST, paths.HM_ACS_EB),
        )
    )
    return Publication(
        entity_id=MAKELAAR.entity_id,
        document_id=random_id(),
        names=dict(MAKELAAR.names),
        url=url,
        assertion_consumers=consumers,
        artifact_resolution=resolution_services(settings),
        logout=_logout(url + paths.HM_SLO_AD),
        catalogue_location=url + paths.CATALOGUE,
        contact=settings.contact,
    )


def _towards_providers(settings: Settings, party: Party) -> Publication:
    """How an authenticatiedienst presents itself to plain identity providers that it delegates to: as who asks.

    Without a key to encrypt with: some products encrypt as soon as they see one, and there is nothing to hide here
    from the browser of the person it is about.
    """
    url = settings.url(party)
    return Publication(
        entity_id=party.entity_id,
        document_id=random_id(),
        names=dict(party.names),
        url=url,
        assertion_consumers=(Endpoint(BINDING_POST, url + paths.AD_DELEGATED, 0, is_default=True),),
        takes_ciphertext=False,
    )


def _logout(location: str) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(binding, location) for binding in (*_BROWSER_BINDINGS, BINDING_REDIRECT))


def _write(path: Path, data: bytes) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)
