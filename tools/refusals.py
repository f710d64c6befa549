"""Writes `docs/refusals.md` from the catalogue of refusals and the texts: `python -m tools.refusals`."""

from pathlib import Path
from typing import Final

from broker.journey.refusals import REFUSALS
from broker.journey.refusals import Kind
from broker.journey.refusals import Refusal
from broker.screens.texts import refusal_text

PAGE: Final = Path(__file__).parent.parent / "docs" / "refusals.md"

NEVER_SENT: Final = frozenset(
    {
        # Nobody is proven yet, so nothing may be sent to an address that a message names.
        *("partij-onbekend", "handtekening-ongeldig", "bestemming-onjuist", "acs-onbekend"),
        *("bericht-ongeldig", "bericht-te-groot"),
        # The browser is in no login that we know.
        *("sessie-verlopen", "cookie-ontbreekt", "al-afgerond", "niet-gevonden"),
    }
)
"""Codes that end on a page and nowhere else."""

_STATUS: Final = {
    Kind.AUTHN_FAILED: "Responder / AuthnFailed",
    Kind.REQUEST_UNSUPPORTED: "Requester / RequestUnsupported",
    Kind.RESPONDER_UNSUPPORTED: "Responder / RequestUnsupported",
    Kind.RESPONDER: "Responder",
}

_HEAD = """# Refusals

Made by `python -m tools.refusals` from `broker/journey/refusals.py` and `broker/screens/texts`; do not edit.

Each way a login can end without success has one code. The person sees the code on the page, the dienstverlener
finds it in the StatusMessage and as `Reason` in StatusDetail, the operator in the audit table and the log, all with the
same reference. `connect/README.md` says what software of a dienstverlener does with it; `order-of-checks.md` when each
arises.

**other** means: the page offers to log in with another middel first. Without it there is only the way back.
"""

_SENT = """
## Told to the dienstverlener

A page first, and when the person goes back a signed Response without assertion.

| code | status | to be mended by | other | what the person reads |
|---|---|---|---|---|
"""

_LOCAL = """
## Ending on a page

Nothing is sent to anybody: either nobody is proven, or the browser is in no login that we know.

| code | to be mended by | what the person reads |
|---|---|---|
"""


def render() -> str:
    """The page, in the order of the catalogue."""
    sent = [_sent(row) for row in REFUSALS.values() if row.code not in NEVER_SENT]
    local = [_local(row) for row in REFUSALS.values() if row.code in NEVER_SENT]
    return _HEAD + _SENT + "\n".join(sent) + "\n" + _LOCAL + "\n".join(local) + "\n"


def _sent(row: Refusal) -> str:
    other = "yes" if row.can_choose_other else "no"
    return f"| `{row.code}` | {_STATUS[row.kind]} | {row.blame} | {other} | {_words(row.code)} |"


def _local(row: Refusal) -> str:
    return f"| `{row.code}` | {row.blame} | {_words(row.code)} |"


def _words(code: str) -> str:
    dutch, english = refusal_text("nl", code), refusal_text("en", code)
    steps = " ".join(english.next_steps)
    return f"{dutch.title}<br>**{english.title}.** {english.explanation} {steps}".replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
