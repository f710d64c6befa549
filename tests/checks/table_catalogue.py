"""Examples of the checks of the dienstencatalogus."""

import re

from broker.domain.connection import Profile
from broker.saml.policy import LIMITS
from tests.checks.examples import OTHER
from tests.checks.examples import Example
from tests.checks.examples import beside
from tests.checks.examples import catalogue
from tests.checks.examples import metadata
from tests.checks.examples import of
from tests.checks.examples import raw
from tests.checks.good import DEFINITION
from tests.checks.good import INSTANCE
from tests.checks.good import MAKELAAR
from tests.checks.good import OIN
from tests.checks.good import SERVICE_ID
from tests.checks.good import catalogue_text
from tests.checks.good import key_info
from tests.checks.good import made_certificate
from tests.checks.good import signed

_THIRD = "11111111-2222-4333-8444-555555555555"
_FOURTH = "66666666-7777-4888-9999-aaaaaaaaaaaa"
_END = "</esc:ServiceInstance>"
_SSO = "<esc:SSOSupport>false</esc:SSOSupport>\n"


def _part(name: str) -> str:
    found = re.search(f"<esc:{name} .*?</esc:{name}>\n", catalogue_text(), re.S)
    assert found is not None
    return found.group()


_DEFINITION, _INSTANCE = _part("ServiceDefinition"), _part("ServiceInstance")
_ALLOWED = "".join(re.findall("<esc:EntityConcernedTypesAllowed.*\n", catalogue_text()))
_RSIN = _ALLOWED.splitlines(keepends=True)[0]
_REQUESTED = "urn:etoegang:1.9:attribute:FamilyName"
_ATTRIBUTE = _part("RequestedAttribute")
_RESTRICTION = "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"


def _allowed(*kinds: str) -> str:
    return "".join(
        f'<esc:EntityConcernedTypesAllowed setNumber="{number}">{kind}</esc:EntityConcernedTypesAllowed>\n'
        for number, kind in enumerate(kinds, start=1)
    )


def _copy(part: str, number: str = "8", uuid: str = _THIRD, of_service: str = DEFINITION) -> str:
    """Another instance, of a definition."""
    return (
        part.replace(":services:7", f":services:{number}")
        .replace(f"<esc:ServiceUUID>{INSTANCE}", f"<esc:ServiceUUID>{uuid}")
        .replace(f"<esc:InstanceOfService>{DEFINITION}", f"<esc:InstanceOfService>{of_service}")
    )


def _eidas(part: str) -> str:
    return part.replace(
        _SSO, f"{_SSO}<esc:Classifiers><esc:Classifier>eIDAS-inbound</esc:Classifier></esc:Classifiers>\n"
    )


def _altered() -> bytes:
    return signed(catalogue_text()).replace(b"Gemeente Voorbeeld", b"Gemeente Anders")


def _weakly_signed() -> bytes:
    return signed(catalogue_text()).replace(b"2001/04/xmldsig-more#rsa-sha256", b"2000/09/xmldsig#rsa-sha1")


def _template() -> bytes:
    return re.sub(
        rb"<ds:SignatureValue>.*?</", b"<ds:SignatureValue></", signed(catalogue_text()), flags=re.S
    )


def _half_numbered() -> str:
    return _RSIN.replace(' setNumber="1"', "")


def _after_sso(text: str, also: str = "", profile: Profile | None = None) -> Example:
    return catalogue(_SSO, _SSO + text, also=also, profile=profile)


_NEW = "urn:etoegang:1.11:EntityConcernedID:eIDASLegalIdentifier"
_INTERMEDIATION = '<esc:ServiceIntermediation intermediationAllowed="{}">{}</esc:ServiceIntermediation>\n'
_OTHER_OIN = f"<esc:ServiceIntermediationAllowed>{OIN}</esc:ServiceIntermediationAllowed>"
_CERTIFICATE = (
    '<esc:ServiceCertificate><md:KeyDescriptor use="encryption">{}'
    "</md:KeyDescriptor></esc:ServiceCertificate>\n"
)
_PORTAL = 'esc:ServiceInstance esc:IsPublic="true" esc:IsPortal="true"'

