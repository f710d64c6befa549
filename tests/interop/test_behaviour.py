"""What products do with wrong answers is as `docs/behaviour-tests.md` says, and what to do about it is said there."""

import pytest

from broker.onboarding.snippets import Product
from broker.rehearsals.judging import judge
from broker.rehearsals.kinds import KINDS
from tests.interop.behaviour import Behaviour
from tools import behaviour

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module", params=behaviour.RUNS)
def found(request: pytest.FixtureRequest) -> Behaviour:
    """What one product did just now."""
    product: Product = request.param
    return behaviour.RUNS[product]()


def test_it_did_as_the_page_says(found: Behaviour) -> None:
    page = behaviour.PAGE.read_text("utf-8")
    missing = [line for line in behaviour.section(found) if line not in page]
    assert not missing, "run: python -m tools.behaviour"


def test_a_good_answer_logs_in_or_the_rest_says_nothing(found: Behaviour) -> None:
    assert found.verdict("right") is None


def test_what_is_not_as_it_should_be_has_a_note_that_says_what_to_do(found: Behaviour) -> None:
    noted = {kind for product, kind in behaviour.NOTES if product is found.product}
    assert noted == {*found.amiss, *found.by_itself}


def test_what_the_printed_files_set_is_needed_and_enough(found: Behaviour) -> None:
    for kind, alone in found.by_itself.items():
        assert judge(KINDS[kind], alone.seen), kind
        assert found.verdict(kind) is None, kind
