"""What stands between a person who was chosen and the answer: level, service, identifiers, and attributes with consent.

Interface specifications HM-EB; Attribuutverstrekking. An EB gives attributes of the person and of the company.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from broker.assembly.party import Assembled
from broker.domain.attributes import AskedAttribute
from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import AttributeValue
from broker.domain.attributes import asked_of
from broker.domain.services import Service
from broker.exchange.http import PartnerUnavailable
from broker.network.berichtenservice.answers import Given
from broker.network.berichtenservice.answers import declare
from broker.network.berichtenservice.identifiers import BsnUnknown
from broker.network.berichtenservice.identifiers import Identified
from broker.network.berichtenservice.identifiers import NotDeliverable
from broker.network.berichtenservice.identifiers import identify
from broker.network.berichtenservice.requests import EidasFlow
from broker.network.berichtenservice.requests import find_recipient
from broker.network.consent import LACKING
from broker.network.consent import Question
from broker.network.consent import consented
from broker.network.consent import questions
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.network.foreigners import Foreigner
from broker.network.responses import NOT_DELIVERABLE
from broker.network.responses import refused
from broker.saml.encryption import Recipient
from broker.saml.errors import SamlError
from broker.saml.names import STATUS_NO_BSN
from broker.saml.names import STATUS_RESPONDER
from broker.saml.partner import Partner
from broker.saml.status import Status
from broker.saml.status import responder_failed

log = structlog.get_logger()

_OWNERS = (AttributeOwner.AD, AttributeOwner.MR)
_NO_BSN = Status(STATUS_RESPONDER, STATUS_NO_BSN, "no BSN of this person is known", "geen-bsn")
UNAVAILABLE = responder_failed("the dienstencatalogus cannot be read", "berichtenservice-fout")


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything an answer about a person rests on, and what to ask them before it goes, by owner."""

    person: Foreigner
    service: Service
    recipient: Recipient
    identified: Identified
    asked: tuple[tuple[Question, ...], ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All of them, in the order of the page."""
        return tuple(question for questions in self.asked for question in questions)


@dataclass(frozen=True, slots=True)
class Desk:
    """Prepares and makes the answers of one eIDAS-berichtenservice. ``secret`` is that of its pseudonyms."""

    assembled: Assembled
    dienstencatalogus: Dienstencatalogus
    secret: bytes

    def prepare(self, makelaar: Partner, flow: EidasFlow, person: Foreigner, lang: str) -> Ready | Status:
        """What is known of this person for this request; the status when they cannot be logged in for it."""
        if person.level < flow.required:
            return refused("niveau-te-laag")
        try:
            catalogue = self.dienstencatalogus.of(makelaar, flow.service_id, in_test=flow.catalogue)
            recipient = find_recipient(
                self.dienstencatalogus, makelaar, flow, self.assembled.station.own.clock()
            )
        except (SamlError, PartnerUnavailable) as error:
            log.warning("catalogue_unavailable", reason=str(error))
            return UNAVAILABLE
        service = catalogue.services.get(flow.service_id)
        if service is None:
            return UNAVAILABLE
        try:
            identified = identify(person, service, self.secret)
        except BsnUnknown:
            return _NO_BSN
        except NotDeliverable:
            return NOT_DELIVERABLE
        found = [_questions(flow, owner, service, person, lang) for owner in _OWNERS]
        asked = tuple(each for each in found if each is not None)
        return Ready(person, service, recipient, identified, asked) if len(asked) == len(found) else LACKING

    def declare(
        self, makelaar: Partner, flow: EidasFlow, ready: Ready, ticked: Iterable[str]
    ) -> tuple[bytes, ...]:
        """The signed assertions, with the attributes to which the person consented."""
        given, new_id = tuple(ticked), self.assembled.station.own.new_id
        of_person, of_company = (
            consented(questions, given, [ready.recipient], new_id) for questions in ready.asked
        )
        about = Given(ready.person, ready.identified, of_person, of_company)
        return declare(self.assembled, makelaar, flow, ready.service, about, ready.recipient)


def _questions(
    flow: EidasFlow, owner: AttributeOwner, service: Service, person: Foreigner, lang: str
) -> tuple[Question, ...] | None:
    asked = [AskedAttribute(name, required) for name, required in flow.asked.items()]
    values = {name: AttributeValue(value) for name, value in person.known.items()}
    return questions(asked_of(owner, asked), owner, service, values, lang)
