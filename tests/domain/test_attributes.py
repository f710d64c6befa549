"""Which attributes there are, whose they are, and which of them a login asks for."""

import pytest

from broker.domain.attributes import ATTRIBUTE_KINDS
from broker.domain.attributes import COMPANY_KVK
from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import INTERMEDIATE_COMPANY_NAME
from broker.domain.attributes import AskedAttribute
from broker.domain.attributes import AttributeOwner
from broker.domain.attributes import asked_attributes
from broker.domain.attributes import asked_of
from broker.domain.attributes import owner_of
from broker.domain.services import RequestedAttribute

UNKNOWN = "urn:etoegang:1.9:attribute:ShoeSize"


def declared(**required: bool) -> list[RequestedAttribute]:
    """What a catalogue declares, by the end of each name."""
    names = {name.rpartition(":")[2]: name for name in (FIRST_NAME, FAMILY_NAME, COMPANY_NAME, UNKNOWN)}
    return [RequestedAttribute(names[name], value, {"nl": "Daarom."}) for name, value in required.items()]


@pytest.mark.rule("3.4.17", "3.4.18")
def test_the_name_of_an_attribute_says_who_may_give_it() -> None:
    inside = {
        AttributeOwner.AD: ":attribute:",
        AttributeOwner.MR: ":attribute-represented:",
        AttributeOwner.AUTOMATIC: ":attribute-intermediate:",
    }
    assert {kind.owner for kind in ATTRIBUTE_KINDS.values()} == set(inside)
    assert all(inside[kind.owner] in name == kind.name for name, kind in ATTRIBUTE_KINDS.items())
    assert owner_of(UNKNOWN) is None


@pytest.mark.rule("7.6.03")
def test_attributes_of_a_person_have_the_lengths_of_the_attribuutcatalogus() -> None:
    lengths = {
        kind.name.rpartition(":")[2]: kind.longest
        for kind in ATTRIBUTE_KINDS.values()
        if kind.owner is AttributeOwner.AD
    }
    assert lengths == {
        "FirstName": 200,
        "Initials": 35,
        "FamilyNameInfix": 10,
        "FamilyName": 200,
        "DateOfBirth": 10,
    }


def test_labels_tell_attributes_apart() -> None:
    assert len({kind.label for kind in ATTRIBUTE_KINDS.values()}) == len(ATTRIBUTE_KINDS)


@pytest.mark.parametrize(
    ("wanted", "in_catalogue", "required"),
    [
        (True, True, True),
        (None, True, True),
        (False, True, False),
        (True, False, False),
        (None, False, False),
    ],
)
def test_an_attribute_is_required_when_the_catalogue_says_so_and_the_dienstverlener_not_otherwise(
    wanted: bool | None, in_catalogue: bool, required: bool
) -> None:
    asked = asked_attributes(declared(FirstName=in_catalogue), [AskedAttribute(FIRST_NAME, wanted)])
    assert asked == (AskedAttribute(FIRST_NAME, required),)


@pytest.mark.rule("3.4.15", "6.3.06")
def test_only_what_is_wanted_and_declared_is_asked() -> None:
    wanted = [AskedAttribute(name) for name in (COMPANY_NAME, FAMILY_NAME)]
    asked = asked_attributes(declared(FirstName=True, CompanyName=False), wanted)
    assert [each.name for each in asked] == [COMPANY_NAME]


def test_what_is_in_no_attribuutcatalogus_is_not_asked_whoever_declares_it() -> None:
    assert asked_attributes(declared(ShoeSize=True), [AskedAttribute(UNKNOWN, True)]) == ()


@pytest.mark.rule("3.4.16")
def test_the_name_of_an_intermediary_is_not_asked() -> None:
    catalogue = [RequestedAttribute(INTERMEDIATE_COMPANY_NAME, False, {})]
    assert asked_attributes(catalogue, [AskedAttribute(INTERMEDIATE_COMPANY_NAME)]) == ()


def test_what_is_wanted_twice_is_asked_once_as_it_was_wanted_first() -> None:
    wanted = [AskedAttribute(FIRST_NAME, False), AskedAttribute(FIRST_NAME, True)]
    assert asked_attributes(declared(FirstName=True), wanted) == (AskedAttribute(FIRST_NAME, False),)


def test_each_owner_is_asked_for_its_own_in_the_order_of_the_dienstverlener() -> None:
    asked = [AskedAttribute(name) for name in (FAMILY_NAME, COMPANY_KVK, FIRST_NAME, UNKNOWN)]
    assert [each.name for each in asked_of(AttributeOwner.AD, asked)] == [FAMILY_NAME, FIRST_NAME]
    assert [each.name for each in asked_of(AttributeOwner.MR, asked)] == [COMPANY_KVK]
