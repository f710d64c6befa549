"""Two thousand logins among parties that misbehave in one of three answers: each ends as it should."""

import json
import os
import re
import sqlite3
import time
from collections import Counter
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from contextlib import suppress
from pathlib import Path
from threading import Lock
from threading import Thread

import pytest

from bench.procfs import cpu_seconds
from broker.journey.record import Journey
from broker.journey.table import State
from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.network.nasty.catalogue import Where
from broker.network.nasty.choosing import Chooser
from broker.network.nasty.choosing import plan_for
from broker.network.nasty.endings import GRANTED
from broker.network.nasty.endings import Ending
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import MR_TWEE
from broker.settings import Settings
from tests.box import Box
from tests.box import running_box
from tests.nasty.browser import Browser
from tests.nasty.judging import REPLAYED
from tests.nasty.judging import wrongs
from tests.nasty.person import CHAIN
from tests.nasty.person import EMPLOYEE
from tests.nasty.person import FOREIGN
from tests.nasty.person import OTHER_AD
from tests.nasty.person import POSTED
from tests.nasty.person import Attempt
from tests.nasty.person import Login
from tests.nasty.person import Person
from tests.reporting import Report

LOGINS = int(os.environ.get("NASTY_LOGINS", "2000"))
SEED = os.environ.get("NASTY_SEED", "two thousand logins")
CLIENTS = 8
PATIENCE = 4
"""Seconds that the makelaar waits for a partner here: enough for an honest one on a busy machine."""
TURNED_AWAY = re.compile(r"'(authenticatiedienst|machtigingenregister|berichtenservice)-fout' instead of \[")
WARNING = "misdraagt zich met opzet"
MIXED = (EMPLOYEE, CHAIN, EMPLOYEE, OTHER_AD, FOREIGN, CHAIN, EMPLOYEE, OTHER_AD, CHAIN, POSTED)
MOST_MEMORY = 400
"""MiB that a process of the makelaar may ever have held; of 200 MB it reads 256 kB."""


