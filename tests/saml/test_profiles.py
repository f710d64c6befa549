"""One declaration in three shapes: what each profile holds, and what it leaves out."""

from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.identifiers import Rsin
from broker.domain.levels import LevelOfAssurance
from broker.domain.plain_identity import PlainSubject
from broker.saml.declaration_1_11 import write_declaration_1_11
from broker.saml.names import NAMEFORMAT_BASIC
from broker.saml.names import NAMEFORMAT_URI
from broker.saml.names import NAMEID_PERSISTENT
from broker.saml.names import SAML
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.plain_assertion import ATTRIBUTES
from broker.saml.plain_assertion import write_plain_assertion
from broker.saml.schema import is_valid
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import SERVICE_ID
from tests.saml.builders import SERVICE_UUID
from tests.saml.builders import a_declaration
from tests.saml.builders import ad_assertion
from tests.saml.builders import new_id

PSEUDONYM = "ab" * 32 + "@" + "cd" * 16
SUBJECT = PlainSubject(
    Pseudonym(PSEUDONYM),
    MR,
    ((IdentifierType.RSIN, Rsin("900000028")), (IdentifierType.KVKNR, KvkNumber("90000001"))),
)
IN_CHAIN = replace(SUBJECT, intermediary=KvkNumber("90000003"))
LOA3 = LevelOfAssurance.LOA3.urn


def older(subject: PlainSubject = SUBJECT, **changes: Any) -> etree._Element:
    return reparse(serialise(write_declaration_1_11(a_declaration(**changes), subject, DV, new_id)))


def plain(
    subject: PlainSubject = SUBJECT, names: dict[str, str] | None = None, **changes: Any
) -> etree._Element:
    element = write_plain_assertion(a_declaration(**changes), subject, class_ref=LOA3, names=names or {})
    return reparse(serialise(element))


def attributes(element: etree._Element) -> dict[str, list[str | None]]:
    found = element.findall(f"{tag(SAML, 'AttributeStatement')}/{tag(SAML, 'Attribute')}")
    values = {each.get("Name", ""): [value.text for value in each] for each in found}
    assert len(values) == len(found), "a name stands there twice"
    return values


def name_id(element: etree._Element) -> etree._Element:
    (found,) = element.findall(f"{tag(SAML, 'Subject')}/{tag(SAML, 'NameID')}")
    return found


@pytest.mark.rule("3.3.06", "3.4.09")
def test_1_11_names_the_person_in_the_name_id_and_the_company_in_attributes() -> None:
    element = older()

    assert is_valid(element)
    assert (name_id(element).text, name_id(element).get("Format")) == (PSEUDONYM, NAMEID_PERSISTENT)
    assert (name_id(element).get("NameQualifier"), name_id(element).get("SPNameQualifier")) == (MR, None)
    assert attributes(element) == {
        "urn:etoegang:core:ServiceID": [SERVICE_ID],
        "urn:etoegang:core:ServiceUUID": [SERVICE_UUID],
        "urn:etoegang:1.9:EntityConcernedID:RSIN": ["900000028"],
        "urn:etoegang:1.9:EntityConcernedID:KvKnr": ["90000001"],
    }


@pytest.mark.rule("3.4.10", "3.4.11")
def test_1_11_names_intermediary_and_restrictions_in_attributes_of_their_own() -> None:
    found = attributes(older(IN_CHAIN, vestiging="000090000011", subdossier="0001"))

    assert found["urn:etoegang:1.9:IntermediateEntityID:KvKnr"] == ["90000003"]
    assert found["urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"] == ["000090000011"]
    assert found["urn:etoegang:1.9:ServiceRestriction:SubdossierNr"] == ["0001"]


def test_1_11_embeds_what_it_rests_on_byte_for_byte() -> None:
    given = ad_assertion()

    assert given in serialise(older(advice=(given,)))


def test_the_profile_saml_has_plain_strings_under_our_names() -> None:
    element = plain(IN_CHAIN, vestiging="000090000011", subdossier="0001", advice=(ad_assertion(),))

    assert is_valid(element)
    assert attributes(element) == {
        "KvKnr": ["90000001"],
        "RSIN": ["900000028"],
        "Vestigingsnr": ["000090000011"],
        "SubdossierNr": ["0001"],
        "IntermediateKvKnr": ["90000003"],
        "Pseudonym": [PSEUDONYM],
        "ServiceID": [SERVICE_ID],
        "ServiceUUID": [SERVICE_UUID],
        "LoA": [LOA3],
    }
    assert set(attributes(element)) == set(ATTRIBUTES)
    assert element.find(tag(SAML, "Advice")) is None


def test_the_profile_saml_names_the_person_for_this_dienstverlener_only() -> None:
    found = name_id(plain())

    assert (found.text, found.get("Format")) == (PSEUDONYM, NAMEID_PERSISTENT)
    assert (found.get("NameQualifier"), found.get("SPNameQualifier")) == (HM, DV)


def test_an_operator_names_attributes_otherwise() -> None:
    element = plain(names={"KvKnr": "urn:example:kvk", "LoA": "level"})

    found = attributes(element)
    assert (found["urn:example:kvk"], found["level"]) == (["90000001"], [LOA3])
    assert not {"KvKnr", "LoA"} & found.keys()
    formats = {each.get("Name"): each.get("NameFormat") for each in element.iter(tag(SAML, "Attribute"))}
    assert formats.pop("urn:example:kvk") == NAMEFORMAT_URI
    assert set(formats.values()) == {NAMEFORMAT_BASIC}


def test_several_values_of_one_kind_stand_in_one_attribute() -> None:
    twice = replace(
        SUBJECT,
        concerned=(
            (IdentifierType.KVKNR, KvkNumber("90000001")),
            (IdentifierType.KVKNR, KvkNumber("90000002")),
        ),
    )

    assert attributes(plain(twice))["KvKnr"] == ["90000001", "90000002"]


@pytest.mark.parametrize("write", [older, plain])
def test_there_is_one_conditions_with_one_audience_and_one_authn_statement(write: Any) -> None:
    element = write()

    for name, count in (("Conditions", 1), ("AuthnStatement", 1), ("AttributeStatement", 1), ("Subject", 1)):
        assert len(element.findall(tag(SAML, name))) == count
    assert [each.text for each in element.iter(tag(SAML, "Audience"))] == [DV]


@pytest.mark.parametrize("write", [older, plain])
def test_no_ciphertext_of_identifiers_stands_beside_them(write: Any) -> None:
    assert not list(write().iter(tag(SAML, "EncryptedID")))
