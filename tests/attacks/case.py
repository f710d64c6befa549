"""What a case of the corpus is."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from broker.saml.errors import SamlError

FORGED = "FORGED"
"""What an attacker writes; it may never be among what we read."""


@dataclass(frozen=True, slots=True)
class Case:
    """A message, and what must become of it.

    ``source`` names a clause, an advisory or the software that was once caught; ``signer`` whose certificates the
    message is checked with; ``refused`` the error it must end in, None when it must be accepted; ``unlike`` each
    judge that says otherwise, with the reason.
    """

    id: str
    title: str
    source: str
    message: Callable[[], bytes]
    signer: str = "dv"
    refused: type[SamlError] | None = None
    unlike: Mapping[str, str] = field(default_factory=dict)


def unlike(reason: str, *judges: str) -> Mapping[str, str]:
    """The same reason for several judges; for all of them when none is named."""
    return dict.fromkeys(judges or ("xmlsec1", "python-xmlsec", "signxml"), reason)
