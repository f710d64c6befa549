"""What the page of a test login shows of an answer: no value that could be about a person."""

from broker.rehearsals.contents import contents
from broker.rehearsals.skeleton import skeleton
from tests.rehearsals.answers import KVK
from tests.rehearsals.answers import US
from tests.rehearsals.answers import here
from tests.rehearsals.answers import true
from tests.rehearsals.answers import true_in_clear

PERSONAL = (KVK, "a" * 64, "transient-name", "CipherValue")


def test_no_value_of_a_person_or_company_is_shown() -> None:
    for message in (true(here()), true_in_clear(here())):
        assert not [value for value in PERSONAL if value in skeleton(message)]


def test_what_a_developer_looks_for_is_shown() -> None:
    shown = skeleton(true(here()))
    for part in (
        "urn:etoegang:core:LegalSubjectID",
        f"<saml:Audience>{US}<",
        "loa3",
        "<saml:Advice>…<",
        "Success",
    ):
        assert part in shown


def test_attributes_are_listed_with_the_keys_they_are_encrypted_for() -> None:
    held = {each.name: each for each in contents(true(here())).attributes}
    assert held["urn:etoegang:core:LegalSubjectID"].values == 1
    assert held["urn:etoegang:core:LegalSubjectID"].recipients == (US,)
    assert held["urn:etoegang:core:LegalSubjectID"].keys
    assert held["urn:etoegang:core:ServiceID"].keys == ()
    assert contents(true(here())).enclosed == 1
