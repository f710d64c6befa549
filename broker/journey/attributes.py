"""The attributes that came with an answer, held against those that were asked (Attribuutverstrekking).

They are encrypted whole, name and value, so the makelaar can count them and see for whom they are, and no more. An
answer with more than was asked is not believed rather than thinned out: the assertion that holds it goes to the
dienstverlener as it was signed, so leaving a copy out would keep nothing from anybody.
"""

from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import asked_of
from broker.journey.record import Journey
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.errors import UnexpectedAnswer

LACKING = "attribuut-niet-leverbaar"
"""The refusal of a login in which a required attribute did not come."""


def lacks_attributes(
    journey: Journey,
    owner: AttributeOwner,
    received: tuple[EncryptedAttribute, ...],
    *,
    in_chain: bool = False,
) -> bool:
    """Whether fewer attributes came from their ``owner`` than this login requires.

    ``in_chain`` allows for the name of the intermediary, which a register adds by itself where others are asked.
    Raises ``UnexpectedAnswer`` for attributes that were not asked, or that others than the dienstverlener can open.
    """
    asked = asked_of(owner, journey.attributes)
    added = 1 if asked and in_chain else 0
    if len(received) > len(asked) + added:
        raise UnexpectedAnswer("attributes that were not asked for")
    if any(set(attribute.recipients) != {journey.recipient} for attribute in received):
        raise UnexpectedAnswer("an attribute is not encrypted for the dienstverlener alone")
    return len(received) < sum(1 for attribute in asked if attribute.is_required)
