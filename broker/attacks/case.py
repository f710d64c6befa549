"""What a case of the corpus is: one folder under ``cases/``, with a ``case.json`` that says all of it."""

from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated
from typing import Any
from typing import Final
from typing import Literal
from typing import get_args

from pydantic import BaseModel
from pydantic import BeforeValidator
from pydantic import ConfigDict
from pydantic import Field

FOLDER: Final = Path(__file__).parent / "cases"


class Reaction(StrEnum):
    """What the makelaar must do.

    L: a page of ours, and nothing is sent to anybody. E: a signed Response with an error status to the proven ACS. X:
    the answer is thrown away; the login may go on with another try, and the dienstverlener hears of a technical fault
    at most. A: an ArtifactResponse without a message. S: refused by TLS, or a SOAP fault. Q: refused at ingest; the
    last good copy stays. F: a page that says to try again later; nothing is granted. OK: accepted.
    """

    PAGE = "L"
    RESPONSE = "E"
    THROWN_AWAY = "X"
    NOTHING = "A"
    FAULT = "S"
    QUARANTINED = "Q"
    CLOSED = "F"
    ACCEPTED = "OK"


class Hop(StrEnum):
    """Which message of which hop a case is about."""

    REQUEST = "dv-hm"
    RESOLVE = "dv-hm-ars"
    AD = "ad-hm"
    MR = "mr-hm"
    CHAIN = "mr2-hm"
    EB = "eb-hm"
    PERSON = "browser-hm"
    INGEST = "metadata"


class Family(StrEnum):
    """The chapters of the corpus, by the numbers of the threats that they hold."""

    TRANSPORT = "transport and parsing"
    SIGNATURE = "XML signature"
    ENCRYPTION = "XML encryption"
    PROTOCOL = "protocol"
    ARTIFACT = "artifacts and TLS"
    METADATA = "metadata and onboarding"
    ASSURANCE = "assurance, authorisation, privacy"
    BROWSER = "browser"


_LAST = {
    24: Family.TRANSPORT,
    60: Family.SIGNATURE,
    72: Family.ENCRYPTION,
    96: Family.PROTOCOL,
    108: Family.ARTIFACT,
    118: Family.METADATA,
    125: Family.ASSURANCE,
    126: Family.BROWSER,
}

Judge = Literal["xmlsec1", "python-xmlsec", "signxml"]
JUDGES: Final[tuple[Judge, ...]] = get_args(Judge)
"""The other verifiers of signatures that are asked."""

Refused = Literal[
    "MalformedMessage",
    "MessageTooLarge",
    "InvalidSignature",
    "DecryptionFailed",
    "UnexpectedAnswer",
    "WrongDestination",
    "OutsideTimeWindow",
    "DocumentRefused",
]
"""The errors of broker.saml that a case can end in."""


class Step(BaseModel):
    """One small named change or act; ``do`` names it, ``given`` is what it needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    do: str = Field(pattern=r"^[a-z0-9-]+$", description="The name of a step, see broker/attacks/steps.")
    given: dict[str, Any] = Field(default_factory=dict, description="Its arguments by name.")


def _step(written: Any) -> Any:
    """A step is written as its name, or as an object with its name under ``do`` and its arguments beside it."""
    if isinstance(written, str):
        return {"do": written}
    if isinstance(written, dict) and "given" not in written:
        return {
            "do": written.get("do"),
            "given": {name: each for name, each in written.items() if name != "do"},
        }
    return written


Steps = tuple[Annotated[Step, BeforeValidator(_step)], ...]


class Login(BaseModel):
    """The login in which a case plays, up to the hop that it is about. All names are those of the actors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str = Field(default="dv", description="The dienstverlener.")
    service: int = Field(default=1, description="Its service, by index; see broker/attacks/live/troupe.py.")
    ad: str = Field(default="ad", description="The authenticatiedienst that is chosen.")
    confirm_at: str = Field(default="mr-2", description="In a chain: the second register.")
    relay_state: str = Field(default="state-1", description="The RelayState of the dienstverlener.")
    request: Steps = Field(
        default=(), description="What is changed in its AuthnRequest before that is signed."
    )
    earlier: bool = Field(
        default=False,
        description="Whether another login, in another browser, came before and was answered as it should be.",
    )
    ended: Literal["cancelled", "granted"] = Field(
        default="cancelled", description="At the hop of artifacts: how the login ended whose artifact waits."
    )


