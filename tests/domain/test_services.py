"""Services and the rules of the catalogue."""

from collections.abc import Callable
from itertools import product

import pytest

from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import LevelAboveCatalogue
from broker.domain.services import Service
from tests.domain.builders import GEMEENTE
from tests.domain.builders import a_service

LEVELS = list(LevelOfAssurance)


@pytest.mark.rule("2.52", "5.07")
@pytest.mark.parametrize("catalogue", LEVELS)
def test_who_asks_no_level_gets_that_of_the_catalogue(catalogue: LevelOfAssurance) -> None:
    assert a_service(level=catalogue).required_level(None) is catalogue


@pytest.mark.parametrize(("asked", "catalogue"), [(a, c) for a, c in product(LEVELS, repeat=2) if a <= c])
def test_a_level_up_to_the_catalogue_may_be_asked(
    asked: LevelOfAssurance, catalogue: LevelOfAssurance
) -> None:
    assert a_service(level=catalogue).required_level(asked) is asked


@pytest.mark.rule("2.53", "5.04")
@pytest.mark.parametrize(("asked", "catalogue"), [(a, c) for a, c in product(LEVELS, repeat=2) if a > c])
def test_a_level_above_the_catalogue_is_refused(asked: LevelOfAssurance, catalogue: LevelOfAssurance) -> None:
    with pytest.raises(LevelAboveCatalogue, match=f"^{asked.short} asked.*{catalogue.short}$"):
        a_service(level=catalogue).required_level(asked)


@pytest.mark.parametrize(
    ("texts", "lang", "shown"),
    [
        ({"nl": "Vergunning", "en": "Permit", "de": "Genehmigung"}, "de", "Genehmigung"),
        ({"nl": "Vergunning", "en": "Permit"}, "de", "Vergunning"),
        ({"en": "Permit", "fr": "Permis"}, "nl", "Permit"),
        ({"fr": "Permis", "de": "Genehmigung"}, "nl", "Permis"),
    ],
)
def test_names_fall_back_to_dutch_then_english_then_any(texts: dict[str, str], lang: str, shown: str) -> None:
    assert a_service(names=texts).name(lang) == shown
    assert a_service(dienstverlener_names=texts).dienstverlener_name(lang) == shown


def test_what_has_no_name_is_shown_by_its_identifier() -> None:
    nameless = a_service(names={}, dienstverlener_names={})
    assert nameless.name("nl") == nameless.service_id
    assert nameless.dienstverlener_name("nl") == GEMEENTE.value


def test_chains_are_accepted_unless_the_catalogue_says_otherwise() -> None:
    assert a_service().accepts_ketenmachtiging
    assert a_service(classifiers=frozenset({"eIDAS-inbound"})).accepts_ketenmachtiging
    assert not a_service(classifiers=frozenset({NO_CHAIN_CLASSIFIER})).accepts_ketenmachtiging


@pytest.mark.parametrize(
    ("restriction", "accepts"),
    [
        (VESTIGING_RESTRICTION, lambda service: service.accepts_vestiging),
        (SUBDOSSIER_RESTRICTION, lambda service: service.accepts_subdossier),
    ],
    ids=["vestiging", "subdossier"],
)
@pytest.mark.rule("15.11")
def test_a_restriction_is_accepted_only_if_the_catalogue_says_so_and_beside_a_kvk_number(
    restriction: str, accepts: Callable[[Service], bool]
) -> None:
    both = frozenset({VESTIGING_RESTRICTION, SUBDOSSIER_RESTRICTION})
    assert not accepts(a_service(restrictions_allowed=frozenset()))
    assert not accepts(a_service(restrictions_allowed=both - {restriction}))
    assert accepts(a_service(restrictions_allowed=both))
    assert not accepts(a_service(restrictions_allowed=both, identifier_sets=((IdentifierType.RSIN,),)))


KINDS = [
    ((IdentifierType.KVKNR,), False),
    ((IdentifierType.RSIN, IdentifierType.KVKNR), False),
    ((IdentifierType.EIDAS_LEGAL,), True),
    ((IdentifierType.PSEUDO_1_9,), True),
    ((IdentifierType.BSN,), True),
    ((IdentifierType.BSN_POLYMORPHIC,), True),
    ((IdentifierType.EIDAS_LEGAL, IdentifierType.KVKNR), None),
]


@pytest.mark.parametrize(("wanted", "by_eidas"), KINDS)
def test_who_logs_in_decides_which_sets_can_be_delivered(
    wanted: tuple[IdentifierType, ...], by_eidas: bool | None
) -> None:
    at_eidas = a_service(identifier_sets=(wanted,), classifiers=frozenset({EIDAS_INBOUND_CLASSIFIER}))
    at_eherkenning = a_service(identifier_sets=(wanted,))
    assert bool(at_eidas.deliverable_sets) is (by_eidas is True)
    assert bool(at_eherkenning.deliverable_sets) is (by_eidas is False)


def test_a_bsn_is_asked_by_any_set_that_holds_one() -> None:
    bsn, legal = (IdentifierType.BSN_POLYMORPHIC,), (IdentifierType.EIDAS_LEGAL,)
    assert a_service(identifier_sets=(legal, bsn)).asks_bsn
    assert a_service(identifier_sets=(legal,), acting_sets=((IdentifierType.BSN,),)).asks_bsn
    assert not a_service(identifier_sets=(legal,)).asks_bsn
