"""Several nodes, of which any serves any request of a login."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.box import free_box_ports
from tests.faults.conftest import NODES
from tests.faults.conftest import Production
from tests.faults.crowd import AT_A_PARTNER
from tests.faults.crowd import BROKEN
from tests.faults.crowd import CUT_OFF
from tests.faults.crowd import GRANTED
from tests.faults.crowd import PEOPLE
from tests.faults.crowd import TOLD
from tests.faults.crowd import Crowd
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import Received
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.nodes import PATIENCE
from tests.nodes import until
from tests.reporting import Report
from tests.walker import Walker

pytestmark = [pytest.mark.production, pytest.mark.slow]


@pytest.fixture
def dv(production: Production) -> Iterator[ForeignDv]:
    connected = ForeignDv(production.box, "many-nodes", "00000099000000006700", "http://localhost:9/many")
    connected.connect()
    yield connected
    connected.disconnect()


def test_each_request_of_a_login_goes_to_another_node_and_all_succeed(production: Production) -> None:
    before = production.front.served.copy()

    def log_in(_number: int) -> str:
        return Walker(production.box).log_in("werknemer", 1).page.text_content()

    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(log_in, range(24)))
    assert [page for page in pages if "U bent ingelogd" not in page] == []
    served = production.front.served - before
    assert len(served) == NODES
    assert max(served.values()) - min(served.values()) <= 1 + max(served.values()) // 4
    # Partners keep connections open for as long as they like, so who serves those is theirs to say.
    assert production.back.served.total() > 0


def test_of_fifty_who_resolve_one_artifact_at_several_nodes_one_gets_the_message(
    production: Production, dv: ForeignDv
) -> None:
    visitor = Visitor(production.box, dv, Ledger())
    visitor.browser.hooks["response"].clear()  # what lies in the state store is not looked at here
    visitor.ask().press("cancel")
    messages = [dv.resolve_message(visitor.landing["SAMLart"]) for _ in range(50)]
    before = production.front.served.copy()
    with ThreadPoolExecutor(50) as pool:
        answers = [Received(answer, dv.name) for answer in pool.map(dv.soap, messages)]
    given = [answer for answer in answers if not answer.is_empty]
    assert [answer.status for answer in given] == [AUTHN_FAILED]
    assert len(production.front.served - before) == NODES


def test_a_reload_of_all_nodes_one_by_one_fails_no_login(production: Production, report: Report) -> None:
    crowd = Crowd(production.box)
    with crowd.logging_in():
        for node in production.nodes:
            node.reload()
    tell(report, "every node reloaded", crowd)
    assert set(crowd.outcomes()) == {GRANTED}, [login.seen for login in crowd.logins]


def test_a_node_that_is_taken_out_and_ended_fails_no_login(production: Production, report: Report) -> None:
    crowd = Crowd(production.box)
    node = production.nodes[0]
    with crowd.logging_in():
        time.sleep(1)
        production.leave_out(node)
        node.process.send_signal(signal.SIGTERM)
        ended = node.process.wait(PATIENCE)
        production.begin_node("node-after-a-stop", free_box_ports())
        time.sleep(1)
    assert ended == 0
    tell(report, "a node taken out and replaced", crowd)
    assert set(crowd.outcomes()) == {GRANTED}, [login.seen for login in crowd.logins]


def test_a_worker_that_is_killed_loses_the_requests_in_its_hands_and_no_more(
    production: Production, report: Report
) -> None:
    crowd = Crowd(production.box)
    node = production.nodes[0]
    with crowd.logging_in():
        time.sleep(1)
        killed = time.monotonic()
        for worker in node.workers():
            os.kill(worker, signal.SIGKILL)
        until(
            lambda: node.workers() and crowd.granted_since(killed), "gunicorn begins another, and all goes on"
        )
    tell(report, "workers of a node killed", crowd, killed)
    require_explained(production, crowd)


def test_a_node_that_is_killed_loses_the_requests_in_its_hands_and_no_more(
    production: Production, report: Report
) -> None:
    crowd = Crowd(production.box)
    node = production.nodes[0]
    with crowd.logging_in():
        time.sleep(1)
        killed = time.monotonic()
        node.kill()
        until(lambda: len(crowd.granted_since(killed)) > PEOPLE, "all goes on")
    production.leave_out(node)
    production.begin_node("node-after-a-kill", free_box_ports())
    tell(report, "a node killed", crowd, killed)
    require_explained(production, crowd)


def test_after_all_of_it_the_audit_log_is_whole(production: Production) -> None:
    judged = production.box.command("audit", "verify")
    assert judged.returncode == 0, judged.stdout
    assert "nothing was changed, taken away or put in" in judged.stdout


def require_explained(production: Production, crowd: Crowd) -> None:
    """Fail when somebody was left without an explanation, or logged in off the record."""
    assert crowd.broken() == []
    outcomes = crowd.outcomes()
    # One request at a time of each person can be in the hands of what was killed.
    assert outcomes[CUT_OFF] + outcomes[TOLD] + outcomes[AT_A_PARTNER] <= 2 * crowd.people
    (row,) = production.rows("SELECT count(*) FROM audit WHERE outcome = 'granted'")
    assert row[0] >= outcomes[GRANTED]


def tell(report: Report, what: str, crowd: Crowd, since: float | None = None) -> None:
    """A row of the table."""
    outcomes = crowd.outcomes()
    recovery = "" if since is None else f"{crowd.recovered_after(since):.2f}"
    counted = {outcome: outcomes[outcome] for outcome in (GRANTED, CUT_OFF, TOLD, AT_A_PARTNER, BROKEN)}
    report("Three nodes under load", fault=what, **counted, **{"seconds to the next login": recovery})
