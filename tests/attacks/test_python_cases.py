"""Every case of the corpus, through everything in broker/saml and before three judges."""

from collections import Counter

import pytest

from tests.attacks.case import FORGED
from tests.attacks.case import Case
from tests.attacks.differential import our_refusal
from tests.attacks.differential import read
from tests.attacks.differential import verdicts
from tests.attacks.python_cases import algorithms
from tests.attacks.python_cases import controls
from tests.attacks.python_cases import documents
from tests.attacks.python_cases import labels
from tests.attacks.python_cases import signature_shape
from tests.attacks.python_cases import values
from tests.attacks.python_cases import wrapping
from tests.keys import certificate

_MODULES = (controls, documents, values, signature_shape, labels, algorithms, wrapping)
CASES = [case for module in _MODULES for case in module.CASES]


@pytest.mark.rule("2.43", "9.02", "9.03", "9.04", "9.07", "9.08", "9.11", "9.33")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_case_ends_as_it_must_and_the_judges_as_it_says(case: Case) -> None:
    message, certificates = case.message(), [certificate(case.signer)]
    refusal = our_refusal(message, certificates)
    if case.refused is None:
        assert refusal is None
        assert FORGED not in repr(read(message, certificates))
    else:
        assert isinstance(refusal, case.refused)
    expected = {
        judge: (case.refused is None) != (judge in case.unlike)
        for judge in ("xmlsec1", "python-xmlsec", "signxml")
    }
    assert verdicts(message, certificates) == expected


def test_every_case_has_its_own_id_a_title_and_a_source() -> None:
    assert [name for name, times in Counter(case.id for case in CASES).items() if times > 1] == []
    assert all(case.title and case.source for case in CASES)


def test_a_refusal_never_quotes_the_message() -> None:
    for case in CASES:
        refusal = our_refusal(case.message(), [certificate(case.signer)])
        assert FORGED not in str(refusal)
        assert "etoegang:DV" not in str(refusal)