CATALOGUE: dict[str, Example] = {
    "DC-001": raw("catalogue", lambda: catalogue_text()[:900].encode()),
    "DC-002": raw("catalogue", lambda: b"<!DOCTYPE a>" + signed(catalogue_text())),
    "DC-003": raw("catalogue", lambda: catalogue_text().replace("Voorbeeld", "Vóórbeeld").encode("latin-1")),
    "DC-004": raw("catalogue", lambda: b"<a>" + b" " * LIMITS.metadata_bytes + b"</a>"),
    "DC-005": raw(
        "catalogue",
        lambda: signed(catalogue_text()).replace(b"<esc:ServiceProvider ", b"<?pi?><esc:ServiceProvider "),
    ),
    "DC-006": catalogue("<esc:SSOSupport>false", "<esc:SSOSupport>nee"),
    "DC-007": raw("catalogue", lambda: b"<html/>"),
    "DC-008": catalogue(
        "</esc:ServiceProvider>",
        '</esc:ServiceProvider><esc:ServiceProvider esc:IsPublic="true">'
        f"<esc:ServiceProviderID>{OIN}</esc:ServiceProviderID>"
        '<esc:OrganizationDisplayName xml:lang="nl">a</esc:OrganizationDisplayName>'
        '<esc:OrganizationDisplayName xml:lang="en">a</esc:OrganizationDisplayName></esc:ServiceProvider>',
    ),
    "DC-009": catalogue('ID="_sc1"', 'ID="1sc"'),
    "DC-010": raw("catalogue", lambda: catalogue_text().encode()),
    "DC-011": raw("catalogue", _template),
    "DC-012": raw("catalogue", _altered),
    "DC-013": raw("catalogue", _weakly_signed),
    "DC-014": catalogue(f"ID>{OIN}", "ID>00000099000000005000", also="DC-025"),
    "DC-015": catalogue('DisplayName xml:lang="nl"', 'DisplayName xml:lang="de"'),
    "DC-016": catalogue('DisplayName xml:lang="en"', 'DisplayName xml:lang="de"'),
    "DC-017": catalogue(_DEFINITION, _DEFINITION * 2),
    "DC-018": catalogue(_INSTANCE, _INSTANCE + _copy(_INSTANCE, uuid=INSTANCE), also="DC-058"),
    "DC-019": catalogue(INSTANCE, DEFINITION),
    "DC-020": catalogue(INSTANCE, "dienst-7", also="DC-006"),
    "DC-021": beside(uuid=(of(definition=DEFINITION),)),
    "DC-022": beside(uuid=(of(instance=INSTANCE),)),
    "DC-023": beside(service=(of(service_id=SERVICE_ID),)),
    "DC-024": catalogue(SERVICE_ID, "urn:voorbeeld:dienst", also="DC-057 DC-058"),
    "DC-025": catalogue(SERVICE_ID, SERVICE_ID.replace(OIN, "00000099000000005000"), also="DC-057 DC-058"),
    "DC-026": catalogue(SERVICE_ID, SERVICE_ID.replace(":7", ":007"), also="DC-057 DC-058"),
    "DC-027": catalogue(_INSTANCE, _INSTANCE + _copy(_INSTANCE, "7")),
    "DC-028": catalogue(
        f"<esc:InstanceOfService>{DEFINITION}", f"<esc:InstanceOfService>{_THIRD}", also="DC-029"
    ),
    "DC-029": catalogue(_DEFINITION, _DEFINITION + _DEFINITION.replace(DEFINITION, _THIRD)),
    "DC-030": catalogue(
        f"</esc:PrivacyPolicyURL>\n<esc:HerkenningsmakelaarId>{MAKELAAR}",
        "</esc:PrivacyPolicyURL>\n<esc:HerkenningsmakelaarId>00000099000000001100",
    ),
    "DC-031": catalogue(MAKELAAR, "00000099000000001100"),
    "DC-032": catalogue("assurance-class:loa3", "assurance-class:EH3"),
    "DC-033": catalogue("assurance-class:loa3", "assurance-class:loa1", also="RQ-037"),
    "DC-034": catalogue("Vergunning aanvragen", "Vergunning aanvragen (EH4)"),
    "DC-035": catalogue(_ALLOWED, _allowed(_NEW), also="DC-056 DC-036"),
    "DC-036": catalogue(_ALLOWED, _allowed("urn:etoegang:1.9:EntityConcernedID:RSIN")),
    "DC-037": catalogue(_RESTRICTION, "urn:etoegang:1.9:ServiceRestriction:Filiaal"),
    "DC-038": catalogue(
        _ALLOWED, _ALLOWED + _allowed("urn:etoegang:1.9:EntityConcernedID:KvK").replace('"1"', '"3"')
    ),
    "DC-039": catalogue(_RSIN, _half_numbered(), also="DC-040"),
    "DC-040": catalogue(
        _ALLOWED, _ALLOWED + _allowed("urn:etoegang:1.9:EntityConcernedID:KvKnr").replace('"1"', '"3"')
    ),
    "DC-041": catalogue(
        _ALLOWED,
        _ALLOWED + _allowed("urn:etoegang:1.9:EntityConcernedID:BSN").replace('"1"', '"3"'),
        also="DC-056",
    ),
    "DC-042": catalogue('ServiceName xml:lang="nl"', 'ServiceName xml:lang="de"'),
    "DC-043": catalogue('ServiceName xml:lang="en"', 'ServiceName xml:lang="de"'),
    "DC-044": catalogue('ServiceDescription xml:lang="nl"', 'ServiceDescription xml:lang="en"'),
    "DC-045": catalogue(
        _ATTRIBUTE, _ATTRIBUTE + _ATTRIBUTE.replace(_REQUESTED, "urn:etoegang:1.9:EntityConcernedID:KvKnr")
    ),
    "DC-046": catalogue(
        _ATTRIBUTE,
        _ATTRIBUTE + _ATTRIBUTE.replace(_REQUESTED, "urn:etoegang:1.13:attribute-intermediate:CompanyName"),
    ),
    "DC-047": catalogue(_ATTRIBUTE, _ATTRIBUTE + _ATTRIBUTE.replace(_REQUESTED, f"{_REQUESTED}s")),
    "DC-048": catalogue('PurposeStatement xml:lang="nl"', 'PurposeStatement xml:lang="en"'),
    "DC-049": catalogue(
        'esc:ServiceInstance esc:IsPublic="true"',
        _PORTAL,
        _END,
        f"<esc:PortalForService>{INSTANCE}</esc:PortalForService>"
        f"<esc:PortalForService>{_THIRD}</esc:PortalForService>"
        f"<esc:PortalForService>{_FOURTH}</esc:PortalForService>{_END}\n{_copy(_INSTANCE)}",
        also="DC-058",
    ),
    "DC-050": catalogue('esc:ServiceInstance esc:IsPublic="true"', _PORTAL),
    "DC-051": catalogue(
        "</esc:InstanceOfService>\n",
        f"</esc:InstanceOfService>\n<esc:IntermediatedService>{_THIRD}</esc:IntermediatedService>\n",
        also="DC-052 RQ-014 MD-069",
        profile=Profile.V1_11,
    ),
    "DC-052": catalogue(
        "</esc:InstanceOfService>\n",
        f"</esc:InstanceOfService>\n<esc:IntermediatedService>{_THIRD}</esc:IntermediatedService>\n",
    ),
    "DC-053": _after_sso(_INTERMEDIATION.format("requiresApproval", "")),
    "DC-054": _after_sso(_INTERMEDIATION.format("generalAvailable", _OTHER_OIN)),
    "DC-055": catalogue(
        _DEFINITION,
        _DEFINITION
        + _DEFINITION.replace(DEFINITION, _FOURTH)
        .replace(_ALLOWED, _allowed(_NEW))
        .replace(f"<esc:ServiceRestrictionsAllowed>{_RESTRICTION}</esc:ServiceRestrictionsAllowed>\n", ""),
        _INSTANCE,
        _INSTANCE + _eidas(_copy(_INSTANCE, of_service=_FOURTH)),
        also="DC-058",
    ),
    "DC-056": catalogue(_ALLOWED, _ALLOWED + _allowed(_NEW).replace('"1"', '"3"')),
    "DC-057": catalogue(":services:7", ":services:8", also="DC-058"),
    "DC-058": catalogue(_INSTANCE, _INSTANCE + _copy(_INSTANCE)),
    "DC-059": catalogue(_ATTRIBUTE, ""),
    "DC-060": catalogue('isRequired="true"', 'isRequired="false"'),
    "DC-061": metadata(f'<md:KeyDescriptor use="encryption">{key_info()}</md:KeyDescriptor>\n', ""),
    "DC-062": _after_sso(_CERTIFICATE.format(key_info(made_certificate("other")))),
    "DC-063": catalogue("https://dv.example.nl/vergunning", "http://dv.example.nl/vergunning"),
    "DC-064": catalogue(
        '<esc:PrivacyPolicyURL xml:lang="nl">https://dv.example.nl/privacy</esc:PrivacyPolicyURL>\n', ""
    ),
    "DC-065": catalogue('ServiceInstance esc:IsPublic="true"', 'ServiceInstance esc:IsPublic="false"'),
    "DC-066": catalogue(
        "assurance-class:loa3", "assurance-class:loa4", "Support>false", "Support>true", also="RQ-029"
    ),
    "DC-067": catalogue("2026-11-01T08:00:00Z", "2027-11-01T08:00:00Z"),
    "DC-069": _after_sso("<esc:Classifiers><esc:Classifier>portaal</esc:Classifier></esc:Classifiers>\n"),
    "DC-070": Example("catalogue", others={"catalogue": None}),
    "DC-071": beside(oin=(OTHER,)),
    "DC-072": catalogue(">Vergunning aanvragen<", ">Vergunning &lt;script&gt;<"),
    "DC-073": catalogue(">Vergunning aanvragen<", ">Ver\u200bgunning aanvragen<"),
}
