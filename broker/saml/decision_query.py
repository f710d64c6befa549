"""XACMLAuthzDecisionQuery: the makelaar asks a machtigingenregister for whom the person may act.

Interface specifications HM-MR; in a chain also the question to the second register, which carries the assertion of
the first (Interface specifications HM-MR chain authorization).
"""

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from lxml import etree

from broker.domain.attributes import AskedAttribute
from broker.domain.levels import LevelOfAssurance
from broker.saml.build import Embedding
from broker.saml.build import boolean
from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.build import root
from broker.saml.errors import MalformedMessage
from broker.saml.names import CATALOGUE_IN_TEST
from broker.saml.names import EXTENSION_ACS_INDEX
from broker.saml.names import EXTENSION_ASSERTIONS
from broker.saml.names import EXTENSION_INTENDED_AUDIENCE
from broker.saml.names import LEVEL_OF_ASSURANCE
from broker.saml.names import PLAIN_IDENTIFIERS
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import SERVICE_ID
from broker.saml.names import SERVICE_UUID
from broker.saml.names import TYPE_ASSERTION
from broker.saml.names import TYPE_BOOLEAN
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import XACML_PROTOCOL
from broker.saml.names import XACML_SUBJECT_ID
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.reading import flag
from broker.saml.reading import issuer
from broker.saml.reading import level
from broker.saml.reading import message_id
from broker.saml.reading import moment
from broker.saml.reading import number
from broker.saml.reading import only
from broker.saml.reading import require_version
from broker.saml.requested_attributes import read_requested_attributes
from broker.saml.requested_attributes import write_requested_attributes
from broker.saml.signature import Verified
from broker.saml.xacml import Context
from broker.saml.xacml import write_request
from broker.saml.xacml import write_value

_EXTENSION = f"{tag(SAMLP, 'Extensions')}/{tag(XACML_CONTEXT, 'Attribute')}"


@dataclass(frozen=True, slots=True)
class DecisionQuery:
    """The question.

    ``subject_id`` is the transient NameID of the AD assertion; ``assertions`` holds, as they were received, the AD
    assertion and in a chain the assertion of the first register; ``acs_index`` None means: answer on this line;
    ``wants_plain`` asks for the identifiers in clear as well, ``requested_attributes`` those of the company;
    ``catalogue`` names, in a test login, the one to go by.
    """

    id: str
    issue_instant: datetime
    issuer: str
    destination: str
    subject_id: str
    service_id: str
    service_uuid: str
    level: LevelOfAssurance
    intended_audience: str
    assertions: tuple[bytes, ...] = field(repr=False)
    acs_index: int | None = None
    wants_plain: bool = False
    requested_attributes: tuple[AskedAttribute, ...] = ()
    catalogue: str | None = None


def write_decision_query(query: DecisionQuery) -> etree._Element:
    """The unsigned element."""
    element = root(
        XACML_PROTOCOL,
        "XACMLAuthzDecisionQuery",
        {
            "ID": query.id,
            "Version": "2.0",
            "IssueInstant": instant(query.issue_instant),
            "Destination": query.destination,
            "ReturnContext": boolean(True),
        },
        {"xacml-samlp": XACML_PROTOCOL, "xc": XACML_CONTEXT},
    )
    child(element, SAML, "Issuer", query.issuer)
    extensions = child(element, SAMLP, "Extensions")
    if query.acs_index is not None:
        write_value(extensions, EXTENSION_ACS_INDEX, str(query.acs_index))
    write_value(extensions, EXTENSION_INTENDED_AUDIENCE, query.intended_audience)
    if query.catalogue is not None:
        write_value(extensions, CATALOGUE_IN_TEST, query.catalogue)
    if query.wants_plain:
        write_value(extensions, PLAIN_IDENTIFIERS, boolean(True), data_type=TYPE_BOOLEAN)
    evidence = child(
        extensions,
        XACML_CONTEXT,
        "Attribute",
        None,
        {"AttributeId": EXTENSION_ASSERTIONS, "DataType": TYPE_ASSERTION},
    )
    embedding = Embedding()
    for assertion in query.assertions:
        embedding.put(child(evidence, XACML_CONTEXT, "AttributeValue"), assertion)
    write_requested_attributes(extensions, query.requested_attributes)
    subject, resource = write_request(element)
    write_value(subject, XACML_SUBJECT_ID, query.subject_id)
    write_value(resource, SERVICE_ID, query.service_id)
    write_value(resource, SERVICE_UUID, query.service_uuid)
    write_value(resource, LEVEL_OF_ASSURANCE, query.level.urn)
    return embedding.compose(element)


def read_decision_query(verified: Verified) -> DecisionQuery:
    """Read a verified query. The assertions inside are still to be verified. Raises ``MalformedMessage``.

    They are taken from the query as it arrived: its canonical form has lost the prefixes that occur in values only,
    and the signatures of the assertions rest on those.
    """
    element = verified.element
    if element.tag != tag(XACML_PROTOCOL, "XACMLAuthzDecisionQuery"):
        raise MalformedMessage("not an XACMLAuthzDecisionQuery")
    require_version(element)
    if not flag(element.get("ReturnContext")):
        raise MalformedMessage("ReturnContext must be true")
    extensions = _extensions(element)
    context = Context(only(element, tag(XACML_CONTEXT, "Request")))
    return DecisionQuery(
        id=message_id(element),
        issue_instant=moment(element.get("IssueInstant")),
        issuer=issuer(element),
        destination=element.get("Destination", ""),
        subject_id=_required(context.text(XACML_SUBJECT_ID)),
        service_id=_required(context.text(SERVICE_ID)),
        service_uuid=_required(context.text(SERVICE_UUID)),
        level=level(context.text(LEVEL_OF_ASSURANCE)),
        intended_audience=_required(_plain(extensions.get(EXTENSION_INTENDED_AUDIENCE))),
        assertions=_assertions(_extensions(reparse(verified.raw.reveal_bytes())).get(EXTENSION_ASSERTIONS)),
        acs_index=number(_plain(extensions.get(EXTENSION_ACS_INDEX))),
        wants_plain=flag(_plain(extensions.get(PLAIN_IDENTIFIERS))),
        requested_attributes=read_requested_attributes(element),
        catalogue=_plain(extensions.get(CATALOGUE_IN_TEST)),
    )


def _extensions(element: etree._Element) -> dict[str, etree._Element]:
    return {found.get("AttributeId", ""): found for found in element.iterfind(_EXTENSION)}


def _assertions(attribute: etree._Element | None) -> tuple[bytes, ...]:
    if attribute is None:
        raise MalformedMessage("the query carries no assertions")
    return tuple(serialise(only(value, tag(SAML, "Assertion"))) for value in attribute)


def _plain(attribute: etree._Element | None) -> str | None:
    return None if attribute is None else only(attribute, tag(XACML_CONTEXT, "AttributeValue")).text


def _required(value: str | None) -> str:
    if not value:
        raise MalformedMessage("the query lacks an attribute")
    return value
