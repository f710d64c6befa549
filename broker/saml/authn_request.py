"""samlp:AuthnRequest, from a dienstverlener to the makelaar and from the makelaar to an authenticatiedienst.

Interface specifications DV-HM and HM-AD; SAML core 3.4.1.
"""

from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from lxml import etree

from broker.domain.attributes import AskedAttribute
from broker.domain.levels import LevelOfAssurance
from broker.saml.build import boolean
from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.build import root
from broker.saml.contexts import RequestedContext
from broker.saml.errors import MalformedMessage
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import CATALOGUE_IN_TEST
from broker.saml.names import EXTENSION_INTENDED_AUDIENCE
from broker.saml.names import EXTENSION_SERVICE_UUID
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import TYPE_STRING
from broker.saml.names import XACML_CONTEXT
from broker.saml.names import tag
from broker.saml.policy import LIMITS
from broker.saml.reading import flag
from broker.saml.reading import issuer
from broker.saml.reading import level
from broker.saml.reading import message_id
from broker.saml.reading import moment
from broker.saml.reading import number
from broker.saml.reading import require_version
from broker.saml.requested_attributes import read_requested_attributes
from broker.saml.requested_attributes import write_requested_attributes

UNKNOWN_CONTEXT = frozenset({"RequestedAuthnContext", "AuthnContextClassRef"})
"""What ``asks_impossible`` says of a RequestedAuthnContext that is outside the interface, but may be good SAML."""

_ANSWERING = frozenset({BINDING_ARTIFACT, BINDING_POST})
"""Bindings by which an answer can leave; a ProtocolBinding of another kind asks what cannot be."""


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """A request to authenticate.

    ``level`` is the RequestedAuthnContext, None when not asked; ``asks_impossible`` names the first thing asked
    that this interface does not know (IsPassive, Subject, ...), None when there is none. ``idp_list`` are the
    authenticatiediensten of Scoping, each once. ``service_uuid`` and ``intended_audience`` travel in Extensions, on
    the hop to the authenticatiedienst only, as ``catalogue`` does in a test login, which names the one to go by, and
    ``requested_attributes`` on both. ``context`` is the RequestedAuthnContext as it was sent, for partners whose
    classes are not those of the interface.
    """

    id: str
    issue_instant: datetime
    issuer: str
    destination: str | None
    acs_index: int | None = None
    acs_url: str | None = None
    protocol_binding: str | None = None
    service_index: int | None = None
    force_authn: bool = False
    provider_name: str | None = None
    level: LevelOfAssurance | None = None
    idp_list: tuple[str, ...] = ()
    service_uuid: str | None = None
    intended_audience: str | None = None
    asks_impossible: str | None = None
    context: RequestedContext | None = field(default=None, compare=False)
    requested_attributes: tuple[AskedAttribute, ...] = ()
    catalogue: str | None = None


def write_authn_request(request: AuthnRequest) -> etree._Element:
    """The unsigned element."""
    element = root(
        SAMLP,
        "AuthnRequest",
        {
            "ID": request.id,
            "Version": "2.0",
            "IssueInstant": instant(request.issue_instant),
            "Destination": request.destination,
            "ForceAuthn": boolean(request.force_authn),
            "AssertionConsumerServiceIndex": _text(request.acs_index),
            "AssertionConsumerServiceURL": request.acs_url,
            "ProtocolBinding": request.protocol_binding,
            "AttributeConsumingServiceIndex": _text(request.service_index),
            "ProviderName": request.provider_name,
        },
        {"xc": XACML_CONTEXT},
    )
    child(element, SAML, "Issuer", request.issuer)
    audience, catalogue = request.intended_audience, request.catalogue
    if request.service_uuid or audience or catalogue or request.requested_attributes:
        extensions = child(element, SAMLP, "Extensions")
        _extension(extensions, EXTENSION_SERVICE_UUID, request.service_uuid)
        _extension(extensions, EXTENSION_INTENDED_AUDIENCE, audience)
        _extension(extensions, CATALOGUE_IN_TEST, catalogue)
        write_requested_attributes(extensions, request.requested_attributes)
    if request.level is not None:
        context = child(element, SAMLP, "RequestedAuthnContext", None, {"Comparison": "minimum"})
        child(context, SAML, "AuthnContextClassRef", request.level.urn)
    if request.idp_list:
        idp_list = child(child(element, SAMLP, "Scoping"), SAMLP, "IDPList")
        for entity_id in request.idp_list:
            child(idp_list, SAMLP, "IDPEntry", None, {"ProviderID": entity_id})
    return element


