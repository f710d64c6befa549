"""What the metadata of each kind of partner must hold, beyond what its schema says."""

from lxml import etree

from broker.saml.findings import Report
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import MD
from broker.saml.names import tag
from broker.saml.partner import Partner
from broker.saml.reading import flag

_DV_RULES = "Afsprakenstelsel, DV metadata for HM"
_METADATA_RULES = "SAML metadata"


def check_authenticatiedienst(descriptor: etree._Element, partner: Partner, report: Report) -> None:
    """An authenticatiedienst says which level it can deliver; that it can be asked somewhere, the schema sees to."""
    if partner.level is None:
        reason = "no assurance-certification says which betrouwbaarheidsniveau can be delivered"
        report.error(descriptor.sourceline or 0, reason, "Afsprakenstelsel, Metadata for participants")


def check_entity_id(entity: etree._Element, partner: Partner, report: Report) -> None:
    """An entityID of another form is let through."""
    if partner.oin is None:
        line = entity.sourceline or 0
        report.warn(line, "the entityID is not of the form urn:etoegang:...", "Afsprakenstelsel, EntityID")


def check_plain_dienstverlener(descriptor: etree._Element, partner: Partner, report: Report) -> None:
    """Software of the profile saml: some place for the answer, and signed requests."""
    line = descriptor.sourceline or 0
    spoken = {BINDING_POST, BINDING_ARTIFACT}
    if not any(endpoint.binding in spoken for endpoint in partner.assertion_consumers):
        reason = "there is no AssertionConsumerService with binding HTTP-POST or HTTP-Artifact"
        report.error(line, reason, "SAML metadata 2.4.4")
    if partner.valid_until is not None:
        reason = "validUntil counts now and not at each login; take care to hand over new keys"
        report.warn(line, reason, "SAML metadata 2.3.2")
    if not flag(descriptor.get("AuthnRequestsSigned")):
        reason = 'AuthnRequestsSigned is not "true"; only signed requests are taken'
        report.warn(line, reason, "SAML metadata 2.4.4")


def check_plain_provider(descriptor: etree._Element, partner: Partner, report: Report) -> None:
    """A plain identity provider: somewhere to be asked, by a binding that we speak to it."""
    if not any(endpoint.binding in {BINDING_REDIRECT, BINDING_POST} for endpoint in partner.sign_on):
        reason = "there is no SingleSignOnService by HTTP-Redirect or HTTP-POST"
        report.error(descriptor.sourceline or 0, reason, _METADATA_RULES)


def check_dienstverlener(descriptor: etree._Element, partner: Partner, report: Report) -> None:
    """A dienstverlener of the afsprakenstelsel."""
    line = descriptor.sourceline or 0
    if not any(endpoint.binding == BINDING_ARTIFACT for endpoint in partner.assertion_consumers):
        reason = "there is no AssertionConsumerService with binding HTTP-Artifact"
        report.error(line, reason, "Afsprakenstelsel, Bindings: the DV-HM response is HTTP-Artifact")
    if not partner.services:
        reason = "there is no AttributeConsumingService; a service is chosen by the number in its ServiceID"
        report.warn(line, reason, _DV_RULES)
    for name in ("AuthnRequestsSigned", "WantAssertionsSigned"):
        if not flag(descriptor.get(name)):
            report.warn(line, f'{name} is not "true"; we act as if it were', _DV_RULES)
    for found in descriptor.iterfind(tag(MD, "NameIDFormat")):
        report.warn(found.sourceline or 0, "NameIDFormat is forbidden; it is ignored", _DV_RULES)
