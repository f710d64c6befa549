"""What goes over the line: requests are strict, so that a mistake in them is told and never guessed at."""

from datetime import UTC
from datetime import datetime
from typing import Annotated
from typing import Any
from typing import Literal

from pydantic import AfterValidator
from pydantic import AwareDatetime
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from broker.domain.connection import Profile
from broker.saml.policy import LIMITS

PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]*$"
"""Text without control characters, save tab and line ends."""
Reason = Annotated[str, StringConstraints(max_length=1000, pattern=PRINTABLE)]
"""Why, for the history."""

EntityId = Annotated[str, StringConstraints(min_length=1, max_length=1024, pattern=r"^[!-~]+$")]
"""An entityID: a URI."""


def _is_writable(text: str) -> str:
    """A document that UTF-8 can hold: JSON can name half of a surrogate pair."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise ValueError("the text holds half of a surrogate pair") from None
    if size > LIMITS.metadata_bytes:
        raise ValueError(f"at most {LIMITS.metadata_bytes} bytes")
    return text


Document = Annotated[str, Field(min_length=1, max_length=LIMITS.metadata_bytes), AfterValidator(_is_writable)]
"""A document as text."""


class Asked(BaseModel):
    """A request."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Given(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class Because(Asked):
    """Why it is done."""

    reason: Reason = ""


class BecauseSaid(Asked):
    """Why it is done, which has to be said."""

    reason: Annotated[Reason, Field(min_length=1)]


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("before or after all moments that can be counted") from None


class Activation(Because):
    """When it comes in force; at once without ``at``."""

    at: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None


class SubmittedDocuments(Because):
    """The documents of a partner. ``new_keys`` says that all of its keys are new and it was asked."""

    role: Literal["DV", "AD", "MR", "EB"] = "DV"
    metadata: Document
    catalogue: Document | None = None
    profile: Profile | None = None
    new_keys: bool = False


class Language(Asked):
    """In which language sentences come."""

    lang: Literal["nl", "en"] = "nl"


class OfEntity(Language):
    """Whose versions."""

    entity_id: EntityId


class FindingModel(Given):
    """What was found in a document and let through."""

    severity: str
    document: str
    line: int
    reason: str
    rule: str


class VersionModel(Given):
    """A version of a partner, without its documents."""

    id: str
    entity_id: str
    number: int
    role: str
    state: str
    origin: str
    created_at: datetime
    created_by: str
    reason: str
    activate_at: datetime | None
    activated_at: datetime | None
    ended_at: datetime | None


class VersionList(Given):
    """Versions of one partner, newest first; or those that wait."""

    items: list[VersionModel]


class SubmittedModel(Given):
    """What came of a submission: ``new``, ``known`` (handed in before) or ``unchanged`` (in force)."""

    outcome: str
    version: VersionModel
    difference: list[str]
    findings: list[FindingModel]


class DifferenceModel(Given):
    """How a version differs from what was in force when it came in."""

    points: list[dict[str, str]]
    sentences: list[str]


class PartnerModel(Given):
    """A partner that is in force."""

    id: str
    entity_id: str
    role: str
    name: str | None
    version: int | None
    suspended_at: datetime | None


class PartnerList(Given):
    """Partners by entityID; ``after`` is what asks for the next page, None on the last."""

    items: list[PartnerModel]
    after: str | None


class Search(Asked):
    """Which partners. ``after`` is what the page before says."""

    search: Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)] = ""
    role: Literal["DV", "AD", "MR", "EB", "HM"] | None = None
    after: Annotated[str, StringConstraints(max_length=1024, pattern=PRINTABLE)] = ""
    size: Annotated[int, Field(ge=1, le=200)] = 50


class ToCheck(Asked):
    """What is to be checked: metadata, a catalogue, a captured AuthnRequest, or some of them."""

    metadata: Document | None = None
    catalogue: Document | None = None
    request: Document | None = None
    profile: Profile | None = None


class CheckReportModel(Given):
    """The report of the checks, as ``makelaar dv check --json`` writes it."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    version: int = Field(alias="schema", serialization_alias="schema")
    made_at: str
    documents: list[str]
    profile: str
    proposed: dict[str, str]
    counts: dict[str, int]
    rows: list[dict[str, Any]]
    passed: list[str]


class ProblemModel(Given):
    """What is wrong with a field of a form, or could be better."""

    path: str
    must: bool
    reason: str
    rule: str


class EditionModel(Given):
    """An edition of the published catalogue; at ``location`` it stays."""

    sequence: int
    version: str
    made_at: datetime
    location: str


class EditionList(Given):
    """Editions, newest first."""

    items: list[EditionModel]


class KeyModel(Given):
    """A key with which the makelaar signs."""

    name: str
    state: str
    key_name: str
    announced_at: datetime
    active_at: datetime | None
    retiring_at: datetime | None
    retired_at: datetime | None
    not_after: datetime
    absent: str | None


class KeyList(Given):
    """Our keys, in the order in which they were announced."""

    items: list[KeyModel]


class Announced(Because):
    """The name of the files of a key."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class KeyMoment(Activation):
    """When; ``anyway`` passes over the waiting time."""

    anyway: bool = False


class KeyFilesModel(Given):
    """The files of one name on the node that answers; ``request`` is what was made for the issuer of a certificate."""

    name: str
    key: bool
    certificate: bool
    request: bool


class KeyFilesList(Given):
    """The files of keys that were not announced yet, by name. Nothing of what is in them."""

    items: list[KeyFilesModel]


class UnseenModel(Given):
    """A partner in force that is not known to know a key."""

    entity_id: str
    role: str
    name: str


class AdoptionModel(Given):
    """How many partners were seen with a key, by how, and how many were not: these would break if it signed.

    ``items`` are at most a hundred of the latter, by entityID; ``after`` asks for the next page, None on the last.
    """

    name: str
    state: str
    seen: dict[str, int]
    unseen: int
    items: list[UnseenModel]
    after: str | None


class Onwards(Asked):
    """From which entityID on: what the page before says."""

    after: Annotated[str, StringConstraints(max_length=1024, pattern=PRINTABLE)] = ""


class Confirmation(Because):
    """Who said to have a key; ``network`` adds everybody who came with the network metadata."""

    entity_ids: Annotated[list[EntityId], Field(max_length=100)] = []
    network: bool = False


class Confirmed(Given):
    """How many partners that were."""

    confirmed: int


class ChangeModel(Given):
    """A line of the history."""

    at: datetime
    who: str
    what: str
    subject: str
    why: str
    detail: dict[str, str | int | None]


class ChangeList(Given):
    """The history, newest first."""

    items: list[ChangeModel]


class Latest(Asked):
    """How many, and of what."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    subject: Annotated[str, StringConstraints(max_length=1024, pattern=PRINTABLE)] | None = None


class ExpiringModel(Given):
    """Something that ends: a certificate, or the metadata of a partner. ``entity_id`` is ours for what is our own."""

    entity_id: str
    name: str | None
    use: str
    label: str
    not_after: datetime


class WeatherModel(Given):
    """What ends soon or has ended, soonest first."""

    items: list[ExpiringModel]


class Ahead(Asked):
    """How many days one looks ahead."""

    days: Annotated[int, Field(ge=1, le=3660)] = 90
