"""The attributes of the company that is acted for: what may be asked, and what is passed on.

Interface specifications HM-MR, Attribuutverstrekking. In a chain it is the first register, the only one with a screen,
that asks and delivers; the second shows nobody anything, so it passes nothing on.
"""

from collections.abc import Iterable

from broker.domain.attributes import COMPANY_KVK
from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import INTERMEDIATE_COMPANY_NAME
from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import AttributeValue
from broker.network.consent import Question as Asked
from broker.network.consent import consented
from broker.network.consent import questions
from broker.network.machtigingenregister.options import Option
from broker.network.machtigingenregister.questions import Question
from broker.ports import MachtigingenStore
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import encrypt_attribute
from broker.saml.encryption import NewId
from broker.screens import current_language


def company_questions(
    question: Question, store: MachtigingenStore, option: Option
) -> tuple[Asked, ...] | None:
    """What to ask the person about the company of this option; None when a required attribute is not available."""
    company = option.proof.company
    values = {COMPANY_KVK: AttributeValue(company.reveal())}
    registered = store.organisation(company)
    if registered is not None:
        values[COMPANY_NAME] = AttributeValue(registered.name)
    asked = question.query.requested_attributes
    return questions(asked, AttributeOwner.MR, question.service, values, current_language())


def passed_on(
    question: Question,
    store: MachtigingenStore,
    option: Option,
    found: Iterable[Asked],
    ticked: Iterable[str],
    new_id: NewId,
) -> tuple[EncryptedAttribute, ...]:
    """What the person consented to, and in a chain the name of the intermediary, all for the dienstverlener.

    That name needs no asking and no consent (Attributencatalogus niet-natuurlijke personen). It comes where attributes
    were asked only: software of dienstverleners that never asks for any stumbles over an EncryptedAttribute.
    """
    recipients = [question.dienstverlener]
    attributes = consented(found, ticked, recipients, new_id)
    intermediary = option.proof.intermediary
    registered = None if intermediary is None else store.organisation(intermediary)
    if registered is None or not question.query.requested_attributes:
        return attributes
    name = encrypt_attribute(INTERMEDIATE_COMPANY_NAME, registered.name, recipients, new_id)
    return (*attributes, name)
