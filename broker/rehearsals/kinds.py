"""Every answer of a behaviour test: what it is called, what a good dienstverlener does with it, and why.

The words of each are in ``kinds.toml``, by its id. A clause names the text that the dienstverlener breaks when it does
otherwise.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final
from typing import Literal

from broker.rehearsals.seen import EITHER
from broker.rehearsals.seen import LOGGED_IN
from broker.rehearsals.seen import REFUSED
from broker.rehearsals.seen import Seen

Severity = Literal["fout", "waarschuwing", "tip"]

LOOK: Final = "look"
"""The kind of a test login of which the answer never leaves: the makelaar shows what it would have held."""

RIGHT: Final = "right"
"""The kind of a test login with nothing wrong in its answer."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One answer. ``good`` is what may be seen at a good dienstverlener; ``severity`` how bad the rest is.

    ``refusal`` is the code of the refusal that is sent, None for an answer that declares something. ``twice`` tells
    that the answer is right, and then sent once more.
    """

    id: str
    good: frozenset[Seen]
    severity: Severity
    source: str
    refusal: str | None = None
    twice: bool = False

    def title(self, language: str) -> str:
        """Its name in ``nl`` or ``en``."""
        return _texts()[self.id]["title"][language]

    def explanation(self, language: str) -> str:
        """What is wrong with it, and what could come of that."""
        return _texts()[self.id]["explanation"][language]

    @property
    def expectation(self) -> Literal["log-in", "refuse", "either"]:
        """What a good dienstverlener does, in one word."""
        if self.good == LOGGED_IN:
            return "log-in"
        return "refuse" if self.good == REFUSED else "either"


_PROFILE: Final = "SAML profiles 4.1.4.3"
_SIGNATURE: Final = "SAML core 5.4; Afsprakenstelsel, Digital signature"
_RESPONSE: Final = "Afsprakenstelsel, Interface specifications DV-HM response"
_ERRORS: Final = "Afsprakenstelsel, Error handling"


def _must_refuse(name: str, source: str) -> Kind:
    return Kind(name, REFUSED, "fout", source)


_KINDS: Final = (
    Kind(RIGHT, LOGGED_IN, "fout", _RESPONSE),
    _must_refuse("expired", "SAML core 2.5.1.2"),
    _must_refuse("not-yet-valid", "SAML core 2.5.1.2"),
    _must_refuse("wrong-audience", "SAML core 2.5.1.4"),
    _must_refuse("wrong-recipient", _PROFILE),
    _must_refuse("wrong-destination", "SAML core 3.2.2"),
    _must_refuse("wrong-issuer", "SAML core 2.2.5"),
    _must_refuse("wrong-in-response-to", _PROFILE),
    _must_refuse("unsigned", _SIGNATURE),
    _must_refuse("wrong-key", _SIGNATURE),
    _must_refuse("changed-after-signing", _SIGNATURE),
    _must_refuse("wrapped-beside", _SIGNATURE),
    _must_refuse("wrapped-inside", _SIGNATURE),
    _must_refuse("wrapped-extensions", _SIGNATURE),
    _must_refuse("wrapped-object", _SIGNATURE),
    Kind("replayed", REFUSED, "fout", _PROFILE, twice=True),
    _must_refuse("level-lowered", "Afsprakenstelsel, Level of assurance"),
    Kind("no-assertion", REFUSED, "waarschuwing", "SAML core 3.2.2"),
    Kind("cancelled", REFUSED, "fout", _ERRORS, refusal="geannuleerd"),
    Kind("no-machtiging", REFUSED, "fout", _ERRORS, refusal="geen-machtiging"),
    Kind("technical-fault", REFUSED, "fout", _ERRORS, refusal="storing"),
    Kind("request-refused", REFUSED, "fout", _ERRORS, refusal="niveau-boven-catalogus"),
    Kind(
        "chain",
        EITHER,
        "waarschuwing",
        "Afsprakenstelsel, Interface specifications HM-MR chain authorization",
    ),
    Kind("vestiging", EITHER, "waarschuwing", _RESPONSE),
    Kind("relay-state-elsewhere", EITHER, "fout", "SAML bindings 3.6.3"),
    Kind("relay-state-absent", EITHER, "waarschuwing", "SAML bindings 3.6.3"),
    Kind("comment-inside", EITHER, "fout", "CVE-2017-11427"),
    Kind("extra-attribute", LOGGED_IN, "waarschuwing", "SAML core 2.7.3"),
    Kind("next-key", LOGGED_IN, "fout", "SAML metadata 2.4.1.1"),
)

KINDS: Final[Mapping[str, Kind]] = {kind.id: kind for kind in _KINDS}
"""Every kind by its id, in the order in which they are best tried."""


@cache
def _texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads((files("broker.rehearsals") / "kinds.toml").read_text("utf-8"))
