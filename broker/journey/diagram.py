"""Draws ``docs/journey.md`` from the transition table: ``make diagrams``."""

from broker.journey.table import FINAL
from broker.journey.table import INITIAL
from broker.journey.table import MEANING
from broker.journey.table import TRANSITIONS
from broker.journey.table import State


def render() -> str:
    """The page: a Mermaid state diagram and the same as tables."""
    lines = [
        "# The journey of a login",
        "",
        "Drawn from `broker/journey/table.py` by `make diagrams`; do not edit.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *(f"    [*] --> {_name(state)}" for state in State if state in INITIAL),
        *(
            f"    {_name(state)} --> {_name(transition.to)}: {event}"
            for (state, event), transition in TRANSITIONS.items()
        ),
        *(f"    {_name(state)} --> [*]" for state in State if state in FINAL),
        "```",
        "",
        "| state | meaning |",
        "|---|---|",
        *(f"| {state} | {MEANING[state]} |" for state in State),
        "",
        "| in state | on event | goes to | and sends |",
        "|---|---|---|---|",
        *(
            f"| {state} | {event} | {transition.to} | {transition.sends} |"
            for (state, event), transition in TRANSITIONS.items()
        ),
        "",
        "Any event that is not listed for a state is refused, and changes nothing.",
    ]
    return "\n".join(lines) + "\n"


def _name(state: State) -> str:
    return state.value.replace("-", "_")


if __name__ == "__main__":
    print(render(), end="")
