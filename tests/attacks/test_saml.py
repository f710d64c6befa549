"""Every case about a message, through everything in broker.saml, and before three judges."""

import pytest

from broker.attacks.case import JUDGES
from broker.attacks.case import Case
from broker.attacks.case import Hop
from broker.attacks.case import Reaction
from broker.attacks.case import corpus
from broker.attacks.draft import Draft
from broker.saml.errors import SamlError
from tests.attacks import still
from tests.attacks.differential import read
from tests.attacks.differential import read_query
from tests.attacks.differential import verdicts

_ABOUT_MESSAGES = [case for case in corpus() if case.saml is not None and case.hop is not Hop.INGEST]
# A signature in a query string is for openssl to judge, see tests/saml/test_redirect.py.
_JUDGED = [case for case in corpus() if case.is_judged]


def _read(draft: Draft) -> object:
    certificates = [draft.said_by.certificate]
    if draft.delivery is not None and draft.delivery.query:
        query = "&".join(f"{name}={value}" for name, value in draft.delivery.query)
        return read_query(query, certificates)
    return read(draft.message, certificates)


@pytest.mark.rule("2.43", "9.02", "9.03", "9.04", "9.07", "9.08", "9.11", "9.33")
@pytest.mark.parametrize("case", _ABOUT_MESSAGES, ids=lambda case: case.id)
def test_broker_saml_says_of_a_message_what_the_case_says(case: Case) -> None:
    draft = still.made(case)
    if case.saml == "OK":
        understood = repr(_read(draft))
        # What is refused further on may well hold what an attacker wrote.
        assert case.reaction is not Reaction.ACCEPTED or still.EVIL not in understood
        return
    with pytest.raises(SamlError) as refused:
        _read(draft)
    assert type(refused.value).__name__ == case.saml
    assert still.EVIL not in str(refused.value)
    assert "etoegang:DV" not in str(refused.value)


@pytest.mark.parametrize("case", _JUDGED, ids=lambda case: case.id)
def test_the_judges_say_of_its_signatures_what_the_case_says(case: Case) -> None:
    draft = still.made(case)
    accepted = case.saml == "OK"
    expected = {judge: accepted != (judge in case.judges) for judge in JUDGES}
    assert verdicts(draft.message, [draft.said_by.certificate]) == expected
