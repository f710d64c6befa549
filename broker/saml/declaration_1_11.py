"""The assertion of the makelaar for interface version 1.11 and older: identifiers in clear.

As real makelaars send it: a persistent NameID that is the pseudonym, qualified by the register that made it, and the
numbers of the company as attributes of their own. There is no LegalSubjectID or ActingSubjectID beside them.
"""

from dataclasses import replace

from lxml import etree

from broker.domain.plain_identity import PlainSubject
from broker.saml.assertion import write_attribute
from broker.saml.build import Embedding
from broker.saml.declaration import Declaration
from broker.saml.declaration import write_the_beginning
from broker.saml.declaration import write_the_rest
from broker.saml.encryption import NewId
from broker.saml.names import INTERMEDIATE_KVKNR
from broker.saml.names import NAMEID_PERSISTENT


def write_declaration_1_11(
    declaration: Declaration, subject: PlainSubject, recipient: str, new_id: NewId
) -> etree._Element:
    """The unsigned element; of ``declaration`` the encrypted identifiers are left out.

    ``recipient`` is the entityID of the dienstverlener, ``new_id`` gives XML IDs.
    """
    frame = replace(
        declaration.frame,
        name_id=subject.pseudonym.reveal(),
        name_id_format=NAMEID_PERSISTENT,
        name_qualifier=subject.named_by,
    )
    embedding = Embedding()
    element, statement = write_the_beginning(replace(declaration, frame=frame), embedding)
    for kind, number in subject.concerned:
        write_attribute(statement, kind.value, [number.reveal()])
    if subject.intermediary is not None:
        write_attribute(statement, INTERMEDIATE_KVKNR, [subject.intermediary.reveal()])
    write_the_rest(statement, embedding, declaration, recipient, new_id)
    return embedding.compose(element)
