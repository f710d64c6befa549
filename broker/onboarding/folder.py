"""A folder with everything that partners handed over: what stands in it, and what it would change.

``metadata/README.md`` describes the layout.
"""

import errno
import tomllib
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from pathlib import Path
from typing import Any
from typing import Final

from broker.assembly.onboarding import connection_of
from broker.assembly.party import Assembled
from broker.domain.connection import EVERY_TOLERANCE
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.levels import LevelOfAssurance
from broker.onboarding.difference import Difference
from broker.onboarding.gate import Gate
from broker.onboarding.submissions import Submission
from broker.ports import Role
from broker.ports.versions import Origin
from broker.saml.findings import DocumentRefused
from broker.saml.policy import LIMITS
from broker.saml.proposal import propose_profile
from broker.settings import LONGEST_KEY_OVERLAP_DAYS
from broker.settings import PARTIES
from broker.storage.network import SqlNetworkStore

FOLDERS: Final[Mapping[str, Role]] = {
    "dienstverleners": Role.DV,
    "authenticatiediensten": Role.AD,
    "machtigingenregisters": Role.MR,
}
"""The sub-folders of the layout, by the role of whoever stands in them."""

_CHOICES: Final = frozenset(
    {
        "profile",
        "mutual_tls",
        "encrypt_assertion",
        "default_service",
        "forbid",
        "attributes",
        "contexts",
        "new_keys",
        "key_overlap_days",
    }
)


class What(StrEnum):
    """What a partner in the folder comes to."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Planned:
    """One partner in the folder. ``problem`` says what is wrong with a broken one."""

    name: str
    what: What
    entity_id: str = ""
    difference: Difference = field(default_factory=Difference)
    submission: Submission | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the folder comes to; ``missing`` are those that an operator connected and that are not in it."""

    planned: tuple[Planned, ...]
    missing: tuple[str, ...]

    def of(self, *what: What) -> tuple[Planned, ...]:
        """Those that come to this."""
        return tuple(each for each in self.planned if each.what in what)


def places(folder: Path) -> Iterator[tuple[str, Role, Path]]:
    """Name, role and folder of each partner, in order."""
    for name, role in FOLDERS.items():
        for place in sorted(path for path in (folder / name).glob("*") if path.is_dir()):
            if not place.name.startswith("."):
                yield f"{name}/{place.name}", role, place


def make_plan(
    assembled: Assembled, folder: Path, found: Iterable[tuple[str, Role, Path]] | None = None
) -> Plan:
    """Hold everything in the folder against what is in force; nothing is changed."""
    gate = Gate(assembled)
    planned: list[Planned] = []
    seen: dict[str, str] = {}
    for name, role, place in found if found is not None else places(folder):
        each = plan_one(assembled, gate, name, role, place)
        if each.entity_id in seen:
            problem = f"{each.entity_id} stands in {seen[each.entity_id]} too"
            each = Planned(name, What.BROKEN, problem=problem)
        elif each.entity_id:
            seen[each.entity_id] = name
        planned.append(each)
    return Plan(tuple(planned), _missing(assembled, folder, seen))


def plan_one(assembled: Assembled, gate: Gate, name: str, role: Role, place: Path) -> Planned:
    """Hold one partner against what is in force. What is wrong with it is told and not raised."""
    try:
        submission = _read(assembled, role, place)
        preview = gate.preview(submission)
    except DocumentRefused as refused:
        return Planned(name, What.BROKEN, problem="\n".join(str(finding) for finding in refused.findings))
    except OSError as error:
        return Planned(name, What.BROKEN, problem=f"{error.filename}: {error.strerror}")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        return Planned(name, What.BROKEN, problem=f"connection.toml: {error}")
    what = What.NEW if preview.is_new else What.CHANGED if preview.changes else What.UNCHANGED
    return Planned(name, what, preview.entity_id, preview.difference, submission)


def _read(assembled: Assembled, role: Role, place: Path) -> Submission:
    metadata = _document(place / "metadata.xml")
    catalogue = _document(place / "catalogue.xml") if role is Role.DV else None
    choices = place / "connection.toml"
    if not choices.exists():
        connection = connection_of(assembled.registry, metadata)
        if connection is None:
            connection = (
                Connection(profile=propose_profile(metadata).profile) if role is Role.DV else STANDARD
            )
        return Submission(role, metadata, catalogue, connection, Origin.FILE)
    chosen = tomllib.loads(_document(choices).decode("utf-8"))
    new_keys = chosen.pop("new_keys", False) is True
    return Submission(role, metadata, catalogue, read_choices(chosen), Origin.FILE, new_keys=new_keys)


def read_choices(chosen: Mapping[str, Any]) -> Connection:
    """The connection of a ``connection.toml``. Raises ValueError that names what does not fit."""
    if unknown := sorted(set(chosen) - _CHOICES):
        raise ValueError(f"{unknown[0]} is not known; there is {', '.join(sorted(_CHOICES))}")
    for name in ("mutual_tls", "encrypt_assertion"):
        if not isinstance(chosen.get(name, False), bool):
            raise ValueError(f"{name} is true or false")
    days = chosen.get("key_overlap_days", 0)
    if type(days) is not int or not 0 <= days <= LONGEST_KEY_OVERLAP_DAYS:
        raise ValueError(f"key_overlap_days is a number of days, {LONGEST_KEY_OVERLAP_DAYS} at most")
    return Connection(
        profile=Profile(chosen.get("profile", Profile.V1_13)),
        tolerances=EVERY_TOLERANCE - {Tolerance(each) for each in chosen.get("forbid", ())},
        mutual_tls=chosen.get("mutual_tls", False),
        encrypt_assertion=chosen.get("encrypt_assertion", True),
        attribute_names={str(ours): str(theirs) for ours, theirs in chosen.get("attributes", {}).items()},
        contexts={
            str(uri): LevelOfAssurance.from_short(level) for uri, level in chosen.get("contexts", {}).items()
        },
        default_service=chosen.get("default_service"),
        key_overlap_days=chosen.get("key_overlap_days"),
    )


def _document(path: Path) -> bytes:
    """A document, and of one that is too large one byte more than may be: enough to be refused.

    A pipe, at which whoever reads waits for good, is no document.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "this is no file", str(path))
    with path.open("rb") as file:
        return file.read(LIMITS.network_catalogue_bytes + 1)


def _missing(assembled: Assembled, folder: Path, seen: Mapping[str, str]) -> tuple[str, ...]:
    """Of roles that have a folder; parties of the box and those that the network brings are nobody's to miss."""
    own = {party.entity_id for party in PARTIES}
    roles: Sequence[Role] = [role for name, role in FOLDERS.items() if (folder / name).is_dir()]
    known = [
        entity_id
        for role in roles
        for entity_id, _ in assembled.registry.content_hashes(role, suspended=True)
        if entity_id not in seen and entity_id not in own
    ]
    return tuple(sorted(SqlNetworkStore(assembled.engine).own(known))) if known else ()
