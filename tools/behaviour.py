"""Runs products against each wrong answer and writes what they did in `docs/behaviour-tests.md`.

`make behaviour`; it takes half a minute.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from broker.onboarding.snippets import Product
from broker.rehearsals.kinds import KINDS
from tests.interop import behaviour_django
from tests.interop import behaviour_python3_saml
from tests.interop import behaviour_simplesamlphp
from tests.interop.behaviour import Behaviour

PAGE: Final = Path(__file__).parent.parent / "docs" / "behaviour-tests.md"

RUNS: Final = {
    Product.PYTHON3_SAML: behaviour_python3_saml.run,
    Product.DJANGO: behaviour_django.run,
    Product.SIMPLESAMLPHP: behaviour_simplesamlphp.run,
}

NOTES: Final[Mapping[tuple[Product, str], str]] = {
    (Product.PYTHON3_SAML, "replayed"): (
        "The library keeps nothing of what it took. Keep the request ID in the session of the browser, take it out"
        " before `process_response`, and refuse an answer when there is none: then the same answer is refused the"
        " second time, and so is the answer to somebody else's login."
    ),
    (Product.PYTHON3_SAML, "level-lowered"): (
        "By itself it does not look at the level. `failOnAuthnContextMismatch`, in the printed settings, makes it."
    ),
    (Product.DJANGO, "replayed"): (
        "It keeps the IDs of its requests for an hour, those of all browsers together, and takes an answer to any of"
        " them as often as it comes. There is no setting for it. What stands in the way is the artifact: ours can be"
        " resolved once, by this site alone. A backend of its own can keep the IDs of assertions, and those of"
        " requests in the session."
    ),
    (Product.DJANGO, "level-lowered"): (
        "It does not look at the level, and has no setting for it; the makelaar never answers with less than was"
        " asked. A backend of its own can: `get_authn_contexts()` of the answer names the level."
    ),
    (Product.SIMPLESAMLPHP, "wrong-in-response-to"): (
        "By itself it takes an answer to a question it did not ask as one that nobody asked for. The first filter of"
        " `authproc` in the printed file refuses those."
    ),
    (Product.SIMPLESAMLPHP, "replayed"): "As an answer that nobody asked for; the same filter refuses it.",
    (Product.SIMPLESAMLPHP, "level-lowered"): (
        "By itself it does not look at the level. The third filter of `authproc` does."
    ),
    (Product.SIMPLESAMLPHP, "comment-inside"): (
        "The person is who they are, but by itself it hands over each attribute as XML instead of text, and the"
        " application finds no number. The second filter of `authproc` refuses such an answer."
    ),
}
"""What to do about each answer that a product did not handle as it should, with the printed files or without."""

_BEGIN: Final = "<!-- written by python -m tools.behaviour -->\n"
_END: Final = "<!-- until here -->\n"


def render(found: Iterable[Behaviour]) -> str:
    """The page as it is, with what was found just now."""
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    made = "\n".join(line for each in found for line in section(each))
    return f"{before}{_BEGIN}{made}\n{_END}{after}"


def section(found: Behaviour) -> Iterator[str]:
    """The lines of one product."""
    yield f"\n### {found.product}\n"
    good = len(found.did) - len(found.amiss)
    yield f"Version: {found.version}. As it should: {good} of {len(found.did)}.\n"
    yield "| answer | expected | what it did | in its own words |"
    yield "|---|---|---|---|"
    for kind, did in found.did.items():
        verdict = found.verdict(kind)
        judged = f" (**{verdict}**)" if verdict else ""
        words = _cell(did.words) if did.words else ""
        yield f"| `{kind}` | {KINDS[kind].expectation} | {did.seen}{judged} | {words} |"
    yield ""
    for (product, kind), note in NOTES.items():
        if product is found.product:
            alone = found.by_itself.get(kind)
            without = f" Without it: {alone.seen}." if alone else ""
            yield f"- `{kind}`: {note}{without}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")


if __name__ == "__main__":
    PAGE.write_text(render(run() for run in RUNS.values()), "utf-8")
