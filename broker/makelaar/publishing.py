"""What the makelaar publishes: metadata for the network, the catalogue of all its dienstverleners, the test marker."""

from contextlib import suppress
from functools import lru_cache

from flask import Response

from broker.assembly.marker import show_marker
from broker.assembly.web import error_page
from broker.assembly.web import published
from broker.assembly.web import xml
from broker.makelaar.context import Makelaar
from broker.ports import Role
from broker.saml.catalogue import make_network_catalogue
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner

_VERSION = "urn:etoegang:1.13:service-catalogue:T:1"


def network_metadata(hm: Makelaar) -> Response:
    """How authenticatiediensten and registers see us."""
    return published(hm.assembled, "network.xml")


def metadata_1_11(hm: Makelaar) -> Response:
    """How dienstverleners of interface version 1.11 see us."""
    return published(hm.assembled, "metadata-1.11.xml")


def marker(hm: Makelaar) -> Response:
    """The test marker, where this makelaar may be attacked."""
    shown = show_marker(hm.assembled)
    if shown is None:
        return error_page(404, "niet-gevonden")
    return Response(shown + "\n", content_type="text/plain")


class NetworkCatalogue:
    """The signed catalogue, made again when a dienstverlener changes, or one of its descriptors comes in force."""

    def __init__(self, hm: Makelaar) -> None:
        """Nothing is made before it is asked for."""
        self._hm = hm
        self._made = lru_cache(maxsize=1)(self._make)

    def serve(self) -> Response:
        """The catalogue as it is now."""
        hashes = tuple(self._hm.assembled.registry.content_hashes(Role.DV))
        # Its metadata says with which key to encrypt, and a moment of that metadata is no change of the registry.
        now = self._hm.station.own.clock()
        in_force = tuple(
            (each.entity_id, key and key.key_name)
            for each in self._hm.station.partners.in_role(Role.DV)
            for key in (each.encryption_key(now),)
        )
        return xml(self._made(hashes, in_force), "application/xml")

    def _make(
        self, hashes: tuple[tuple[str, str], ...], _in_force: tuple[tuple[str, str | None], ...]
    ) -> bytes:
        own = self._hm.station.own
        parts: list[tuple[bytes, Partner]] = []
        for entity_id, _ in hashes:
            record = self._hm.assembled.registry.find(entity_id)
            if record is None or record.catalogue is None:
                continue
            # One that is no longer good, or was removed just now, must not take the others along.
            with suppress(UnknownPartner):
                parts.append((record.catalogue, self._hm.station.partners.find(entity_id, Role.DV)))
        return make_network_catalogue(
            parts, catalogue_id=own.new_id(), version=_VERSION, now=own.clock(), key=own.key
        )