def read_authn_request(element: etree._Element) -> AuthnRequest:
    """Read a verified AuthnRequest. Raises ``MalformedMessage``."""
    if element.tag != tag(SAMLP, "AuthnRequest"):
        raise MalformedMessage("not an AuthnRequest")
    require_version(element)
    entries = element.iterfind(f"{tag(SAMLP, 'Scoping')}/{tag(SAMLP, 'IDPList')}/{tag(SAMLP, 'IDPEntry')}")
    requested, unsupported = _requested_level(element)
    name = element.get("ProviderName")
    return AuthnRequest(
        id=message_id(element),
        issue_instant=moment(element.get("IssueInstant")),
        issuer=issuer(element),
        destination=element.get("Destination"),
        acs_index=number(element.get("AssertionConsumerServiceIndex")),
        acs_url=element.get("AssertionConsumerServiceURL"),
        protocol_binding=element.get("ProtocolBinding"),
        service_index=number(element.get("AttributeConsumingServiceIndex")),
        force_authn=flag(element.get("ForceAuthn")),
        provider_name=name.strip()[: LIMITS.provider_name_characters] or None if name else None,
        level=requested,
        idp_list=tuple(dict.fromkeys(entry.get("ProviderID", "") for entry in entries))[: LIMITS.scoped],
        service_uuid=_read_extension(element, EXTENSION_SERVICE_UUID),
        intended_audience=_read_extension(element, EXTENSION_INTENDED_AUDIENCE),
        asks_impossible=_impossible(element) or unsupported,
        context=_requested_context(element),
        requested_attributes=read_requested_attributes(element),
        catalogue=_read_extension(element, CATALOGUE_IN_TEST),
    )


def _impossible(element: etree._Element) -> str | None:
    if flag(element.get("IsPassive")):
        return "IsPassive"
    if element.get("ProtocolBinding", BINDING_ARTIFACT) not in _ANSWERING:
        return "ProtocolBinding"
    scoping = element.find(tag(SAMLP, "Scoping"))
    if scoping is not None and scoping.get("ProxyCount", "1").strip().lstrip("+0") == "":
        # To let somebody else authenticate is all that a makelaar does (SAML core 3.4.1.5.1).
        return "ProxyCount"
    for name in (tag(SAML, "Subject"), tag(SAML, "Conditions")):
        if element.find(name) is not None:
            return str(etree.QName(name).localname)
    return None


def _requested_level(element: etree._Element) -> tuple[LevelOfAssurance | None, str | None]:
    """The level asked, and what about the question cannot be answered."""
    context = element.find(tag(SAMLP, "RequestedAuthnContext"))
    if context is None:
        return None, None
    classes = context.findall(tag(SAML, "AuthnContextClassRef"))
    if len(classes) != 1 or context.get("Comparison", "exact") not in {"minimum", "exact"}:
        return None, "RequestedAuthnContext"
    try:
        return level(classes[0].text), None
    except MalformedMessage:
        return None, "AuthnContextClassRef"


def _requested_context(element: etree._Element) -> RequestedContext | None:
    context = element.find(tag(SAMLP, "RequestedAuthnContext"))
    if context is None:
        return None
    classes = tuple(
        (found.text or "").strip() for found in context.iterfind(tag(SAML, "AuthnContextClassRef"))
    )
    if len(classes) > LIMITS.context_classes:
        raise MalformedMessage("more classes of AuthnContext than anybody tells apart")
    return RequestedContext(context.get("Comparison", "exact"), classes)


def _extension(parent: etree._Element, attribute_id: str, value: str | None) -> None:
    if value is None:
        return
    attribute = child(
        parent, XACML_CONTEXT, "Attribute", None, {"AttributeId": attribute_id, "DataType": TYPE_STRING}
    )
    child(attribute, XACML_CONTEXT, "AttributeValue", value)


def _read_extension(element: etree._Element, attribute_id: str) -> str | None:
    path = f"{tag(SAMLP, 'Extensions')}/{tag(XACML_CONTEXT, 'Attribute')}[@AttributeId='{attribute_id}']"
    return element.findtext(f"{path}/{tag(XACML_CONTEXT, 'AttributeValue')}")


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)
