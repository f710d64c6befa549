"""Names that were made to mislead whoever reads them are refused when they are handed over."""

import pytest

from broker.saml.findings import DocumentRefused
from broker.saml.name_checks import check_names
from broker.saml.policy import LIMITS
from tests.saml.documents import catalogue

NAME = b"Gemeente Voorbeeld"


def named(name: str) -> bytes:
    document = catalogue()
    assert NAME in document
    return document.replace(NAME, name.encode())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("&lt;b&gt;Gemeente", "holds markup"),
        ("Gemeente\u202e", "turn the direction"),
        ("Ge\u200bmeente", "cannot be seen"),
        ("x" * (LIMITS.name_characters + 1), f"longer than {LIMITS.name_characters}"),
    ],
)
def test_a_name_that_misleads_is_refused_with_its_line(name: str, said: str) -> None:
    with pytest.raises(DocumentRefused, match=said) as refused:
        check_names(named(name), "catalogue")
    assert refused.value.findings[0].line > 0
    assert refused.value.findings[0].document == "catalogue"


@pytest.mark.parametrize(
    "name", ["Gemeente  Súdwest-Fryslân", " Gemeente\n  Voorbeeld ", "x" * LIMITS.name_characters]
)
def test_an_ordinary_name_passes_however_it_is_laid_out(name: str) -> None:
    check_names(named(name), "catalogue")
