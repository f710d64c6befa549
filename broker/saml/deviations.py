"""What about an AuthnRequest departs from the interface without making it unusable.

Interface specifications DV-HM. Whether it is let through is the operator's choice for each partner
(``domain/connection.py``); here it is only seen.
"""

from typing import Final

from lxml import etree

from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.saml.names import CONSENT_UNSPECIFIED
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.policy import LIMITS
from broker.saml.signature import Verified

_ORDINARY_SAML: Final = frozenset(
    {
        Tolerance.ACS_URL,
        Tolerance.PROTOCOL_BINDING,
        Tolerance.X509_IN_KEYINFO,
        Tolerance.NO_AUTHN_CONTEXT,
        Tolerance.NO_SERVICE_INDEX,
        Tolerance.NAME_ID_POLICY,
        Tolerance.COMPARISON,
        Tolerance.CONSENT,
    }
)
"""What plain SAML allows and the afsprakenstelsel does not: nothing to remark on in software of the profile saml."""


def request_deviations(verified: Verified, relay_state: str | None, profile: Profile) -> frozenset[Tolerance]:
    """The deviations of a verified AuthnRequest, as it came with this RelayState, from a partner of this profile."""
    element = verified.element
    seen = {
        Tolerance.ACS_URL: element.get("AssertionConsumerServiceURL") is not None,
        Tolerance.PROTOCOL_BINDING: element.get("ProtocolBinding") is not None,
        Tolerance.X509_IN_KEYINFO: verified.holds_certificate,
        Tolerance.LONG_RELAY_STATE: len((relay_state or "").encode("utf-8"))
        > LIMITS.relay_state_stelsel_bytes,
        Tolerance.NO_SERVICE_INDEX: element.get("AttributeConsumingServiceIndex") is None,
        Tolerance.NAME_ID_POLICY: element.find(tag(SAMLP, "NameIDPolicy")) is not None,
        Tolerance.CONSENT: element.get("Consent", CONSENT_UNSPECIFIED) != CONSENT_UNSPECIFIED,
        Tolerance.TIME_ZONE: not element.get("IssueInstant", "").strip().endswith("Z"),
        **_of_context(element.find(tag(SAMLP, "RequestedAuthnContext"))),
    }
    found = frozenset(tolerance for tolerance, is_seen in seen.items() if is_seen)
    return found - _ORDINARY_SAML if profile is Profile.SAML else found


def _of_context(context: etree._Element | None) -> dict[Tolerance, bool]:
    if context is None:
        return {Tolerance.NO_AUTHN_CONTEXT: True}
    several = len(context.findall(tag(SAML, "AuthnContextClassRef"))) != 1
    return {Tolerance.COMPARISON: several or context.get("Comparison") != "minimum"}
