"""The names of the wire: namespaces, URNs and identifiers, each with its source.

Names that the reference marks as unsure stand at the end, together, so that a correction is one line.
"""

from typing import Final

# SAML 2.0 and what it stands on
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP: Final = "urn:oasis:names:tc:SAML:2.0:protocol"
MD: Final = "urn:oasis:names:tc:SAML:2.0:metadata"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XENC: Final = "http://www.w3.org/2001/04/xmlenc#"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
XS: Final = "http://www.w3.org/2001/XMLSchema"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
XML: Final = "http://www.w3.org/XML/1998/namespace"

# XACML 2.0 and its SAML profile
XACML_CONTEXT: Final = "urn:oasis:names:tc:xacml:2.0:context:schema:os"
XACML_POLICY: Final = "urn:oasis:names:tc:xacml:2.0:policy:schema:os"
XACML_ASSERTION: Final = "urn:oasis:xacml:2.0:saml:assertion:schema:os"
XACML_PROTOCOL: Final = "urn:oasis:xacml:2.0:saml:protocol:schema:os"

# Afsprakenstelsel
CATALOGUE: Final = "urn:etoegang:1.13:service-catalog"
METADATA_EXTENSION: Final = "urn:etoegang:1.13:metadata-extension"
SAMLP_EXTENSION: Final = "urn:etoegang:1.9:samlp-extension"

ROLE_GROUP: Final = "urn:etoegang:role:"
ROLE_GROUPS: Final[dict[str, str | None]] = {
    "urn:etoegang:role:Authenticatiediensten": "AD",
    "urn:etoegang:role:Machtigingenregisters": "MR",
    "urn:etoegang:role:Interstelseldiensten": "EB",
    "urn:etoegang:role:Koppelregisters": None,
    "urn:etoegang:role:Herkenningsmakelaars": None,
    "urn:etoegang:role:Dienstverleners": None,
}
"""The Names of groups in the network metadata; None for those whose members are no partners of a makelaar."""

PREFIXES: Final[dict[str | None, str]] = {"saml": SAML, "samlp": SAMLP}
"""What the root of a message binds, and no more: a prefix bound there would enter the canonical form of an assertion of
others embedded beneath it, if its signature lists that prefix (xml-exc-c14n, PrefixList)."""

INTERFACE_VERSION: Final = "1.13"
"""The interface version this makelaar speaks; endpoint URLs carry it (Interface specifications web)."""

# Bindings (SAML bindings 3.2-3.6)
BINDING_POST: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
BINDING_REDIRECT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
BINDING_ARTIFACT: Final = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"
BINDING_SOAP: Final = "urn:oasis:names:tc:SAML:2.0:bindings:SOAP"
SOAP_ACTION: Final = "http://www.oasis-open.org/committees/security"

# SAML core 8
NAMEID_TRANSIENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
NAMEID_PERSISTENT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
NAMEFORMAT_BASIC: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
NAMEFORMAT_URI: Final = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
NAMEID_ENTITY: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
CONSENT_UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:2.0:consent:unspecified"
CM_BEARER: Final = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

# The five status codes the afsprakenstelsel allows (Error handling), and Success
STATUS_SUCCESS: Final = "urn:oasis:names:tc:SAML:2.0:status:Success"
STATUS_REQUESTER: Final = "urn:oasis:names:tc:SAML:2.0:status:Requester"
STATUS_RESPONDER: Final = "urn:oasis:names:tc:SAML:2.0:status:Responder"
STATUS_AUTHN_FAILED: Final = "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"
STATUS_UNKNOWN_PRINCIPAL: Final = "urn:oasis:names:tc:SAML:2.0:status:UnknownPrincipal"
STATUS_REQUEST_UNSUPPORTED: Final = "urn:oasis:names:tc:SAML:2.0:status:RequestUnsupported"

# Attributes of assertions (Interface specifications DV-HM response, HM-AD, HM-MR)
SERVICE_ID: Final = "urn:etoegang:core:ServiceID"
SERVICE_UUID: Final = "urn:etoegang:core:ServiceUUID"
REPRESENTATION: Final = "urn:etoegang:core:Representation"
AUTHORIZATION_REGISTRY_ID: Final = "urn:etoegang:core:AuthorizationRegistryID"
ACTING_SUBJECT_ID: Final = "urn:etoegang:core:ActingSubjectID"
LEGAL_SUBJECT_ID: Final = "urn:etoegang:core:LegalSubjectID"
INTERMEDIATE_SUBJECT_ID: Final = "urn:etoegang:core:IntermediateSubjectID"
LEVEL_OF_ASSURANCE: Final = "urn:etoegang:core:LevelOfAssurance"
LEVEL_OF_ASSURANCE_USED: Final = "urn:etoegang:core:LevelOfAssuranceUsed"
LINKED_SIGNATURE_VALUE: Final = "urn:etoegang:core:LinkedDeclarationSignatureValue"
RESTRICTION_VESTIGING: Final = "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"
RESTRICTION_SUBDOSSIER: Final = "urn:etoegang:1.9:ServiceRestriction:SubdossierNr"
INTERNAL_PSEUDONYM: Final = "urn:etoegang:1.9:EntityConcernedID:Pseudo"

