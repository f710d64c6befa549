"""A second click on the button that ended a flow leads where the first one led."""

from flask import Flask
from flask import Response

from broker.network.pages import remember_way
from broker.network.pages import same_way
from broker.storage.memory_state import MemoryStateStore


def test_the_second_click_goes_the_way_of_the_first() -> None:
    state = MemoryStateStore()
    first = remember_way(
        state, "flow", Response(status=303, headers={"Location": "https://makelaar.example/acs"})
    )
    second = same_way(state, "flow")
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])


def test_an_answer_by_form_has_no_way_to_remember() -> None:
    state = MemoryStateStore()
    with Flask(__name__).app_context():
        remember_way(state, "flow", Response("a form"))
    assert state.get("way:flow") is None
