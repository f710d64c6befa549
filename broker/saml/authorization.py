"""The assertion of a machtigingenregister: for which company, on what level, and linked to which login.

Interface specifications HM-MR; LinkedDeclarationSignatureValue; the obligation of a chain. Identifiers are encrypted
for the dienstverlener, or in a chain's first link for the second register; they stand beside that in clear when the
makelaar asked so, and from registers that always do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import TypeVar

from lxml import etree

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.levels import LevelOfAssurance
from broker.domain.personal import PersonalData
from broker.domain.plain_identity import COMPANY_NUMBERS
from broker.domain.plain_identity import NOTHING_IN_CLEAR
from broker.domain.plain_identity import CompanyNumber
from broker.domain.plain_identity import PlainIdentity
from broker.saml.assertion import Frame
from broker.saml.assertion import read_frame
from broker.saml.assertion import write_attribute_statement
from broker.saml.assertion import write_frame
from broker.saml.base64_text import unfold
from broker.saml.build import Embedding
from broker.saml.build import child
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encrypted_attribute import read_encrypted_attributes
from broker.saml.encrypted_attribute import write_encrypted_attributes
from broker.saml.encryption import EncryptedId
from broker.saml.errors import MalformedMessage
from broker.saml.names import ACTING_ENTITY_ID
from broker.saml.names import ACTING_SUBJECT_ID
from broker.saml.names import INTERMEDIATE_KVKNR
from broker.saml.names import INTERMEDIATE_SUBJECT_ID
from broker.saml.names import LEGAL_SUBJECT_ID
from broker.saml.names import LEVEL_OF_ASSURANCE
from broker.saml.names import LEVEL_OF_ASSURANCE_USED
from broker.saml.names import LINKED_SIGNATURE_VALUE
from broker.saml.names import OBLIGATION_REGISTRY
from broker.saml.names import REQUIRE_CONFIRMATION
from broker.saml.names import RESTRICTION_SUBDOSSIER
from broker.saml.names import RESTRICTION_VESTIGING
from broker.saml.names import SAML
from broker.saml.names import SERVICE_ID
from broker.saml.names import SERVICE_UUID
from broker.saml.names import TYPE_BASE64
from broker.saml.names import TYPE_STRING
from broker.saml.names import XACML_ASSERTION
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import XACML_POLICY
from broker.saml.names import XACML_STATUS_OK
from broker.saml.names import XSI
from broker.saml.names import tag
from broker.saml.reading import level
from broker.saml.reading import only
from broker.saml.reading import text_of
from broker.saml.xacml import Context
from broker.saml.xacml import write_encrypted
from broker.saml.xacml import write_request
from broker.saml.xacml import write_value
from broker.saml.xacml import write_values

_Value = TypeVar("_Value", bound=PersonalData)
_PREFIXES: dict[str | None, str] = {
    "xsi": XSI,
    "xacml-saml": XACML_ASSERTION,
    "xc": XACML_CONTEXT,
    "xp": XACML_POLICY,
}
_STATEMENT_TYPE = "xacml-saml:XACMLAuthzDecisionStatementType"
_ID_REF = f"{tag(SAML, 'Advice')}/{tag(SAML, 'AssertionIDRef')}"


@dataclass(frozen=True, slots=True)
class AuthorizationAssertion:
    """What a machtigingenregister declares.

    ``assertion_id_ref`` and ``linked_signature_value`` tie it to one AD assertion; ``confirm_at`` is the entityID of
    the register that must confirm a chain; ``obligations`` holds the ids of all obligations, known or not.
    ``vestiging`` and ``subdossier``, to which a machtiging is limited, are plain numbers: so the interface sends them.
    ``plain`` is what is said in clear beside the ciphertext. ``attributes`` are those of the company, for the
    dienstverlener; they stand in an AttributeStatement, since no text says where a register puts them.
    ``service_id`` is the service, or at a portal the first of those that the person may use, and ``other_services`` the
    rest.
    """

    frame: Frame
    assertion_id_ref: str
    linked_signature_value: str
    service_id: str
    service_uuid: str
    level_asked: LevelOfAssurance
    level_used: LevelOfAssurance
    acting_subject: tuple[EncryptedId, ...] = ()
    legal_subject: tuple[EncryptedId, ...] = ()
    intermediate_subject: tuple[EncryptedId, ...] = ()
    vestiging: str | None = field(default=None, repr=False)
    subdossier: str | None = field(default=None, repr=False)
    confirm_at: str | None = None
    obligations: tuple[str, ...] = ()
    decision: str = "Permit"
    status_code: str = XACML_STATUS_OK
    plain: PlainIdentity = NOTHING_IN_CLEAR
    attributes: tuple[EncryptedAttribute, ...] = ()
    other_services: tuple[str, ...] = ()

    @property
    def is_permit(self) -> bool:
        """Whether the decision is Permit with status ok."""
        return self.decision == "Permit" and self.status_code == XACML_STATUS_OK

    @property
    def service_ids(self) -> tuple[str, ...]:
        """The ServiceIDs it is about; none in one that names none."""
        return (self.service_id, *self.other_services) if self.service_id else ()


def write_authorization(assertion: AuthorizationAssertion, asked_by: str) -> etree._Element:
    """The unsigned element. ``asked_by`` is the makelaar, issuer of the level that was asked."""
    element = write_frame(assertion.frame)
    child(child(element, SAML, "Advice"), SAML, "AssertionIDRef", assertion.assertion_id_ref)
    statement = child(element, SAML, "Statement", None, {tag(XSI, "type"): _STATEMENT_TYPE}, _PREFIXES)
    _write_result(statement, assertion)
    issuer = assertion.frame.issuer
    embedding = Embedding()
    subject, resource = write_request(statement)
    write_encrypted(subject, embedding, ACTING_SUBJECT_ID, assertion.acting_subject, issuer)
    write_encrypted(subject, embedding, LEGAL_SUBJECT_ID, assertion.legal_subject, issuer)
    write_encrypted(subject, embedding, INTERMEDIATE_SUBJECT_ID, assertion.intermediate_subject, issuer)
    _write_plain(subject, assertion.plain, issuer)
    write_value(subject, LINKED_SIGNATURE_VALUE, assertion.linked_signature_value, issuer, TYPE_BASE64)
    write_values(resource, SERVICE_ID, assertion.service_ids)
    write_value(resource, SERVICE_UUID, assertion.service_uuid)
    write_value(resource, LEVEL_OF_ASSURANCE, assertion.level_asked.urn, asked_by)
    write_value(resource, LEVEL_OF_ASSURANCE_USED, assertion.level_used.urn, issuer)
    write_value(resource, RESTRICTION_VESTIGING, assertion.vestiging, issuer)
    write_value(resource, RESTRICTION_SUBDOSSIER, assertion.subdossier, issuer)
    if assertion.attributes:
        told = write_attribute_statement(element)
        write_encrypted_attributes(told, embedding, [each.raw for each in assertion.attributes])
    return embedding.compose(element)


def _write_plain(subject: etree._Element, plain: PlainIdentity, issuer: str) -> None:
    write_value(subject, ACTING_ENTITY_ID, _revealed(plain.pseudonym), issuer)
    for kind, number in plain.concerned.items():
        write_value(subject, kind.value, number.reveal(), issuer)
    write_value(subject, INTERMEDIATE_KVKNR, _revealed(plain.intermediary), issuer)


def _revealed(value: PersonalData | None) -> str | None:
    return None if value is None else value.reveal()


def _write_result(statement: etree._Element, assertion: AuthorizationAssertion) -> None:
    result = child(child(statement, XACML_CONTEXT, "Response"), XACML_CONTEXT, "Result")
    child(result, XACML_CONTEXT, "Decision", assertion.decision)
    status = child(result, XACML_CONTEXT, "Status")
    child(status, XACML_CONTEXT, "StatusCode", None, {"Value": assertion.status_code})
    if assertion.confirm_at is None:
        return
    obligation = child(
        child(result, XACML_POLICY, "Obligations"),
        XACML_POLICY,
        "Obligation",
        None,
        {"ObligationId": REQUIRE_CONFIRMATION, "FulfillOn": "Permit"},
    )
    attributes = {"AttributeId": OBLIGATION_REGISTRY, "DataType": TYPE_STRING}
    child(obligation, XACML_POLICY, "AttributeAssignment", assertion.confirm_at, attributes)


def is_authorization(element: etree._Element) -> bool:
    """Whether a verified assertion is one about a decision, like those of a machtigingenregister."""
    return element.find(tag(SAML, "Statement")) is not None


def read_authorization(
    element: etree._Element, read_level: Callable[[str | None], LevelOfAssurance] = level
) -> AuthorizationAssertion:
    """Read a verified assertion, with ``read_level`` to understand its levels. Raises ``MalformedMessage``."""
    statement = only(element, tag(SAML, "Statement"))
    result = only(only(statement, tag(XACML_CONTEXT, "Response")), tag(XACML_CONTEXT, "Result"))
    context = Context(only(statement, tag(XACML_CONTEXT, "Request")))
    references = element.findall(_ID_REF)
    if len(references) != 1:
        raise MalformedMessage("the assertion must refer to exactly one other")
    obligations = tuple(
        result.iterfind(f"{tag(XACML_POLICY, 'Obligations')}/{tag(XACML_POLICY, 'Obligation')}")
    )
    decision = text_of(result, tag(XACML_CONTEXT, "Decision"))
    if decision == "Permit" and any(obligation.get("FulfillOn") != "Permit" for obligation in obligations):
        # XACML 2.0, 7.14: only obligations of this very decision belong here. Leaving one out that is not of it could
        # hand out a chain that nobody confirmed.
        raise MalformedMessage("an obligation of another decision")
    services = context.texts(SERVICE_ID)
    return AuthorizationAssertion(
        frame=read_frame(element),
        assertion_id_ref=(references[0].text or "").strip(),
        linked_signature_value=unfold(context.text(LINKED_SIGNATURE_VALUE) or ""),
        service_id=services[0] if services else "",
        other_services=services[1:],
        service_uuid=context.text(SERVICE_UUID) or "",
        level_asked=read_level(context.text(LEVEL_OF_ASSURANCE)),
        level_used=read_level(context.text(LEVEL_OF_ASSURANCE_USED)),
        acting_subject=context.encrypted(ACTING_SUBJECT_ID),
        legal_subject=context.encrypted(LEGAL_SUBJECT_ID),
        intermediate_subject=context.encrypted(INTERMEDIATE_SUBJECT_ID),
        vestiging=context.text(RESTRICTION_VESTIGING),
        subdossier=context.text(RESTRICTION_SUBDOSSIER),
        confirm_at=_read_confirm_at(obligations),
        obligations=tuple(obligation.get("ObligationId", "") for obligation in obligations),
        decision=decision,
        status_code=_read_status_code(result),
        plain=_read_plain(context),
        attributes=read_encrypted_attributes(element),
    )


def _read_plain(context: Context) -> PlainIdentity:
    concerned: dict[IdentifierType, CompanyNumber] = {}
    for kind, number in COMPANY_NUMBERS.items():
        if (found := _well_formed(number, context.lone(kind.value))) is not None:
            concerned[kind] = found
    return PlainIdentity(
        pseudonym=_well_formed(Pseudonym, context.lone(ACTING_ENTITY_ID)),
        concerned=concerned,
        intermediary=_well_formed(KvkNumber, context.lone(INTERMEDIATE_KVKNR)),
    )


def _well_formed(kind: type[_Value], text: str | None) -> _Value | None:
    # What stands there in another form is as good as absent: most logins have no use for it at all.
    try:
        return None if text is None else kind(text)
    except ValueError:
        return None


def _read_status_code(result: etree._Element) -> str:
    # XACML 2.0, 6.10: without a Status the status is ok.
    status = result.find(tag(XACML_CONTEXT, "Status"))
    if status is None:
        return XACML_STATUS_OK
    return only(status, tag(XACML_CONTEXT, "StatusCode")).get("Value", "")


def _read_confirm_at(obligations: tuple[etree._Element, ...]) -> str | None:
    for obligation in obligations:
        if obligation.get("ObligationId") == REQUIRE_CONFIRMATION:
            assignment = only(obligation, tag(XACML_POLICY, "AttributeAssignment"))
            return (assignment.text or "").strip()
    return None
