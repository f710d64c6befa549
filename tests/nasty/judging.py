"""What a login may come to when parties misbehaved in it, by the table of misbehaviours, and whether it did."""

from collections.abc import Sequence

from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.network.nasty.catalogue import Where
from broker.network.nasty.endings import CHAIN_TOO_LOW
from broker.network.nasty.endings import GRANTED
from broker.network.nasty.endings import UNCONFIRMED
from broker.network.nasty.endings import Ending
from tests.nasty.person import AS_IT_STANDS
from tests.nasty.person import CHAIN
from tests.nasty.person import NOT_BELIEVED
from tests.nasty.person import NOTHING
from tests.nasty.person import Attempt
from tests.nasty.person import Kind
from tests.nasty.person import Login

CANCELLED = "geannuleerd"
REPLAYED = "verzoek-herhaald"
"""On record under the ID of the request that was used again, which is that of another login."""


def right_endings(kind: Kind, attempt: Attempt) -> frozenset[str]:
    """The codes under which an attempt may end: that of the first thing that went wrong, if anything did."""
    for party, name in attempt.misbehaviours:
        what = MISBEHAVIOURS[name]
        if what.ending is Ending.AS_IT_STANDS:
            return frozenset({AS_IT_STANDS})
        if what.where is not Where.FETCH and what.ending is not Ending.GRANTED:
            return frozenset({what.right_code(party.role)})
    # The second register does its worst on the back channel, where no browser is told.
    return frozenset({GRANTED, UNCONFIRMED, CHAIN_TOO_LOW} if kind is CHAIN else {GRANTED})


def on_record(login: Login) -> list[str]:
    """The outcomes that belong in the audit log: of each refusal when it is shown, and of the end."""
    shown = [each.ended for each in login.attempts if each.ended not in {AS_IT_STANDS, GRANTED}]
    last = login.attempt.ended
    return [*shown, CANCELLED if last == AS_IT_STANDS else last]


def wrongs(login: Login, outcomes: Sequence[str]) -> list[str]:
    """Everything about a login that is not as it should be; ``outcomes`` is what the audit log has of its request."""
    found = list(login.faults)
    names = [name for attempt in login.attempts for _, name in attempt.misbehaviours]
    what = [MISBEHAVIOURS[name] for name in names]
    own = [each for each in outcomes if each != REPLAYED]
    if not login.attempt.ended and own:
        # The dienstverlener never got its answer: only the makelaar knows.
        login.attempt.ended = own[-1]
    found += [
        f"{attempt.ended!r} instead of {sorted(right)}"
        for attempt in login.attempts
        if attempt.ended not in (right := right_endings(login.kind, attempt))
    ]
    if any(each.ending is Ending.PAGE for each in what):
        expected = NOTHING
    elif any(each.ending is Ending.LOST for each in what) or "replayed-request" in names:
        expected = NOT_BELIEVED
    else:
        expected = on_record(login)[-1]
    if login.heard != expected:
        found.append(f"the dienstverlener heard {login.heard!r} instead of {expected!r}")
    if expected != NOTHING and "replayed-request" not in names and own != on_record(login):
        found.append(f"{own} on record instead of {on_record(login)}")
    return found
