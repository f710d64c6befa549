"""What somebody hands over, and what can come of it."""

from dataclasses import dataclass
from enum import StrEnum

from broker.checks import CheckReport
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.onboarding.difference import Difference
from broker.ports import Role
from broker.ports.versions import TRANSITIONS
from broker.ports.versions import Origin
from broker.ports.versions import Version
from broker.ports.versions import VersionEvent
from broker.ports.versions import VersionState
from broker.saml.findings import Finding
from broker.saml.partner import Partner


class NotNow(Exception):
    """This cannot happen to a version in the state it is in; the text says what can."""


class NeedsApproval(NotNow):
    """Another approver has to say yes first (``four_eyes``)."""


class UnknownVersion(LookupError):
    """No version has this id or number."""


class Outcome(StrEnum):
    """What came of handing something over."""

    NEW = "new"
    """A version was kept, as concept."""
    KNOWN = "known"
    """The same was handed over before, and may still come in force."""
    UNCHANGED = "unchanged"
    """It is what is in force."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody hands over. Without ``new_keys`` a partner that is known must bring one of its keys along."""

    role: Role
    metadata: bytes
    catalogue: bytes | None = None
    connection: Connection = STANDARD
    origin: Origin = Origin.CLI
    reason: str = ""
    new_keys: bool = False


@dataclass(frozen=True, slots=True)
class Submitted:
    """The version that was kept, or that was there; what the partner would be; and what was let through.

    ``report`` is that of the checks, None where there are none.
    """

    version: Version
    outcome: Outcome
    partner: Partner
    findings: tuple[Finding, ...]
    difference: Difference
    report: CheckReport | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What handing something over would come to."""

    entity_id: str
    is_new: bool
    changes: bool
    difference: Difference
    findings: tuple[Finding, ...]


def after(version: Version, event: VersionEvent) -> VersionState:
    """The state after an event. Raises ``NotNow``."""
    state = TRANSITIONS.get((version.state, event))
    if state is None:
        raise NotNow(f"{version.label} is {version.state}, so it cannot be {event}")
    return state


def submission_of(version: Version) -> Submission:
    """What was handed over to make a version."""
    return Submission(
        version.role, version.metadata, version.catalogue, version.connection, version.origin, version.reason
    )
