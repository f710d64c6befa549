"""The dienstencatalogus as people edit it, from XML and to XML."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from broker.domain.catalogue import CatalogueForm
from broker.saml.catalogue_form import read_form
from broker.saml.catalogue_form import write_form
from broker.saml.findings import DocumentRefused
from tests.domain.catalogue_builders import DEFINITION
from tests.domain.catalogue_builders import FORM
from tests.domain.catalogue_builders import INSTANCE
from tests.saml.documents import catalogue
from tests.saml.documents import dv_metadata

INTEROP = Path(__file__).parents[1] / "interop" / "catalogue.xml"


def write(form: CatalogueForm) -> bytes:
    return write_form(form, catalogue_id="_1", version="1", now=datetime(2026, 11, 22, tzinfo=UTC))


def without_rationale(form: CatalogueForm) -> CatalogueForm:
    return replace(form, definitions=tuple(replace(each, rationale="") for each in form.definitions))


def test_what_a_form_holds_comes_back_but_why_a_level_is_needed() -> None:
    read = read_form(write(FORM))

    assert read.form == without_rationale(FORM)
    assert read.left_out == ()
    assert not read.is_signed


@pytest.mark.parametrize("document", [INTEROP.read_bytes(), catalogue()], ids=["interop", "ours"])
def test_nothing_is_left_out_of_a_catalogue_from_practice(document: bytes) -> None:
    read = read_form(document)

    assert read.left_out == ()
    assert without_rationale(read_form(write(read.form)).form) == read.form


def test_what_a_form_does_not_hold_is_named_with_its_line() -> None:
    document = write(FORM).replace(
        b'<esc:ServiceName xml:lang="en">Permit</esc:ServiceName>',
        b'<esc:ServiceName xml:lang="en">Permit</esc:ServiceName>\n'
        b'<esc:ServiceName xml:lang="en">Licence</esc:ServiceName>',
    )

    (left,) = read_form(document).left_out

    assert left.what == "ServiceName Licence"
    assert left.line > 1


def test_sets_of_identifiers_come_in_the_order_of_their_numbers_and_those_without_last() -> None:
    document = write(FORM)
    swapped = document.replace(b'setNumber="2"', b'setNumber="0"')
    unnumbered = document.replace(b' setNumber="1"', b"")

    (rsin, kvk), _ = DEFINITION.identifier_sets
    assert read_form(swapped).form.definitions[0].identifier_sets == ((kvk,), (rsin, kvk))
    assert read_form(unnumbered).form.definitions[0].identifier_sets == ((kvk,), (rsin,), (kvk,))


TEMPLATE = b"""<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
<ds:Reference URI="#_1"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/>
</ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"""


def test_a_signature_and_other_spellings_of_the_same_are_not_left_out() -> None:
    written = write(FORM)
    start = written.index(b"<esc:ServiceProvider ")
    document = written[:start] + TEMPLATE + written[start:]
    document = document.replace(b'IsPublic="true"', b'IsPublic="1"').replace(
        b'setNumber="2"', b'setNumber="7"'
    )
    document = document.replace(b'esc:IsPublic="false"', b'esc:IsPublic="0" esc:IsPortal="false"')

    read = read_form(document)

    assert document.count(b'="1"') > 1
    assert b"IsPortal" in document
    assert read.left_out == ()


def test_a_level_that_is_none_is_kept_as_it_stands() -> None:
    form = replace(FORM, definitions=(replace(DEFINITION, level="urn:example:high", rationale=""),))

    assert read_form(write(form)).form == form


def test_empty_texts_and_rows_are_not_written() -> None:
    form = replace(
        FORM,
        definitions=(
            replace(DEFINITION, identifier_sets=(("",), DEFINITION.identifier_sets[0]), restrictions=("",)),
        ),
        instances=(replace(INSTANCE, classifiers=("",), urls={"nl": ""}, certificates=()),),
    )

    read = read_form(write(form)).form

    assert read.definitions[0].identifier_sets == DEFINITION.identifier_sets[:1]
    assert read.definitions[0].restrictions == read.instances[0].classifiers == ()
    assert read.instances[0].urls == {}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (replace(FORM, names={"nl": "a\x00b"}), "characters that XML cannot hold"),
        (replace(FORM, oin="12"), "ServiceProviderID"),
        (replace(FORM, names={}), "OrganizationDisplayName"),
    ],
)
def test_what_the_schema_forbids_is_not_written(form: CatalogueForm, said: str) -> None:
    with pytest.raises(DocumentRefused, match=said):
        write(form)


def test_a_document_of_several_dienstverleners_or_of_another_kind_is_refused() -> None:
    whole = write(FORM)
    start, end = whole.index(b"<esc:ServiceProvider "), whole.index(b"</esc:ServiceCatalogue>")
    twice = whole[:end] + whole[start:end] + whole[end:]

    with pytest.raises(DocumentRefused, match="one ServiceProvider is expected"):
        read_form(twice)
    with pytest.raises(DocumentRefused):
        read_form(b"<a/>")
    with pytest.raises(DocumentRefused, match="this is not a ServiceCatalogue"):
        read_form(dv_metadata())
