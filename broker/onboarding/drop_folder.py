"""Files that are dropped in a folder, taken into the gate: as concepts, of which operators are told."""

import hashlib
from datetime import datetime
from pathlib import Path

from broker.assembly.party import Assembled
from broker.onboarding.folder import Planned
from broker.onboarding.folder import What
from broker.onboarding.folder import places
from broker.onboarding.folder import plan_one
from broker.onboarding.gate import Gate
from broker.onboarding.submissions import Outcome
from broker.ports.changes import Actor
from broker.ports.work import Mail
from broker.saml.findings import DocumentRefused
from broker.storage.outbox import SqlOutbox

_Stamp = tuple[tuple[str, int, int], ...]


class DropFolder:
    """Looks in ``metadata_folder`` of the settings, whose layout is that of ``onboarding.folder``.

    What changed is taken when it stands still: a file may be half written when we first see it.
    """

    def __init__(self, actor: Actor) -> None:
        """``actor`` is in whose name versions are brought in."""
        self._actor = actor
        self._seen: dict[Path, _Stamp] = {}
        self._taken: dict[Path, _Stamp] = {}

    def __call__(self, assembled: Assembled, now: datetime) -> None:
        """Look once."""
        folder = assembled.settings.metadata_folder
        if folder is None:
            return
        for name, role, place in places(folder):
            stamp = _stamp_of(place)
            still = self._seen.get(place) == stamp
            self._seen[place] = stamp
            if still and self._taken.get(place) != stamp:
                self._taken[place] = stamp
                gate = Gate(assembled, lambda: now)
                mail = self._take(gate, plan_one(assembled, gate, name, role, place))
                if mail is not None:
                    SqlOutbox(assembled.engine).put(mail, now)

    def _take(self, gate: Gate, planned: Planned) -> Mail | None:
        """Bring one in; what operators should hear of it."""
        if planned.what is What.BROKEN:
            return _broken(planned.name, planned.problem)
        if planned.what is What.UNCHANGED or planned.submission is None:
            return None
        if gate.turned_away(planned.entity_id, planned.submission) is not None:
            return None
        try:
            submitted = gate.submit(planned.submission, self._actor)
        except DocumentRefused as refused:
            return _broken(planned.name, str(refused))
        version = submitted.version
        if submitted.outcome is not Outcome.NEW:
            return None
        if gate.needs_approval(version):
            gate.ask_approval(version.id, self._actor)
        words = "\n".join(f"- {sentence}" for sentence in submitted.difference.in_words("en"))
        activate = f"Put it in force: makelaar dv activate {version.label}"
        body = f"{planned.name} in the folder changed:\n\n{words}\n\n{activate}"
        return Mail(f"dropped:{version.id}", f"To be looked at: {version.label}", body)


def _broken(name: str, problem: str) -> Mail:
    digest = hashlib.sha256(problem.encode()).hexdigest()[:32]
    body = f"{problem}\n\nWhat is in force goes on."
    return Mail(f"folder:{name[:200]}:{digest}", f"Cannot be used: {name}", body)


def _stamp_of(place: Path) -> _Stamp:
    """What tells whether a file in a folder changed."""
    found: list[tuple[str, int, int]] = []
    for path in sorted(place.glob("*")):
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(found)
