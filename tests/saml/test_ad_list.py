"""The list of authenticatiediensten, before independent judges and the OASIS schemas."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.saml.ad_list import ListFrame
from broker.saml.ad_list import make_ad_list
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.parsing import parse
from broker.saml.partner import Endpoint
from broker.saml.partner import Organisation
from broker.saml.partner import Partner
from broker.saml.schema import list_faults
from broker.saml.signature import verify
from tests.judges import JUDGES
from tests.judges import Judge
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import AD
from tests.saml.builders import HM

NS = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "eme": "urn:etoegang:1.13:metadata-extension"}
UNTIL = datetime(2025, 3, 4, tzinfo=UTC)
FRAME = ListFrame("_list", UNTIL, timedelta(minutes=10))


def a_dienst(**changes: Any) -> Partner:
    values: dict[str, Any] = {
        "entity_id": AD,
        "oin": None,
        "display_names": {"nl": "Sleutel & Zn.", "en": "Key & Son"},
        "signing": (),
        "encryption": (),
        "sign_on": (
            Endpoint(BINDING_ARTIFACT, "https://ad.example.nl/sso?a=1&b=2"),
            Endpoint(BINDING_POST, "https://ad.example.nl/sso"),
        ),
        "level": LevelOfAssurance.LOA4,
        "organisation": Organisation({"nl": "Sleutel B.V."}, {"nl": "https://ad.example.nl"}),
        "identifier_types": frozenset({"urn:etoegang:1.9:EntityConcernedID:Pseudo"}),
    }
    return Partner(**(values | changes))


def made(*diensten: Partner) -> bytes:
    return make_ad_list(diensten or (a_dienst(), a_dienst(entity_id=AD + "2")), FRAME, signer("hm"))


def texts(data: bytes, path: str) -> list[str]:
    return [str(found) for found in etree.fromstring(data).xpath(path, namespaces=NS)]


@pytest.mark.rule("1.8.03")
@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.name)
def test_every_judge_accepts_the_signature(judge: Judge) -> None:
    assert judge.accepts(made(), 0, [certificate("hm")])
    assert not judge.accepts(made().replace(b"Sleutel B.V.", b"Slager B.V. "), 0, [certificate("hm")])


@pytest.mark.rule("1.8.03")
def test_it_is_valid_and_verifies() -> None:
    root = parse(made(), maximum=10**6)

    assert list_faults(root) == []
    assert verify(root, [certificate("hm")], HM).element.get("ID") == "_list"


@pytest.mark.rule("1.8.04", "1.8.06")
def test_each_has_its_sign_on_and_its_organisation() -> None:
    data = made()

    assert texts(data, "/md:EntitiesDescriptor/md:EntityDescriptor/@entityID") == [AD, AD + "2"]
    first = "/md:EntitiesDescriptor/md:EntityDescriptor[1]"
    assert texts(data, f"{first}/md:IDPSSODescriptor/md:SingleSignOnService/@Location") == [
        "https://ad.example.nl/sso?a=1&b=2",
        "https://ad.example.nl/sso",
    ]
    assert texts(data, f"{first}/md:Organization/md:OrganizationName/text()") == ["Sleutel B.V."]
    assert texts(data, f"{first}/md:Organization/md:OrganizationDisplayName/text()") == [
        "Sleutel & Zn.",
        "Key & Son",
    ]
    assert texts(data, f"{first}/md:Organization/md:OrganizationDisplayName/@xml:lang") == ["nl", "en"]
    assert texts(data, f"{first}/md:Organization/md:OrganizationURL/text()") == ["https://ad.example.nl"]


def test_it_says_how_long_it_holds() -> None:
    assert texts(made(), "/*/@validUntil") == ["2025-03-04T00:00:00Z"]
    assert texts(made(), "/*/@cacheDuration") == ["PT600S"]


@pytest.mark.rule("1.8.05")
def test_one_with_an_announced_change_is_there_twice_with_its_dates() -> None:
    data = made(a_dienst(valid_until=UNTIL), a_dienst(valid_from=UNTIL))

    assert list_faults(parse(data, maximum=10**6)) == []
    assert texts(data, "//md:EntityDescriptor/@entityID") == [AD, AD]
    assert texts(data, "//md:EntityDescriptor[1]/@validUntil") == ["2025-03-04T00:00:00Z"]
    assert texts(data, "//md:EntityDescriptor[2]/@eme:validFrom") == ["2025-03-04T00:00:00Z"]


def test_one_that_names_no_organisation_is_known_by_what_there_is() -> None:
    data = made(a_dienst(display_names={}, organisation=Organisation()))

    assert list_faults(parse(data, maximum=10**6)) == []
    assert (
        texts(data, "//md:OrganizationName/text()")
        == texts(data, "//md:OrganizationDisplayName/text()")
        == [AD]
    )
    assert texts(data, "//md:OrganizationURL/text()") == ["https://ad.example.nl/"]


def test_the_same_list_is_the_same_bytes() -> None:
    assert made() == made()


def test_an_empty_list_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="empty"):
        make_ad_list((), FRAME, signer("hm"))
