"""Draws the states of a version in `docs/onboarding.md` from their table: `python -m tools.versions`."""

from pathlib import Path
from typing import Final

from broker.ports.versions import TRANSITIONS
from broker.ports.versions import VersionState

PAGE: Final = Path(__file__).parent.parent / "docs" / "onboarding.md"

_BEGIN: Final = "<!-- drawn by python -m tools.versions -->\n"
_END: Final = "<!-- until here -->\n"


def render() -> str:
    """The page as it is, with the diagram as the table is now."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return before + _BEGIN + _diagram() + _END + after


def _diagram() -> str:
    lines = [
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {VersionState.CONCEPT}: submitted",
        *(f"    {state} --> {to}: {event.value}" for (state, event), to in TRANSITIONS.items()),
        *(f"    {state} --> [*]" for state in VersionState if state not in {each for each, _ in TRANSITIONS}),
        "```",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
