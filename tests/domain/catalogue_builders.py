"""A dienstencatalogus as somebody filled it in, with a bit of everything."""

from broker.domain.catalogue import AttributeForm
from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue import CertificateForm
from broker.domain.catalogue import DefinitionForm
from broker.domain.catalogue import InstanceForm

OIN = "00000099000000004000"
MAKELAAR = "00000099000000001000"
KVK = "urn:etoegang:1.9:EntityConcernedID:KvKnr"
RSIN = "urn:etoegang:1.9:EntityConcernedID:RSIN"
PERMIT = "4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d10"

DEFINITION = DefinitionForm(
    uuid=PERMIT,
    names={"nl": "Vergunning & meer", "en": "Permit"},
    descriptions={"nl": "Aanvragen", "en": "Apply"},
    urls={"nl": "https://dv.example/over"},
    level="loa3",
    rationale="Er gaan bedrijfsgegevens over de lijn.",
    makelaar=MAKELAAR,
    identifier_sets=((RSIN, KVK), (KVK,)),
    acting_sets=(("urn:etoegang:1.13:EntityConcernedID:Pseudo",),),
    restrictions=("urn:etoegang:1.9:ServiceRestriction:Vestigingsnr",),
    attributes=(
        AttributeForm("urn:etoegang:1.9:attribute:FirstName", True, {"nl": "Aanspreken", "en": "Greet"}),
        AttributeForm("urn:etoegang:1.11:attribute-represented:CompanyName", False, {"nl": "Tonen"}),
    ),
)
INSTANCE = InstanceForm(
    service_id=f"urn:etoegang:DV:{OIN}:services:7",
    uuid="0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7711",
    definition=PERMIT,
    urls={"nl": "https://dv.example/vergunning"},
    privacy_urls={"nl": "https://dv.example/privacy", "en": "https://dv.example/en/privacy"},
    makelaar=MAKELAAR,
    additional_makelaars=("00000099000000001100",),
    sso_support=True,
    certificates=(CertificateForm("TUlJQw==", "een"), CertificateForm("TUlJRA==", "twee")),
    intermediation="requiresApproval",
    intermediaries=("00000099000000005000", "00000099000000005100"),
    classifiers=("geen-ketenmachtiging",),
    bsnk_structure_version="1",
    bsnk_key_set_version="20240101",
)
PORTAL = InstanceForm(
    service_id=f"urn:etoegang:DV:{OIN}:services:0",
    uuid="0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7700",
    definition=PERMIT,
    privacy_urls={"nl": "https://dv.example/privacy"},
    makelaar=MAKELAAR,
    portal_for=(INSTANCE.uuid,),
    is_portal=True,
)
BROKERED = InstanceForm(
    service_id=f"urn:etoegang:DV:{OIN}:services:9",
    uuid="0e5d3c4b-7d0f-4f5e-8f7e-2f1f0a9c7799",
    intermediated_service="5a3b1c2d-0000-4000-8000-000000000008",
    privacy_urls={"nl": "https://dv.example/privacy"},
    makelaar=MAKELAAR,
    is_public=False,
)
FORM = CatalogueForm(
    oin=OIN,
    names={"nl": "Gemeente <Voorbeeld>", "en": "Municipality"},
    definitions=(DEFINITION,),
    instances=(INSTANCE, PORTAL, BROKERED),
)
