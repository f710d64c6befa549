"""Writes `docs/misbehaviour.md` from the table of misbehaviours: `python -m tools.misbehaviours`."""

from pathlib import Path
from typing import Final

from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.network.nasty.catalogue import Misbehaviour
from broker.network.nasty.catalogue import Where
from broker.network.nasty.choosing import EMBEDDED
from broker.network.nasty.choosing import names_of
from broker.network.nasty.endings import Ending
from broker.network.nasty.endings import code_of
from broker.ports import Role

PAGE: Final = Path(__file__).parent.parent / "docs" / "misbehaviour.md"

_HEAD = """# Parties that misbehave

Made by `python -m tools.misbehaviours` from `broker/network/nasty`; do not edit.

A makelaar shows its worth when others fail. The embedded parties can be made to misbehave on purpose, so that you see
what a person, a dienstverlener and your own log get to see then:

    makelaar run --nasty SEED
    makelaar run --misbehave mr1=obligation-dropped --misbehave ad2=silent
    makelaar run --nasty list

With a **seed** (any text) every party but the makelaar misbehaves in one of three answers, in whatever way it can. The
same seed and the same logins meet the same misbehaviours again: what the *n*-th answer of a party becomes hangs on the
seed, the name of the party and *n* alone. With **`--misbehave`** one party does one thing always; several such options
for one party are chosen from by the seed. Both may be given together.

The settings `nasty`, `nasty_one_in` and `misbehave` say the same (`config/makelaar.toml`). Pages of such a party carry
a warning. What was done shows in the log of the party (`misbehaves`, with the name as `reason`) and, where a browser
carries the answer on, in the header `Misbehaved`.

Parties are called by a short name or by the one in the data folder: {names}.

## Only at home

A party that is told to misbehave refuses to start, under `makelaar run` and when its process is started by hand, unless
all of this is so:

- `host`, `public_url` and `back_channel_url` are on this machine: `localhost` or a loopback address;
- `network_url`, `client_authorities` and `server_authorities` are not set: they say that there are others;
- every signing key is one that `makelaar run` made: its certificate is signed by itself, in the name of the party of
  the box; and every certificate for TLS is of the development CA in the data folder.

A message that would leave for an address that is not on this machine is not sent.

## How a login rightly ends

Nobody is ever logged in as somebody else, at a level that was not reached, or for a company that nobody confirmed. The
audit log holds the code; the person a page with the reference; the dienstverlener a signed Response with both, or
nothing when it is not proven who asked.

| ending | what it means | {roles} | second register |
|---|---|---|---|---|---|
{endings}

`tests/nasty` makes 2,000 logins, eight at once, and holds each of them to this table; `make nasty` makes more,
and prints what was done and how it ended.

What no makelaar can see is not in the table: a party that lies about what it alone knows, and signs it. Who the person
is, is for the authenticatiedienst to say.

How long a partner may keep us waiting is `partner_seconds`; at most half of the threads of a process wait for the same
partner, so that logins at others go on (`decisions/{decision}`).
"""

_TABLE = """
## {title}

| name | who | what | a login then |
|---|---|---|---|
{rows}
"""

_TITLES: Final = {
    Where.ANSWER: "The answer itself",
    Where.LINE: "The line on which the answer is fetched",
    Where.REQUEST: "The request of the dienstverlener",
    Where.FETCH: "How the dienstverlener fetches its answer",
}
_ROLES: Final = (Role.AD, Role.MR, Role.EB)
_IN_TABLE: Final = (
    Ending.GRANTED,
    Ending.MISTRUSTED,
    Ending.UNAVAILABLE,
    Ending.TOO_LOW,
    Ending.AS_IT_STANDS,
)
_DECISION: Final = "0029-one-silent-partner.md"


def render() -> str:
    """The page, in the order of the catalogue."""
    names = ", ".join(f"`{names_of(party)[1]}` (`{party.name}`)" for party in EMBEDDED)
    endings = "\n".join(_ending(ending) for ending in _IN_TABLE)
    head = _HEAD.format(
        names=names, endings=endings, decision=_DECISION, roles=" | ".join(role.value for role in _ROLES)
    )
    tables = [
        _TABLE.format(
            title=title,
            rows="\n".join(_row(each) for each in MISBEHAVIOURS.values() if each.where is where),
        )
        for where, title in _TITLES.items()
    ]
    return head + "".join(tables)


def _ending(ending: Ending) -> str:
    codes = [f"`{code_of(ending, role)}`" for role in _ROLES]
    second = "" if ending is Ending.AS_IT_STANDS else f"`{code_of(ending, Role.MR, second=True)}`"
    return f"| {ending.name.lower().replace('_', ' ')} | {ending.value} | {' | '.join(codes)} | {second} |"


def _row(each: Misbehaviour) -> str:
    who = ", ".join(role.value for role in Role if role in each.roles)
    then = (
        each.ending.name.lower().replace("_", " ") if each.code is None else f"{each.ending}: `{each.code}`"
    )
    return f"| `{each.name}` | {who} | {each.en}<br>{each.nl} | {then} |"


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
