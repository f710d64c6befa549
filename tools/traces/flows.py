"""The logins that are shown, each with what to look at."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from broker.network import cast
from tests.box import Box
from tests.walker import Walker

Walk = Callable[[Box], None]


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of login: the name of its page, what it is, what is special in its messages, and how it goes."""

    name: str
    title: str
    look_at: str
    walk: Walk


def _direct(box: Box) -> None:
    Walker(box).start(3, "post").choose_ad("werknemer").authenticate("werknemer")


def _chain(box: Box) -> None:
    Walker(box).log_in("accountant", 3).choose_company(cast.BLOEMIST.name)


def _vestiging(box: Box) -> None:
    Walker(box).log_in("vestiging", 6)


def _cancel(box: Box) -> None:
    Walker(box).start(3).press("cancel")


FLOWS: Final = (
    Flow(
        "direct",
        "A login with a direct machtiging",
        "The AuthnRequest comes by HTTP-POST here. LegalSubjectID holds an RSIN and a KvK-nummer, ActingSubjectID the "
        "specific pseudonym; the makelaar copies their ciphertext from the register's assertion, which stands in "
        "Advice beside that of the authenticatiedienst.",
        _direct,
    ),
    Flow(
        "ketenmachtiging",
        "A login through an intermediary",
        "The first register answers Permit with the obligation RequireConfirmationFromNextMR; the second confirms over "
        "the back channel. The declaration names the client in LegalSubjectID, the intermediary in "
        "IntermediateSubjectID, and no register.",
        _chain,
    ),
    Flow(
        "vestiging",
        "A login for one vestiging",
        "The machtiging holds for one branch: ServiceRestriction:Vestigingsnr stands beside the identifiers.",
        _vestiging,
    ),
    Flow(
        "geannuleerd",
        "A login that is cancelled",
        "The person stops at the makelaar. The ArtifactResponse is Success, the Response inside Responder with "
        "AuthnFailed, and StatusMessage and StatusDetail give reference and code.",
        _cancel,
    ),
)
