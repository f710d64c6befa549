"""The dienstencatalogus as we publish it, of all dienstverleners and of each: signed, numbered, and kept.

An edition holds for as long as what it was made of does: then every process serves the same bytes, whoever made them.
Afsprakenstelsel, Service catalog.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Final

from broker.exchange.own import Own
from broker.exchange.partners import Partners
from broker.ports import Registry
from broker.ports import Role
from broker.ports.editions import Edition
from broker.ports.editions import EditionMade
from broker.ports.editions import EditionStore
from broker.ports.editions import PartnersMark
from broker.saml.catalogue import make_network_catalogue
from broker.saml.errors import UnknownPartner
from broker.saml.partner import Partner
from broker.saml.partner import in_force
from broker.saml.policy import LIMITS

ALL: Final = ""
"""Where an OIN is asked: the catalogue of all dienstverleners together."""

KEPT: Final = 50
"""Editions of each catalogue, the newest; an edition comes with each change of a dienstverlener."""

_TEST_INDEX = re.compile(r":entities:0*9[0-9]{3}$")
_TRIES = 5


class CatalogueTooLarge(Exception):
    """All dienstverleners together are more than whoever reads a catalogue takes; each has its own."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The edition that holds, and by which mark of the registry and key of ours it does."""

    mark: PartnersMark
    key_name: str
    edition: Edition


@dataclass(slots=True)
class CatalogueEditions:
    """Which edition holds now; a new one is made when somebody asks and what it was made of has changed.

    Whether that is so is asked of one index; only when it is does the work grow with the number of dienstverleners.
    """

    store: EditionStore
    registry: Registry
    partners: Partners
    own: Own
    _known: _Known | None = field(default=None, init=False)
    _last: tuple[Edition, bytes] | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def current(self, oin: str = ALL) -> Edition | None:
        """The edition that holds now, of all, or of the dienstverlener with this OIN; None when there is no such.

        While a thread makes a new one of all, the others go on with the one before it. Raises ``CatalogueTooLarge``.
        """
        if oin != ALL:
            entities = self.store.entities_of(oin)
            return self._made(oin, self._hashes(entities)) if entities else None
        known = self._known
        # The mark first: what changes after it is seen the next time.
        mark, key_name = self.store.mark(), self.own.key.key_name
        if (
            known is not None
            and (known.mark, known.key_name) == (mark, key_name)
            and self._holds(known.edition)
        ):
            return known.edition
        earlier = known.edition if known is not None else self.store.latest(ALL)
        if not self._lock.acquire(blocking=earlier is None):
            return earlier
        try:
            if self.store.size() > LIMITS.network_catalogue_bytes:
                raise CatalogueTooLarge
            edition = self._made(ALL, tuple(self.registry.content_hashes(Role.DV)))
            self._known = _Known(mark, key_name, edition)
        finally:
            self._lock.release()
        return edition

    def find(self, oin: str, sequence: int) -> Edition | None:
        """An edition that was published and is still kept."""
        return self.store.find(oin, sequence)

    def document(self, edition: Edition) -> bytes:
        """What was published. Raises ``LookupError`` when it is kept no longer."""
        kept = self._last
        if kept is not None and kept[0] == edition:
            return kept[1]
        document = self.store.document(edition)
        if edition.oin == ALL:
            self._last = (edition, document)
        return document

    def version(self, edition: Edition) -> str:
        """The name of an edition, as it stands in the document."""
        test = _TEST_INDEX.search(self.own.entity_id) or ":00000099" in self.own.entity_id
        return f"urn:etoegang:1.13:service-catalogue:{'T' if test else 'P'}:{edition.sequence}"

    def _hashes(self, entities: Sequence[str]) -> tuple[tuple[str, str], ...]:
        return tuple((each, self.registry.content_hash(each) or "") for each in entities)

    def _holds(self, edition: Edition) -> bool:
        return edition.until is None or self.own.clock() < edition.until

    def _made(self, oin: str, hashes: tuple[tuple[str, str], ...]) -> Edition:
        """The newest edition if it is of these parts, else a new one, which another process may be making too."""
        key = self.own.key
        digest = hashlib.sha256(key.certificate_der)
        for part in hashes:
            digest.update("\n".join(part).encode() + b"\n\n")
        content_hash = digest.hexdigest()
        for _ in range(_TRIES):
            latest = self.store.latest(oin)
            if latest is not None and latest.content_hash == content_hash and self._holds(latest):
                return latest
            now = self.own.clock()
            parts, until = self._parts(oin, [entity_id for entity_id, _ in hashes], now)
            edition = Edition(oin, (latest.sequence if latest else 0) + 1, content_hash, now, until)
            document = make_network_catalogue(
                parts,
                catalogue_id=self.own.new_id(),
                version=self.version(edition),
                now=now,
                key=key,
            )
            with suppress(EditionMade):
                self.store.add(edition, document, KEPT)
                return edition
        raise EditionMade("others kept making editions at the same moment")

    def _parts(
        self, oin: str, entities: Sequence[str], now: datetime
    ) -> tuple[list[tuple[bytes, Partner]], datetime | None]:
        """The catalogues with whose they are, and the first moment at which that changes without a change of ours."""
        parts: list[tuple[bytes, Partner]] = []
        moments: list[datetime] = []
        for entity_id in entities:
            record = self.registry.find(entity_id)
            # One that is no longer good, or was removed just now, must not take the others along.
            with suppress(UnknownPartner):
                versions = self.partners.versions(entity_id, Role.DV)
                moments += _moments(versions)
                partner = in_force(versions, now)
                if partner is None or record is None or record.catalogue is None:
                    continue
                if oin in {ALL, *(service.dienstverlener.value for service in partner.catalogue.values())}:
                    parts.append((record.catalogue, partner))
        return parts, min((moment for moment in moments if moment > now), default=None)


def _moments(versions: Sequence[Partner]) -> Iterator[datetime]:
    """When a description of somebody, or a key in it, comes in force or ceases to be."""
    for version in versions:
        yield from filter(None, (version.valid_from, version.valid_until))
        for certificate in version.encryption_keys:
            yield from (certificate.not_before, certificate.not_after)
