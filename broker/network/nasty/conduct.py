"""The conduct of one party: what it does at each occasion, told in the log and to the browser that is served."""

from collections import OrderedDict
from threading import Lock
from typing import Final

import structlog
from flask import g
from flask import has_request_context

from broker.network.nasty.answers import CHANGES
from broker.network.nasty.answers import holds_assertion
from broker.network.nasty.answers import is_half_a_chain
from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.network.nasty.catalogue import Misbehaviour
from broker.network.nasty.catalogue import Where
from broker.network.nasty.choosing import Chooser
from broker.network.nasty.hands import Hands

log = structlog.get_logger()

_KEPT: Final = 1_000
"""Artifacts of which is remembered what will happen on their line; each is fetched within seconds."""

_NEEDS_EARLIER: Final = frozenset({"replayed", "swapped-pseudonym", "swapped-company", "replayed-request"})
_NEEDS_ASSERTION: Final = frozenset(
    {"unsigned-assertion", "lower-level", "swapped-pseudonym", "swapped-company", "expired", "no-assertion"}
)


class Conduct:
    """What one party does in this process. Safe for threads."""

    def __init__(self, chooser: Chooser, hands: Hands) -> None:
        """``chooser`` says when, ``hands`` are what it is done with."""
        self._chooser = chooser
        self.hands = hands
        self._lines: OrderedDict[str, Misbehaviour] = OrderedDict()
        self._lock = Lock()

    def answer(self, message: bytes, occasion: str, *, has_line: bool) -> tuple[bytes, Misbehaviour | None]:
        """The Response to give in the place of this one, and what must happen on its line.

        ``occasion`` is counted by itself; ``has_line`` tells that somebody comes to fetch the answer.
        """
        declares, half_a_chain = holds_assertion(message), is_half_a_chain(message)
        earlier = bool(self.hands.said)

        def can(each: Misbehaviour) -> bool:
            if each.where is Where.LINE:
                # On the back channel of a chain there is no artifact to forget.
                return has_line and (each.name != "forgotten" or occasion == "answer")
            if each.name == "obligation-dropped":
                return half_a_chain
            return (declares or each.name not in _NEEDS_ASSERTION) and (
                earlier or each.name not in _NEEDS_EARLIER
            )

        chosen = self._chooser.choose(occasion, (Where.ANSWER, Where.LINE), can)
        if self.hands.swap.is_wanted:
            chosen = MISBEHAVIOURS["reordered"]
        try:
            return self._answer(message, chosen, occasion)
        finally:
            self.hands.said.append(message)

    def _answer(
        self, message: bytes, chosen: Misbehaviour | None, occasion: str
    ) -> tuple[bytes, Misbehaviour | None]:
        if chosen is None:
            return message, None
        if chosen.where is Where.LINE:
            self._tell(chosen, occasion)
            return message, chosen
        changed = CHANGES[chosen.name](message, self.hands)
        if changed is None:
            return message, None
        self._tell(chosen, occasion)
        return changed, None

    def request(self) -> Misbehaviour | None:
        """What to do to an AuthnRequest."""
        earlier = bool(self.hands.said)
        chosen = self._chooser.choose(
            "request", (Where.REQUEST,), lambda each: earlier or each.name not in _NEEDS_EARLIER
        )
        return self._told(chosen, "request")

    def fetch(self) -> Misbehaviour | None:
        """What to do when an artifact is to be resolved."""
        return self._told(self._chooser.choose("fetch", (Where.FETCH,), lambda _: True), "fetch")

    def remember_line(self, artifact: str, what: Misbehaviour) -> None:
        """When this artifact is fetched, ``what`` happens."""
        with self._lock:
            self._lines[artifact] = what
            if len(self._lines) > _KEPT:
                self._lines.popitem(last=False)

    def on_line(self, artifact: str) -> Misbehaviour | None:
        """What must happen now that this artifact is fetched; once."""
        with self._lock:
            return self._lines.pop(artifact, None)

    def _told(self, chosen: Misbehaviour | None, occasion: str) -> Misbehaviour | None:
        if chosen is not None:
            self._tell(chosen, occasion)
        return chosen

    def _tell(self, chosen: Misbehaviour, occasion: str) -> None:
        log.warning("misbehaves", reason=chosen.name, place=occasion)
        if has_request_context():
            g.setdefault("misbehaved", []).append(chosen.name)
