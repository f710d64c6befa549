"""What is said at each field of a dienstencatalogus that is not right."""

from dataclasses import replace
from typing import Any

import pytest

from broker.domain.catalogue import AttributeForm
from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue import CertificateForm
from broker.domain.catalogue_completion import completed
from broker.domain.catalogue_reasons import REASONS
from broker.domain.catalogue_rules import problems
from broker.domain.catalogue_rules import stops
from tests.domain.catalogue_builders import BROKERED
from tests.domain.catalogue_builders import DEFINITION
from tests.domain.catalogue_builders import FORM
from tests.domain.catalogue_builders import INSTANCE
from tests.domain.catalogue_builders import KVK
from tests.domain.catalogue_builders import MAKELAAR
from tests.domain.catalogue_builders import PORTAL
from tests.domain.catalogue_builders import RSIN

FIRST_NAME = "urn:etoegang:1.9:attribute:FirstName"


def whole(**changes: Any) -> CatalogueForm:
    return replace(FORM, **changes)


def definition(**changes: Any) -> CatalogueForm:
    return whole(definitions=(replace(DEFINITION, **changes),))


def instance(**changes: Any) -> CatalogueForm:
    return whole(instances=(replace(INSTANCE, **changes),))


def attribute(name: str, purposes: dict[str, str] | None = None) -> CatalogueForm:
    return definition(attributes=(AttributeForm(name, False, purposes or {"nl": "Omdat"}),))


WRONG: list[tuple[str, str, CatalogueForm]] = [
    ("oin", "oin", whole(oin="12")),
    ("no-service", "instances", whole(instances=())),
    ("no-dutch", "names.nl", whole(names={"en": "Municipality"})),
    ("no-english", "definitions.0.names.en", definition(names={"nl": "Vergunning"})),
    ("longer-than-64", "names.nl", whole(names={"nl": "x" * 65, "en": "x"})),
    (
        "longer-than-1024",
        "definitions.0.descriptions.en",
        definition(descriptions={"nl": "x", "en": "x" * 1025}),
    ),
    ("longer-than-512", "instances.0.urls.nl", instance(urls={"nl": "https://x.nl/" + "x" * 512})),
    ("language", "names.N!", whole(names={"nl": "x", "en": "x", "N!": "x"})),
    ("characters", "names.nl", whole(names={"nl": "a\x00b", "en": "x"})),
    ("definition-twice", "definitions.1.uuid", whole(definitions=(DEFINITION, DEFINITION))),
    ("instance-twice", "instances.1.uuid", whole(instances=(INSTANCE, INSTANCE))),
    ("service-twice", "instances.1.service_id", whole(instances=(INSTANCE, INSTANCE))),
    ("uuid-of-definition", "instances.0.uuid", instance(uuid=DEFINITION.uuid)),
    ("definition-unused", "definitions.0.uuid", instance(definition="")),
    ("uuid", "definitions.0.uuid", definition(uuid="vergunning")),
    ("level", "definitions.0.level", definition(level="EH3")),
    ("level-withdrawn", "definitions.0.level", definition(level="loa1")),
    ("no-rationale", "definitions.0.rationale", definition(rationale=" ")),
    ("no-identifier", "definitions.0.identifier_sets", definition(identifier_sets=())),
    ("identifier", "definitions.0.identifier_sets.0.1", definition(identifier_sets=((KVK, "KvKnr"),))),
    ("restriction", "definitions.0.restrictions.0", definition(restrictions=("vestiging",))),
    ("restriction-without-kvk", "definitions.0.restrictions.0", definition(identifier_sets=((RSIN,),))),
    ("attribute-identifier", "definitions.0.attributes.0.name", attribute(KVK)),
    (
        "attribute-automatic",
        "definitions.0.attributes.0.name",
        attribute("urn:etoegang:1.13:attribute-intermediate:CompanyName"),
    ),
    ("attribute-unknown", "definitions.0.attributes.0.name", attribute("urn:etoegang:1.9:attribute:Shoe")),
    (
        "attribute-twice",
        "definitions.0.attributes.1.name",
        definition(attributes=(AttributeForm(FIRST_NAME), AttributeForm(FIRST_NAME))),
    ),
    ("no-purpose", "definitions.0.attributes.0.purposes.nl", attribute(FIRST_NAME, {"en": "Because"})),
    ("service-id", "instances.0.service_id", instance(service_id="7")),
    (
        "service-id-oin",
        "instances.0.service_id",
        instance(service_id="urn:etoegang:DV:00000099000000005000:services:7"),
    ),
    ("definition", "instances.0.definition", instance(definition="another")),
    ("no-privacy", "instances.0.privacy_urls.nl", instance(privacy_urls={})),
    ("other-makelaar", "instances.0.makelaar", instance(makelaar="00000099000000001100")),
    (
        "certificate",
        "instances.0.certificates.0.certificate",
        instance(certificates=(CertificateForm("-----"),)),
    ),
    (
        "bsnk",
        "instances.0.bsnk_structure_version",
        instance(
            identifier_sets=(("urn:etoegang:1.12:EntityConcernedID:PseudoID",),), bsnk_key_set_version=""
        ),
    ),
    ("portal-unknown", "instances.0.portal_for.0", instance(portal_for=("elsewhere",))),
    ("not-a-portal", "instances.0.is_portal", instance(portal_for=(INSTANCE.uuid,))),
    ("intermediation", "instances.0.intermediation", instance(intermediation="everybody")),
    ("nobody-approved", "instances.0.intermediaries", instance(intermediaries=())),
    ("approved-for-nothing", "instances.0.intermediaries", instance(intermediation="generalAvailable")),
    ("classifier", "instances.0.classifiers.0", instance(classifiers=("something",))),
    ("url", "instances.0.urls.nl", instance(urls={"nl": "javascript:x"})),
    ("url-plain", "instances.0.urls.nl", instance(urls={"nl": "http://dv.example"})),
]


