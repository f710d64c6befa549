"""Consent to passing attributes on, one by one and in each login anew: what authenticatiedienst and register share.

Afsprakenstelsel, Attribuutverstrekking, and Attributen niet leverbaar of niet toegestaan: without an optional
attribute the login goes on, without a required one it stops.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from broker.domain.attributes import ATTRIBUTE_KINDS
from broker.domain.attributes import AskedAttribute
from broker.domain.attributes import AttributeKind
from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import AttributeValue
from broker.domain.attributes import asked_attributes
from broker.domain.attributes import asked_of
from broker.domain.services import Service
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import encrypt_attribute
from broker.saml.encryption import NewId
from broker.saml.encryption import Recipient
from broker.saml.status import Status
from broker.saml.status import responder_unsupported

LACKING: Status = responder_unsupported(
    "an attribute that the service requires is not known here", "attribuut-niet-leverbaar"
)
FIELD = "attribute"
"""The name of the checkboxes; each has the label of its attribute as value."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question on the page: may this value of this attribute be passed on, for this ``purpose``?"""

    kind: AttributeKind
    value: AttributeValue
    is_required: bool
    purpose: str | None


def questions(
    asked: Iterable[AskedAttribute],
    owner: AttributeOwner,
    service: Service | None,
    values: Mapping[str, AttributeValue],
    lang: str,
) -> tuple[Question, ...] | None:
    """What to ask the person, empty when there is nothing to ask; None when a required attribute is not available.

    Only the owner gives an attribute, only if the dienstencatalogus declares it for the service (None when it holds
    no such service), and only within the length that the attribuutcatalogus allows.
    """
    declared = {} if service is None else {each.name: each for each in service.requested_attributes}
    wanted = tuple(asked)
    found: list[Question] = []
    for attribute in asked_of(owner, asked_attributes(declared.values(), wanted)):
        kind, value = ATTRIBUTE_KINDS[attribute.name], values.get(attribute.name)
        if value is not None and 0 < len(value.reveal()) <= kind.longest:
            purpose = declared[kind.name].purpose(lang)
            found.append(Question(kind, value, bool(attribute.is_required), purpose))
    available = {question.kind.name for question in found}
    if any(attribute.is_required and attribute.name not in available for attribute in wanted):
        return None
    return tuple(found)


def withheld(questions: Iterable[Question], ticked: Iterable[str]) -> tuple[str, ...]:
    """The labels of the required attributes to which no consent was given."""
    given = set(ticked)
    return tuple(
        question.kind.label
        for question in questions
        if question.is_required and question.kind.label not in given
    )


def consented(
    questions: Iterable[Question], ticked: Iterable[str], recipients: Sequence[Recipient], new_id: NewId
) -> tuple[EncryptedAttribute, ...]:
    """The attributes to which consent was given, each encrypted for the dienstverlener."""
    given = set(ticked)
    return tuple(
        encrypt_attribute(question.kind.name, question.value.reveal(), recipients, new_id)
        for question in questions
        if question.kind.label in given
    )
