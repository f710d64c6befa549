"""Companies as a machtigingenregister knows them from the Handelsregister."""

from dataclasses import dataclass
from dataclasses import field

from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Rsin
from broker.domain.identifiers import Vestigingsnummer


@dataclass(frozen=True, slots=True)
class Organisation:
    """A company that can be represented. ``rsin`` is None for an eenmanszaak, which has none.

    ``name`` may be that of a person (an eenmanszaak, a vof), so it stays out of ``repr``.
    """

    kvk: KvkNumber
    rsin: Rsin | None
    name: str = field(repr=False)
    vestigingen: tuple[Vestigingsnummer, ...] = ()
