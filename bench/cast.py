"""Who takes part in the measured logins besides the makelaar, and the one service they log in to."""

from typing import Final
from uuid import NAMESPACE_URL
from uuid import uuid5

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Service
from broker.ports import Role
from broker.saml.catalogue_writing import Offer
from broker.settings import MAKELAAR
from broker.settings import Party


def _party(name: str, role: Role, oin: str, level: LevelOfAssurance | None = None) -> Party:
    return Party(name, role, oin, 0, (("nl", f"Meting {role}"), ("en", f"Bench {role}")), level)


AD: Final = _party("bench-ad", Role.AD, "00000099000000006000", LevelOfAssurance.LOA4)
MR: Final = _party("bench-mr", Role.MR, "00000099000000006100")
DV: Final = _party("bench-dv", Role.DV, "00000099000000006200")

KVK: Final = "90000011"
"""The KvK-nummer that comes out of every login."""

PERSON: Final = "f" * 32
"""The internal pseudonym of whoever logs in."""

SERVICE_INDEX: Final = 1
_SERVICE_ID = f"urn:etoegang:DV:{DV.oin}:services:{SERVICE_INDEX}"

SERVICE: Final = Service(
    service_id=_SERVICE_ID,
    service_uuid=str(uuid5(NAMESPACE_URL, _SERVICE_ID)),
    instance_uuid=str(uuid5(NAMESPACE_URL, f"{_SERVICE_ID}:instance")),
    dienstverlener=Oin(DV.oin),
    dienstverlener_names=dict(DV.names),
    names={"nl": "Gemeten dienst", "en": "Measured service"},
    level=LevelOfAssurance.LOA3,
    identifier_sets=((IdentifierType.KVKNR,),),
    restrictions_allowed=frozenset(),
    makelaars=frozenset({Oin(MAKELAAR.oin)}),
)

OFFER: Final = Offer(SERVICE, {"nl": "Bestaat om gemeten te worden.", "en": "Exists to be measured."})
