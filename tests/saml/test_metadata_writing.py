"""The metadata we publish: valid, signed, and readable by ourselves and by pysaml2."""

import pytest
from lxml import etree
from saml2.mdstore import InMemoryMetaData

from broker.domain.levels import LevelOfAssurance
from broker.saml.metadata import read_metadata
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import BINDING_SOAP
from broker.saml.partner import Endpoint
from tests.attacks.differential import assert_all_judges_agree
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import SERVICE_ID
from tests.saml.documents import NOW

_NAMES = {"nl": "Partij & <co>", "en": "Party"}
_SIGN_ON = (
    Endpoint(BINDING_POST, "https://x.example/sso"),
    Endpoint(BINDING_REDIRECT, "https://x.example/sso"),
)
_CONSUMERS = (
    Endpoint(BINDING_ARTIFACT, "https://x.example/acs", 1, is_default=True),
    Endpoint(BINDING_POST, "https://x.example/acs", 2),
)
_RESOLUTION = (Endpoint(BINDING_SOAP, "https://x.example/ars", 0),)
_DV = Publication(
    DV, "_1", _NAMES, "https://x.example", assertion_consumers=_CONSUMERS, artifact_resolution=_RESOLUTION,
    services={7: (SERVICE_ID, _NAMES), 8: (SERVICE_ID[:-1] + "8", _NAMES)},
)  # fmt: skip
_AD = Publication(AD, "_2", _NAMES, "https://x.example", sign_on=_SIGN_ON, level=LevelOfAssurance.LOA4)
_HM = Publication(
    HM, "_3", _NAMES, "https://x.example", sign_on=_SIGN_ON, assertion_consumers=_CONSUMERS,
    artifact_resolution=_RESOLUTION, catalogue_location="https://x.example/catalogue",
)  # fmt: skip
_EACH = pytest.mark.parametrize(("publication", "role"), [(_DV, "DV"), (_AD, "AD"), (_HM, "HM")])


@_EACH
def test_what_is_published_is_read_back_without_a_finding(publication: Publication, role: str) -> None:
    partner, report = read_metadata(make_metadata(publication, signer("hm")), role, NOW)
    assert report.findings == []
    assert (partner.entity_id, dict(partner.display_names)) == (publication.entity_id, _NAMES)
    assert partner.signing == partner.encryption == (certificate("hm"),)
    if role != "HM":
        assert partner.sign_on == publication.sign_on
        assert partner.assertion_consumers == publication.assertion_consumers
    assert partner.level == publication.level
    assert partner.services == {index: service_id for index, (service_id, _) in publication.services.items()}
    assert partner.catalogue_location == publication.catalogue_location


@_EACH
def test_what_is_published_is_valid_and_every_judge_accepts_it(publication: Publication, role: str) -> None:
    assert_all_judges_agree(make_metadata(publication, signer("hm")), [certificate("hm")])


@_EACH
def test_pysaml2_reads_what_is_published(publication: Publication, role: str) -> None:
    store = InMemoryMetaData(None, "")
    store.parse(make_metadata(publication, signer("hm")))
    assert list(store.keys()) == [publication.entity_id]


def test_the_first_service_is_the_default() -> None:
    assert read_metadata(make_metadata(_DV, signer("dv")), "DV", NOW)[0].default_service == SERVICE_ID


@pytest.mark.rule("7.4.03")
def test_keys_are_published_with_name_and_certificate_for_each_use() -> None:
    root = etree.fromstring(make_metadata(_DV, signer("dv")))
    uses = [found.get("use") for found in root.iter("{*}KeyDescriptor")]
    names = {found.text for found in root.iter("{http://www.w3.org/2000/09/xmldsig#}KeyName")}
    assert (uses, names) == (["signing", "encryption"], {signer("dv").key_name})