BSN = "urn:etoegang:1.12:EntityConcernedID:BSN"
NO_BSNK: dict[str, Any] = {"bsnk_structure_version": "", "bsnk_key_set_version": ""}

WRONG_ELSEWHERE: list[tuple[str, str, CatalogueForm]] = [
    ("oin", "definitions.0.makelaar", definition(makelaar="12")),
    ("oin", "instances.0.makelaar", instance(makelaar="12")),
    ("oin", "instances.0.additional_makelaars.0", instance(additional_makelaars=("12",))),
    ("oin", "instances.0.intermediaries.0", instance(intermediaries=("12",))),
    ("uuid", "instances.0.uuid", instance(uuid="vergunning")),
    ("definition", "instances.0.definition", instance(definition="")),
    (
        "definition",
        "instances.0.definition",
        instance(definition="another", intermediated_service="5a3b1c2d-0000-4000-8000-000000000008"),
    ),
    ("uuid", "instances.0.intermediated_service", instance(definition="", intermediated_service="another")),
    (
        "bsnk",
        "instances.0.bsnk_structure_version",
        instance(identifier_sets=((BSN,),), bsnk_structure_version=""),
    ),
    (
        "bsnk",
        "instances.0.bsnk_structure_version",
        instance(identifier_sets=((BSN,),), bsnk_key_set_version=""),
    ),
    (
        "bsnk",
        "instances.0.bsnk_structure_version",
        whole(
            definitions=(replace(DEFINITION, identifier_sets=((BSN,),)),),
            instances=(replace(INSTANCE, **NO_BSNK),),
        ),
    ),
    (
        "bsnk",
        "instances.0.bsnk_structure_version",
        whole(
            definitions=(replace(DEFINITION, acting_sets=((BSN,),)),),
            instances=(replace(INSTANCE, **NO_BSNK),),
        ),
    ),
    ("not-a-portal", "instances.0.is_portal", instance(service_id="7", portal_for=(INSTANCE.uuid,))),
    ("characters", "instances.0.classifiers.0", instance(classifiers=("a\x00b",))),
    ("certificate", "instances.0.certificates.0.certificate", instance(certificates=(CertificateForm(""),))),
    ("certificate", "instances.0.certificates.0.certificate", instance(certificates=(CertificateForm("é"),))),
]