def log_in_at_once(box: Box) -> list[Login]:
    """All logins, by a number of clients; each client is all of the people, in browsers of its own."""
    numbers, lock, done = iter(range(LOGINS)), Lock(), []

    def client() -> None:
        people: dict[str, Person] = {}
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                break
            kind = MIXED[number % len(MIXED)]
            person = people.setdefault(kind.username, Person(box, kind.username))
            try:
                done.append(person.log_in(kind, tries_again=number % 3 == 0))
            except Exception as error:
                done.append(Login(kind, faults=[f"the browser met {error!r}"]))
        for person in people.values():
            person.browser.close()

    threads = [Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return done


def outcomes(box: Box) -> dict[str, list[str]]:
    """What the audit log has of each request, oldest first."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for request_id, outcome in rows(box, "SELECT request_id, outcome FROM audit ORDER BY id"):
        found[str(request_id)].append(str(outcome))
    return found


def states(box: Box) -> dict[str, State]:
    """How every login stands, by the id of its journey."""
    kept = rows(box, "SELECT key, value FROM state WHERE key LIKE 'journey:%'")
    return {str(key).removeprefix("journey:"): Journey.from_bytes(value).state for key, value in kept}


def rows(box: Box, query: str) -> list[tuple[str, bytes]]:
    database = box.settings.folder(MAKELAAR) / "party.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return list(connection.execute(query))


def told(box: Box, party: str, occasion: str) -> Counter[str]:
    """What a party did, by its log."""
    found: Counter[str] = Counter()
    for line in (box.settings.log_folder / f"{party}.log").read_text("utf-8").splitlines():
        if line.startswith("{") and (entry := json.loads(line)).get("event") == "misbehaves":
            found[entry["reason"]] += entry["place"] == occasion
    return found


def processes(box: Box, *more: str) -> Iterator[int]:
    """The processes of the box, or those of them with more in their environment."""
    wanted = {f"MAKELAAR_DATA={box.settings.data.resolve()}", *more}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # of somebody else, or gone
            if wanted <= set((folder / "environ").read_bytes().decode(errors="replace").split("\0")):
                yield int(folder.name)


def peak_memory(box: Box) -> float:
    """The most that any process of the makelaar held so far, in MiB."""
    statuses = (
        Path(f"/proc/{pid}/status").read_text("ascii")
        for pid in processes(box, f"MAKELAAR_PARTY={MAKELAAR.name}")
    )
    return max(int(status.partition("VmHWM:")[2].split()[0]) / 1024 for status in statuses)


@pytest.mark.slow
@pytest.mark.timeout(60 + LOGINS)
def test_every_login_among_misbehaving_parties_ends_as_it_should(report: Report) -> None:
    with running_box(MAKELAAR_NASTY=SEED, MAKELAAR_PARTNER_SECONDS=str(PATIENCE)) as box:
        begun, used, own = time.monotonic(), cpu_seconds([*processes(box)]), time.process_time()
        logins = log_in_at_once(box)
        seconds, own = time.monotonic() - begun, time.process_time() - own
        used = cpu_seconds([*processes(box)]) - used
        with closing(Browser()) as browser:
            warned = [WARNING in browser.get(box.url(each) + "/").text for each in (GEMEENTE, MAKELAAR)]
        recorded, standing, memory, log = outcomes(box), states(box), peak_memory(box), box.logs()
        in_chains = told(box, MR_TWEE.name, "chain")
        asked = told(box, GEMEENTE.name, "request")
    wrong = [
        (login.kind.name, login.attempts, found)
        for login in logins
        if (found := wrongs(login, recorded[login.request_id]))
    ]
    _tell(report, logins, in_chains)
    report(
        "The makelaar in a nasty run",
        logins=len(logins),
        seconds=seconds,
        **{
            "CPU ms of the box, a login": used / LOGINS * 1000,
            "of the browsers": own / LOGINS * 1000,
            "peak MiB of the makelaar": memory,
        },
    )

    assert warned == [True, False], "a party that misbehaves says so, and only such a one"
    assert len(logins) == LOGINS
    # Who comes while others wait for a silent partner is told so, whatever the partner would have said.
    crowded = log.count("too many wait for this partner")
    turned_away = [each for each in wrong if all(TURNED_AWAY.match(fault) for fault in each[2])]
    assert [each for each in wrong if each not in turned_away] == []
    assert len(turned_away) <= crowded
    assert sum(each.count(REPLAYED) for each in recorded.values()) == 2 * asked["replayed-request"]
    # Nobody is left half-way.
    assert {state for login in logins for each in login.journeys if (state := standing.get(each))} <= {
        State.ANSWERED
    }
    # No fault of the makelaar's own, and nothing about a company in any log.
    assert "unexpected_error" not in log
    assert not any(number in log for login in logins[:20] for number in login.kind.numbers)
    # Each misbehaviour of the second register cost one login its success, and none slipped through.
    refused = Counter(
        attempt.ended for login in logins for attempt in login.attempts if unseen(login, attempt)
    )
    spoiled: Counter[str] = Counter()
    for name, times in in_chains.items():
        what = MISBEHAVIOURS[name]
        if what.ending is not Ending.GRANTED and times:
            spoiled[what.right_code(MR_TWEE.role, second=True)] += times
    assert spoiled - refused == Counter()
    assert (refused - spoiled).total() <= crowded
    # The dienstverlener misbehaved as the seed says; only the very first have nothing yet to send again.
    assert (asked - foreseen(LOGINS)).total() <= CLIENTS
    assert (foreseen(LOGINS) - asked).total() <= CLIENTS
    assert memory < MOST_MEMORY


def unseen(login: Login, attempt: Attempt) -> bool:
    """Whether a chain was refused for what no browser was told."""
    names = [name for _, name in attempt.misbehaviours]
    harmless = all(
        MISBEHAVIOURS[name].where is Where.FETCH or MISBEHAVIOURS[name].ending is Ending.GRANTED
        for name in names
    )
    return login.kind is CHAIN and harmless and attempt.ended != GRANTED


def foreseen(logins: int) -> Counter[str]:
    """What the seed has the dienstverlener do in so many requests."""
    plan = plan_for(Settings(nasty=SEED), GEMEENTE)
    assert plan is not None
    chooser = Chooser(plan, GEMEENTE.name)
    chosen = (chooser.choose("request", (Where.REQUEST,), lambda _: True) for _ in range(logins))
    return Counter(each.name for each in chosen if each is not None)


def _tell(report: Report, logins: list[Login], in_chains: Counter[str]) -> None:
    title = f"A nasty run of {len(logins):,} logins"
    ended: Counter[tuple[str, str, str]] = Counter()
    for login in logins:
        for attempt in login.attempts:
            for party, name in attempt.misbehaviours:
                ending = login.heard if MISBEHAVIOURS[name].where is Where.FETCH else attempt.ended
                ended[name, party.role.lower(), ending] += 1
            if not attempt.misbehaviours:
                ended["none", "", attempt.ended] += 1
    for (name, by, ending), times in ended.items():
        report(title, misbehaviour=name, by=by, ended=ending, times=times)
    for name, times in in_chains.items():
        if times:
            code = MISBEHAVIOURS[name].right_code(MR_TWEE.role, second=True)
            report(title, misbehaviour=name, by="second mr", ended=code, times=times)
