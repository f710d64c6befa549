"""What the makelaar publishes: metadata for the network, the catalogue of all its dienstverleners, the test marker."""

from flask import Response
from flask import request

from broker.assembly import paths
from broker.assembly.marker import show_marker
from broker.assembly.personal_address import PARAMETER
from broker.assembly.web import error_page
from broker.assembly.web import published
from broker.assembly.web import xml
from broker.makelaar.context import Makelaar
from broker.onboarding.catalogue_editions import ALL
from broker.onboarding.catalogue_editions import CatalogueEditions
from broker.onboarding.catalogue_editions import CatalogueTooLarge
from broker.onboarding.in_test import NotInTest
from broker.ports.editions import Edition
from broker.saml.catalogue import make_network_catalogue
from broker.saml.policy import LIMITS
from broker.storage.editions import SqlEditionStore

VERSION_IN_TEST = "urn:etoegang:1.13:service-catalogue:T:0"
"""The name of a catalogue that is not published: no edition has this number."""

_TOO_LARGE = f"""The dienstencatalogus of all dienstverleners would be over {LIMITS.network_catalogue_bytes} bytes.
That of each is at {paths.CATALOGUE}/<OIN>.
"""


def metadata(hm: Makelaar) -> Response:
    """How dienstverleners see us."""
    return _to_reader(hm, "metadata.xml")


def network_metadata(hm: Makelaar) -> Response:
    """How authenticatiediensten and registers see us."""
    return _to_reader(hm, "network.xml")


def metadata_1_11(hm: Makelaar) -> Response:
    """How dienstverleners of interface version 1.11 see us."""
    return _to_reader(hm, "metadata-1.11.xml")


def _to_reader(hm: Makelaar, name: str) -> Response:
    """A document for everybody; who comes by an address of its own is seen to have it."""
    response = published(hm.assembled, name)
    given = request.args.get(PARAMETER)
    if given is not None and request.method == "GET":
        source = hm.addresses.read(given)
        entity_id = hm.assembled.registry.entity_id_for_source(source) if source else None
        if entity_id is not None:
            hm.sightings.fetched(entity_id, hm.station.own.clock())
    return response


def marker(hm: Makelaar) -> Response:
    """The test marker, where this makelaar may be attacked."""
    shown = show_marker(hm.assembled)
    if shown is None:
        return error_page(404, "niet-gevonden")
    return Response(shown + "\n", content_type="text/plain")


class Catalogue:
    """The dienstencatalogus that we publish: of all dienstverleners, and of each by its OIN, with what came before."""

    def __init__(self, hm: Makelaar) -> None:
        """Nothing is made before it is asked for."""
        assembled, station = hm.assembled, hm.station
        self._editions = CatalogueEditions(
            SqlEditionStore(assembled.engine), assembled.registry, station.partners, station.own
        )
        self._hm = hm

    def serve(self, oin: str = ALL) -> Response:
        """The edition that holds now, or 304 to who has it."""
        try:
            return self._answer(self._editions.current(oin))
        except CatalogueTooLarge:
            return Response(_TOO_LARGE, 503, content_type="text/plain")

    def serve_edition(self, sequence: int, oin: str = ALL) -> Response:
        """An edition that was published, or 304 to who has it."""
        return self._answer(self._editions.find(oin, sequence))

    def serve_in_test(self, version_id: str) -> Response:
        """The catalogue of one version that is tried out, for whoever was told of it in a test login."""
        try:
            part = self._hm.versions_in_test.catalogue(version_id)
        except NotInTest:
            return error_page(404, "niet-gevonden")
        own = self._hm.station.own
        document = make_network_catalogue(
            [part],
            catalogue_id=own.new_id(),
            version=VERSION_IN_TEST,
            now=own.clock(),
            key=own.key,
        )
        response = xml(document, "application/xml")
        response.cache_control.no_store = True
        return response

    def _answer(self, edition: Edition | None) -> Response:
        if edition is None:
            return error_page(404, "niet-gevonden")
        response = xml(b"", "application/xml")
        response.set_etag(f"{edition.sequence}-{edition.content_hash[:16]}-{edition.made_at.timestamp():.6f}")
        response.cache_control.no_cache = True
        response.last_modified = edition.made_at
        response.headers["Content-Location"] = self._location(edition)
        response.make_conditional(request.environ)
        if response.status_code == 200:
            try:
                response.set_data(self._editions.document(edition))
            except LookupError:
                return error_page(404, "niet-gevonden")
        return response

    def _location(self, edition: Edition) -> str:
        """Where this edition stays."""
        part = f"/{edition.oin}" if edition.oin else ""
        return f"{paths.CATALOGUE}{part}/editions/{edition.sequence}"