NOT_WRONG: list[tuple[str, str, CatalogueForm]] = [
    ("instance-twice", "instances.0.uuid", whole(instances=(replace(INSTANCE, uuid=""),) * 2)),
    ("definition", "instances.0.definition", whole(instances=(BROKERED,))),
    ("uuid", "instances.0.intermediated_service", whole(instances=(BROKERED,))),
    ("bsnk", "instances.0.bsnk_structure_version", instance(**NO_BSNK)),
    ("bsnk", "instances.0.bsnk_structure_version", instance(identifier_sets=((BSN,),))),
    (
        "bsnk",
        "instances.0.bsnk_structure_version",
        whole(
            definitions=(replace(DEFINITION, identifier_sets=((BSN,),)),),
            instances=(replace(INSTANCE, identifier_sets=((KVK,),), **NO_BSNK),),
        ),
    ),
    ("not-a-portal", "instances.0.is_portal", whole(instances=(replace(PORTAL, is_portal=False), INSTANCE))),
    ("not-a-portal", "instances.0.is_portal", instance(is_portal=True, portal_for=(INSTANCE.uuid,))),
    ("url", "definitions.0.urls.nl", definition(urls={"nl": ""})),
    ("longer-than-64", "names.nl", whole(names={"nl": "x" * 64, "en": "x"})),
]


@pytest.mark.parametrize(("code", "path", "form"), WRONG_ELSEWHERE)
def test_what_is_wrong_is_told_at_other_fields_too(code: str, path: str, form: CatalogueForm) -> None:
    assert (path, code) in {(each.path, each.code) for each in problems(form, MAKELAAR)}


@pytest.mark.parametrize(("code", "path", "form"), NOT_WRONG)
def test_what_is_right_is_not_told(code: str, path: str, form: CatalogueForm) -> None:
    assert (path, code) not in {(each.path, each.code) for each in problems(form, MAKELAAR)}


def test_a_form_that_is_right_has_nothing_that_must_be_mended() -> None:
    assert [each.code for each in problems(FORM, MAKELAAR)] == []


@pytest.mark.parametrize(("code", "path", "form"), WRONG, ids=[code for code, _, _ in WRONG])
def test_what_is_wrong_is_told_at_its_field(code: str, path: str, form: CatalogueForm) -> None:
    assert (path, code) in {(each.path, each.code) for each in problems(form, MAKELAAR)}
    assert stops(each for each in problems(form, MAKELAAR) if each.code == code) is REASONS[code].must


def test_every_reason_has_an_example() -> None:
    assert {code for code, _, _ in WRONG} == REASONS.keys()


def test_a_reason_is_told_in_the_language_of_who_reads_it() -> None:
    reason = REASONS["oin"]
    assert (reason.text("nl"), reason.text("en")) == (reason.nl, reason.en)


def test_a_template_in_english_gets_dutch_texts_and_our_oin() -> None:
    english = replace(
        DEFINITION,
        names={"en": "Permit"},
        descriptions={},
        makelaar="",
        attributes=(AttributeForm(FIRST_NAME, False, {"en": "Because"}), AttributeForm(FIRST_NAME)),
    )
    form = whole(
        names={"de": "Gemeinde"}, definitions=(english,), instances=(replace(INSTANCE, makelaar=""),)
    )

    done, filled_in = completed(form, MAKELAAR)

    assert done.names == {"nl": "Gemeinde", "de": "Gemeinde"}
    assert done.definitions[0].names == done.definitions[0].descriptions == {"nl": "Permit", "en": "Permit"}
    assert done.definitions[0].attributes[0].purposes == {"nl": "Because", "en": "Because"}
    assert done.definitions[0].makelaar == done.instances[0].makelaar == MAKELAAR
    assert filled_in == (
        "names.nl",
        "definitions.0.names.nl",
        "definitions.0.descriptions.nl",
        "definitions.0.descriptions.en",
        "definitions.0.makelaar",
        "definitions.0.attributes.0.purposes.nl",
        "instances.0.makelaar",
    )


def test_english_comes_before_other_languages_and_what_is_empty_is_no_text() -> None:
    done, _ = completed(whole(names={"de": "Gemeinde", "en": "Municipality"}), MAKELAAR)
    empty, _ = completed(whole(names={"en": "", "de": "Gemeinde"}), MAKELAAR)

    assert done.names["nl"] == "Municipality"
    assert empty.names == {"nl": "Gemeinde", "de": "Gemeinde"}


def test_what_is_complete_is_left_as_it_is() -> None:
    assert completed(FORM, MAKELAAR) == (FORM, ())
