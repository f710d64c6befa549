"""A dienstverlener with a setup link: its documents, and how it hands them over."""

from collections.abc import Callable
from io import BytesIO

from broker.assembly.onboarding import register
from broker.assembly.party import Assembled
from broker.exchange.own import system_clock
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.settings import MAKELAAR
from tests.console.conftest import Site
from tests.journeys import documents

OPERATOR = Actor("piet", OperatorRole.OPERATOR)
OIN, OTHER_OIN = "00000099000000006700", "00000099000000006800"
ENTITY_ID = f"urn:etoegang:DV:{OIN}:entities:9001"
NewLink = Callable[..., str]


def metadata(oin: str = OIN) -> bytes:
    return documents.metadata("setup-dv", oin, "http://localhost:9", (), (3,))


def catalogue(oin: str = OIN) -> bytes:
    return documents.catalogue("setup-dv", oin, (3,))


def connect(makelaar: Assembled, oin: str = OIN) -> None:
    register(
        makelaar.registry,
        Role.DV,
        metadata(oin),
        catalogue(oin),
        makelaar_oin=MAKELAAR.oin,
        now=system_clock(),
        new_keys=True,
    )


def hand(site: Site, path: str, do: str, oin: str = OIN) -> int:
    """Upload both documents."""
    data = {
        "do": do,
        "metadata_file": (BytesIO(metadata(oin)), "metadata.xml"),
        "catalogue": catalogue(oin).decode(),
    }
    return site.client.post(path, data=data).status_code
