from dataclasses import dataclass

from broker.network.flows import Flows
from broker.network.flows import is_flow_id
from broker.storage.memory_state import MemoryStateStore


@dataclass(frozen=True, slots=True)
class Visit:
    place: str
    times: int = 0


def flows() -> Flows[Visit]:
    return Flows(MemoryStateStore(), Visit)


def test_a_flow_is_found_as_it_was_saved() -> None:
    kept = flows()
    flow = kept.begin(Visit("desk"))
    kept.save(flow, Visit("desk", 2))
    assert kept.find(flow) == Visit("desk", 2)


def test_an_ended_flow_is_given_to_one_caller_only() -> None:
    kept = flows()
    flow = kept.begin(Visit("desk"))
    assert kept.end(flow) == Visit("desk")
    assert kept.end(flow) is None
    assert kept.find(flow) is None


def test_flows_do_not_disturb_each_other() -> None:
    kept = flows()
    first, second = kept.begin(Visit("first")), kept.begin(Visit("second"))
    kept.end(first)
    assert kept.find(second) == Visit("second")


def test_ids_are_recognised_by_their_form() -> None:
    assert is_flow_id(flows().begin(Visit("desk")))
    assert not is_flow_id("")
    assert not is_flow_id("0" * 31 + "\n")
    assert not is_flow_id("G" * 32)
