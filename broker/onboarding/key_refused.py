"""Why something cannot be done to a key of ours: a code that stays the same, and an English sentence.

The command line and the API give the sentence, each with its own way on; the console has texts by code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "unknown": "there is no key {name}.",
    "name": "{name!r} cannot be the name of a key: small letters, digits and -, and not one of ours.",
    "taken": "{name} is known already. Choose another name.",
    "waiting": "{name} is announced already. Activate or retire it first.",
    "meanwhile": "somebody else changed {name} at this moment. Look again.",
    "certificate-known": "that certificate is known under another name. Ask for a new one.",
    "certificate-ended": "the certificate ended at {at}.",
    "certificate-other": "{name}.crt holds another certificate. Choose another name, or take it away.",
    "files": "{why}.",
    "absent": "this node cannot sign with it: {why}. Put the files in place.",
    "not-announced": "{name} is {state}; only a key that is announced can be activated.",
    "too-soon": "all processes have to hear of it first: give a moment {seconds} s from now.",
    "not-valid": "its certificate is valid from {start} to {end}, which that moment is not in.",
    "early": "partners should know it for {days} days, until {at}. Give a later moment.",
    "passed": "that moment has passed.",
    "retired": "{name} is retired already.",
    "active": "{name} is active at that moment. Activate another key first.",
    "scheduled": "{name} is going to be activated. Give that up first: activate it much later.",
    "under-way": "what {name} signed may be on its way until {at}. Give a later moment.",
    "partner": "nobody with the entityID {entity_id} is connected.",
}
"""By code. What is in braces are the ``values`` that come along."""

PASSED_OVER: Final = frozenset({"early", "under-way"})
"""What is refused for the waiting time alone: whoever asks may say to pass over it."""


@dataclass(frozen=True, slots=True)
class KeyFault:
    """Why the files of a key cannot be used: ``code`` and ``file`` as of ``UnusableKey``, and the English sentence."""

    code: str
    file: str
    sentence: str

    def __str__(self) -> str:
        """The sentence."""
        return self.sentence


class KeyRefused(Exception):
    """What was asked of a key would hurt, or cannot be; the text says why and what to do."""

    def __init__(self, code: str, **values: object) -> None:
        """``code`` is one of ``SENTENCES``; ``values`` are what its sentence needs, moments as datetime."""
        shown = {
            name: f"{value:%Y-%m-%d %H:%M} UTC" if isinstance(value, datetime) else value
            for name, value in values.items()
        }
        super().__init__(SENTENCES[code].format(**shown))
        self.code = code
        self.values = values
