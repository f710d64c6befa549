"""What the makelaar publishes of itself and of its dienstverleners (HM metadata for DV, Service catalog)."""

import re

import pytest
import requests
from lxml import etree

from broker.assembly import paths
from broker.saml import names
from broker.settings import MAKELAAR
from tests.box import Box
from tests.journeys import documents
from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import NS

ALL = {**NS, "md": names.MD, "esc": names.CATALOGUE}
EVERY = [paths.METADATA, paths.NETWORK_METADATA, paths.CATALOGUE]


def published(box: Box, path: str) -> etree._Element:
    """A document, over HTTP."""
    return etree.fromstring(requests.get(box.url(MAKELAAR) + path, timeout=20).content)


def texts(element: etree._Element, path: str) -> list[str]:
    """The results of an XPath, as text."""
    found = element.xpath(path, namespaces=ALL)
    assert isinstance(found, list)
    return [str(each.text if isinstance(each, etree._Element) else each) for each in found]


@pytest.mark.rule("7.1.20", "7.4.01", "7.4.16", "9.01", "9.02", "9.09")
@pytest.mark.parametrize("path", EVERY)
def test_every_document_is_signed_with_the_certificate_and_no_key_name(box: Box, path: str) -> None:
    document = published(box, path)
    (signature,) = document.findall("ds:Signature", NS)
    assert texts(signature, "ds:SignedInfo/ds:Reference/@URI") == [f"#{document.get('ID')}"]
    assert [etree.QName(each).localname for each in signature.findall("ds:KeyInfo//*", NS)] == [
        "X509Data",
        "X509Certificate",
    ]


@pytest.mark.rule("7.2.01", "7.4.01")
def test_the_metadata_has_name_and_version_and_nothing_else(box: Box) -> None:
    document = published(box, paths.METADATA)
    version = f"{{{names.METADATA_EXTENSION}}}version"
    assert {**document.attrib, "ID": ""} == {"ID": "", "entityID": MAKELAAR.entity_id, version: "1.13"}
    assert re.fullmatch(r"urn:etoegang:HM:[0-9]{20}:entities:[0-9]+", MAKELAAR.entity_id)


@pytest.mark.rule("7.4.02", "7.4.03", "7.4.04", "7.4.05", "7.4.10", "7.4.13")
def test_the_metadata_for_dienstverleners_has_all_that_they_need(box: Box) -> None:
    document = published(box, paths.METADATA)
    (role,) = document.xpath("md:*[@protocolSupportEnumeration]", namespaces=ALL)
    assert role.tag == f"{{{names.MD}}}IDPSSODescriptor"
    assert role.get("WantAuthnRequestsSigned") == "true"
    assert set(texts(role, "md:KeyDescriptor[ds:KeyInfo/ds:KeyName]/@use")) == {"signing", "encryption"}
    assert set(texts(role, "md:ArtifactResolutionService/@Binding")) == {names.BINDING_SOAP}
    assert set(texts(role, "md:SingleSignOnService/@Binding")) == {
        names.BINDING_ARTIFACT,
        names.BINDING_POST,
        names.BINDING_REDIRECT,
    }
    assert len(set(texts(role, "md:SingleSignOnService/@Location"))) == 1
    assert texts(document, "md:Organization/md:OrganizationDisplayName[@xml:lang='nl']") == ["Open makelaar"]


@pytest.mark.rule("7.1.07", "7.1.15")
def test_the_catalogue_has_a_version_and_every_service_of_a_dienstverlener(box: Box, dv: ForeignDv) -> None:
    document = published(box, paths.CATALOGUE)
    assert re.fullmatch(
        r"urn:etoegang:1\.13:service-catalogue:[PT]:[0-9]+",
        document.get(f"{{{names.CATALOGUE}}}Version") or "",
    )
    ids = texts(document, "//esc:ServiceInstance/esc:ServiceID")
    assert documents.service_id(dv.oin, documents.DEFAULT) in ids


@pytest.mark.rule("9.41")
@pytest.mark.parametrize("path", EVERY)
def test_no_document_names_a_person(box: Box, path: str) -> None:
    document = published(box, path)
    assert texts(document, "//md:GivenName | //md:SurName") == []
    for address in texts(document, "//md:EmailAddress"):
        assert re.match(r"(mailto:)?(info|beheer|support|servicedesk|makelaar)@", address), address
