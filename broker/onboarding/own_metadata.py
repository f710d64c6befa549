"""The metadata of the makelaar on disk, for who hands it over by hand; partners fetch it from its address."""

from broker.assembly.documents import RolledDocuments
from broker.assembly.own_keys import open_key_ring
from broker.assembly.party import Assembled
from broker.assembly.publication import write_documents


def write_own_metadata(makelaar: Assembled) -> None:
    """Write the documents as they are now to the folder ``published``. Raises ``UnusableKey``."""
    clock = makelaar.station.own.clock
    # The keys as they are after what was changed just now.
    ring = open_key_ring(makelaar.settings, makelaar.engine, clock())
    made = RolledDocuments(makelaar.settings, ring, clock).every()
    write_documents(makelaar.settings, makelaar.party, made)