class Case(BaseModel):
    """A message or an act, and what must become of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(
        pattern=r"^\d{3}-[a-z0-9.-]+$", description="The name of the folder; begins with the threat."
    )
    title: str = Field(min_length=4, description="What is done, in a sentence.")
    source: str = Field(
        min_length=3, description="A clause, an advisory, or the software that was once caught."
    )
    hop: Hop = Field(description="Which message of which hop it touches.")
    steps: Steps = Field(min_length=1, description="How it is made, step by step.")
    login: Login = Field(default=Login(), description="The login in which it plays.")
    reaction: Reaction = Field(description="What the makelaar must do.")
    state: str | None = Field(
        default=None, description="For OK: where the login stands then, when it is not where it usually goes."
    )
    status: str | None = Field(
        default=None,
        description="For E: the status codes, without prefix, as in Requester/RequestUnsupported.",
    )
    audit: str | None = Field(
        default=None, description="The outcome in the audit log; null where none is written."
    )
    saml: Refused | Literal["OK"] | None = Field(
        default=None,
        description="What broker.saml alone says of the message; null when it is not about a message.",
    )
    judges: dict[Judge, str] = Field(
        default_factory=dict, description="Each judge that says otherwise than broker.saml, with the reason."
    )
    finding: str | None = Field(
        default=None,
        description="For Q: a part of the finding that says why, so that it was not another reason.",
    )
    logged: str | None = Field(
        default=None,
        description="An event that the makelaar must log meanwhile; null when it does not matter.",
    )
    taken: bool = Field(
        default=False,
        description="At the hop of artifacts: whether the artifact that waited is gone afterwards.",
    )
    needs: Literal["development-ca", "no-network"] | None = Field(
        default=None,
        description="What a makelaar must have for this: certificates of the development CA, or no network metadata.",
    )
    seconds: float = Field(default=2.0, gt=0, le=30, description="The longest it may take the makelaar.")

    @property
    def threat(self) -> int:
        """The number of the threat, 1 to 126."""
        return int(self.id[:3])

    @property
    def hands_over(self) -> bool:
        """Whether documents of partners are handed in, so that what is registered may change."""
        return self.hop is Hop.INGEST or any(step.do == "meanwhile" for step in self.steps)

    @property
    def is_judged(self) -> bool:
        """Whether the judges are asked: about signatures and what stands around them, where one says otherwise too.

        A signature in a query string is none of theirs.
        """
        if (
            self.saml is None
            or self.hop is Hop.INGEST
            or any(step.do == "by-redirect" for step in self.steps)
        ):
            return False
        return bool(self.judges) or self.family in (Family.SIGNATURE, Family.ENCRYPTION)

    @property
    def family(self) -> Family:
        """The chapter it stands in."""
        return next(family for last, family in _LAST.items() if self.threat <= last)


class BrokenCase(ValueError):
    """A case.json that does not fit the schema; the text names the file."""


def read_case(folder: Path) -> Case:
    """The case in a folder. Raises ``BrokenCase``."""
    path = folder / "case.json"
    try:
        case = Case.model_validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BrokenCase(f"{path}: {error}") from None
    if case.id != folder.name:
        raise BrokenCase(f"{path}: the id is not the name of the folder")
    return case


@cache
def corpus(folder: Path = FOLDER) -> tuple[Case, ...]:
    """Every case, by id. Raises ``BrokenCase``."""
    return tuple(read_case(each) for each in sorted(folder.iterdir()) if each.is_dir())
