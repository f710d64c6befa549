"""The logins that are shown, each with what to look at."""

import base64
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from broker.domain.services import Intermediation
from broker.network import cast
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.plain_dv import PlainDv
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.walker import Walker

_OLDER, _PLAIN = "00000099000000006700", "00000099000000006800"
_PROVIDER, _INTERMEDIARY = "00000099000000006710", "00000099000000006720"
"""OINs of the dienstverleners that are connected for one login."""

Walk = Callable[[Box], bytes | None]
"""Goes through a login; the answer, where the browser was to post it to a dienstverlener that is not in the box."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of login: the name of its page, what it is, what is special in its messages, and how it goes.

    ``is_read`` is whether the dienstverlener is that of the box, so that what it decrypts can be shown; ``ends_at`` who
    has the last message.
    """

    name: str
    title: str
    look_at: str
    walk: Walk
    is_read: bool = True
    ends_at: str = "Dienstverlener"


def _direct(box: Box) -> None:
    Walker(box).start(3, "post").choose_ad("werknemer").authenticate("werknemer")


def _chain(box: Box) -> None:
    Walker(box).log_in("accountant", 3).choose_company(cast.BLOEMIST.name)


def _vestiging(box: Box) -> None:
    Walker(box).log_in("vestiging", 6)


def _cancel(box: Box) -> None:
    Walker(box).start(3).press("cancel")


def _portal(box: Box) -> None:
    Walker(box).log_in("werknemer", 0)


def _attributes(box: Box) -> None:
    walker = Walker(box).log_in("werknemer", 10)
    while "attribute" in walker.fields():
        form = walker.form("attribute")
        ticked = [box.get("value") for box in form.xpath(".//input[@name='attribute']")]
        data = {**dict(form.form_values()), "attribute": ticked, "do": "consent"}
        walker.answer = walker.session.post(urljoin(walker.url, str(form.action)), data=data, timeout=20)
        walker.relay()


def _single_sign_on(box: Box) -> None:
    walker = Walker(box).start(11).choose_ad("werknemer").authenticate("werknemer", stay="1")
    walker.start(12).choose_ad("werknemer").submit(binding="redirect").relay()


def _company_from_abroad(box: Box) -> None:
    Walker(box).start(21).press("choose", person="prokurist").relay()


def _citizen_from_abroad(box: Box) -> None:
    Walker(box).start(21).press("choose", person="burger").relay()


def _older(box: Box) -> None:
    with _connected(
        ForeignDv(box, "older", _OLDER, "http://localhost:9/older", options=("--profile", "1.11"))
    ) as dv:
        Visitor(box, dv, Ledger()).complete("accountant").choose_company(cast.BLOEMIST.name).received()


def _plain(box: Box) -> bytes:
    service = documents.service_id(_PLAIN, documents.DEFAULT)
    options = ("--profile", "saml", "--default-service", service)
    with _connected(PlainDv(box, "plain", _PLAIN, "http://localhost:9/plain", options=options)) as dv:
        visitor = Visitor(box, dv, Ledger()).complete("werknemer", None)
        return base64.b64decode(visitor.posting["SAMLResponse"])


def _intermediated(box: Box) -> None:
    index = documents.DEFAULT
    there = documents.service(_PROVIDER, index, intermediation=Intermediation.GENERAL)
    here = documents.service(_INTERMEDIARY, index, intermediated_service=there.instance_uuid)
    provider = ForeignDv(box, "aanbieder", _PROVIDER, "http://localhost:9/da", services={index: there})
    intermediary = ForeignDv(
        box, "bemiddelaar", _INTERMEDIARY, "http://localhost:9/db", services={index: here}
    )
    with _connected(provider), _connected(intermediary):
        Visitor(box, intermediary, Ledger()).complete("werknemer", index).received()


@contextmanager
def _connected(dv: ForeignDv) -> Iterator[ForeignDv]:
    dv.connect()
    yield dv
    dv.disconnect()


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
        "portaal",
        "A login to a portal",
        "The service with IsPortal stands for others. ServiceID has several values: those for which the person is "
        "authorised. ServiceUUID is that of the portal.",
        _portal,
    ),
    Flow(
        "dienstbemiddeling",
        "A login through a dienstbemiddelaar",
        "The dienstbemiddelaar asks for its own service, which stands for one of the dienstaanbieder. The identifiers "
        "are encrypted for the dienstaanbieder only; Audience names both, ServiceUUID is that of the dienstaanbieder.",
        _intermediated,
        is_read=False,
    ),
    Flow(
        "attributen",
        "A login with attributes",
        "The person consents to each attribute. The authenticatiedienst and the register encrypt them for the "
        "dienstverlener, each as an EncryptedAttribute; the makelaar copies the ciphertext.",
        _attributes,
    ),
    Flow(
        "sso-en-uitloggen",
        "Two logins with single sign-on, and logging out",
        "The authenticatiedienst answers the second request without a screen: ForceAuthn is false, and AuthnInstant "
        "that of the first. LogoutRequest goes on from the makelaar to the authenticatiedienst, which shows the page.",
        _single_sign_on,
        is_read=False,
        ends_at="Authenticatiedienst",
    ),
    Flow(
        "eidas-bedrijf",
        "A login of a company from another member state",
        "One Response of the eIDAS-berichtenservice holds an assertion about the person and one about the company; "
        "the class of AuthnContext is one of eIDAS there, and the level of the afsprakenstelsel in the declaration.",
        _company_from_abroad,
    ),
    Flow(
        "eidas-burger",
        "A login of a citizen from another member state",
        "Representation is false and there is no LegalSubjectID: the person acts for nobody else.",
        _citizen_from_abroad,
    ),
    Flow(
        "profiel-1.11",
        "An answer in the profile 1.11, through an intermediary",
        "The makelaar asks the registers for plain values, and the declaration holds them: NameID is the pseudonym, "
        "EntityConcernedID:KvKnr the client, IntermediateEntityID:KvKnr the intermediary.",
        _older,
        is_read=False,
    ),
    Flow(
        "profiel-saml",
        "An answer in the profile saml",
        "For software that knows SAML but not eHerkenning: Response by HTTP-POST, Response and Assertion both signed, "
        "plain string attributes, no Advice.",
        _plain,
        is_read=False,
    ),
    Flow(
        "geannuleerd",
        "A login that is cancelled",
        "The person stops at the makelaar. The ArtifactResponse is Success, the Response inside Responder with "
        "AuthnFailed, and StatusMessage and StatusDetail give reference and code.",
        _cancel,
    ),
)