# The same in clear, for interface versions before 1.13 (XACML context of real registers; assertions to 1.11)
ACTING_ENTITY_ID: Final = "urn:etoegang:core:ActingEntityID"
INTERMEDIATE_KVKNR: Final = "urn:etoegang:1.9:IntermediateEntityID:KvKnr"

# XACML values (Interface specifications HM-MR)
REQUIRE_CONFIRMATION: Final = "urn:etoegang:core:RequireConfirmationFromNextMR"
XACML_STATUS_OK: Final = "urn:oasis:names:tc:xacml:1.0:status:ok"
XACML_ACTION_ID: Final = "urn:oasis:names:tc:xacml:1.0:action:action-id"
XACML_ACTION_AUTHENTICATE: Final = "Authenticate"
XACML_ACCESS_SUBJECT: Final = "urn:oasis:names:tc:xacml:1.0:subject-category:access-subject"
TYPE_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
TYPE_BOOLEAN: Final = "http://www.w3.org/2001/XMLSchema#boolean"
TYPE_BASE64: Final = "http://www.w3.org/2001/XMLSchema#base64Binary"
TYPE_ENCRYPTED_ID: Final = "urn:oasis:names:tc:SAML:2.0:assertion#EncryptedID"
TYPE_ASSERTION: Final = "urn:oasis:names:tc:SAML:2.0:assertion"

# Unsure: names that no public text confirmed. A correction belongs here and nowhere else.
XACML_SUBJECT_ID: Final = "urn:oasis:names:tc:xacml:1.0:subject:subject-id"
EXTENSION_ACS_INDEX: Final = "urn:etoegang:core:AssertionConsumerServiceIndex"
EXTENSION_INTENDED_AUDIENCE: Final = "urn:etoegang:core:IntendedAudience"
EXTENSION_ASSERTIONS: Final = "urn:etoegang:core:Assertions"
EXTENSION_SERVICE_UUID: Final = "urn:etoegang:core:ServiceUUID"
STATUS_NO_BSN: Final = STATUS_UNKNOWN_PRINCIPAL
"""How an eIDAS-berichtenservice says that no BSN of the person is known."""
OBLIGATION_REGISTRY: Final = "urn:etoegang:core:AuthorizationRegistryID"
NETWORK_NAME: Final = (
    r"urn:etoegang:(?P<version>[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}):(?:metadata:)?"
    r"(?:(?P<environment>[A-Za-z]{1,16}):)?(?P<sequence>[0-9]{1,12})"
)
"""A pattern: the text says ``urn:etoegang:<version>:metadata:<environment>:<number>``, practice leaves parts out."""
VALID_FROM: Final = "validFrom"
VALID_FROM_NAMESPACE: Final = r"urn:etoegang:[0-9.]+:metadata-extension"
"""A pattern: the extension has carried the number of each version of the stelsel."""
ACTING_PSEUDONYMS: Final = frozenset(
    {
        INTERNAL_PSEUDONYM,
        "urn:etoegang:1.11:EntityConcernedID:Pseudo",
        "urn:etoegang:1.12:EntityConcernedID:Pseudo",
        "urn:etoegang:1.13:EntityConcernedID:Pseudo",
    }
)
"""NameIDFormats by which an authenticatiedienst says that it delivers a pseudonym of the acting person."""

CATALOGUE_IN_TEST: Final = "urn:openmakelaar:1.0:query:CatalogueInTest"
"""Our own extension of our questions in a test login: which catalogue, behind the address of the published one, has the
service as it is tested. Who does not know this goes by what is published."""
PLAIN_IDENTIFIERS: Final = "urn:openmakelaar:1.0:query:PlainIdentifiers"
"""Our own extension of the question to a register: say the identifiers in clear too, for a dienstverlener that takes no
others. A register that always does may ignore it."""

REASON: Final = "urn:openmakelaar:1.0:status"
"""Our own namespace: the machine-readable reason of a refusal, inside samlp:StatusDetail (SAML core 3.2.2.4)."""


def tag(namespace: str, local: str) -> str:
    """The name of an element or attribute in Clark notation, as lxml wants it."""
    return f"{{{namespace}}}{local}"
