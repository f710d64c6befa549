"""What must be accepted: every kind of message of ours, and messages as other software writes and signs them.

The rest of the positive controls are cases of the corpus; these need keys that only the makelaar holds, or software
that an operator does not have.
"""

from collections.abc import Callable
from functools import partial

import pytest

from tests.attacks.differential import read
from tests.attacks.differential import verdicts
from tests.attacks.foreign import DEFAULT_NAMESPACE_REQUEST
from tests.attacks.foreign import TOOLS
from tests.attacks.foreign import foreign_assertion
from tests.attacks.foreign import foreign_request
from tests.attacks.foreign import foreign_response
from tests.keys import certificate
from tests.saml.builders import artifact_response
from tests.saml.builders import hm_assertion
from tests.saml.builders import hm_response
from tests.saml.builders import signed_query

_OURS: dict[str, Callable[[], bytes]] = {
    "response": lambda: hm_response(hm_assertion(advice=())),
    "artifact-response": lambda: artifact_response(hm_response(hm_assertion(advice=()))),
    "empty-artifact-response": partial(artifact_response, None),
}


@pytest.mark.parametrize("what", _OURS)
def test_what_the_makelaar_says_is_read_and_accepted_by_all_judges(what: str) -> None:
    message, certificates = _OURS[what](), [certificate("hm")]
    read(message, certificates)
    assert all(verdicts(message, certificates).values())


def test_a_question_holds_a_signature_of_another_party_for_which_the_judges_want_its_key() -> None:
    message = signed_query()
    read(message, [certificate("hm")])
    assert not any(verdicts(message, [certificate("hm")]).values())
    assert all(verdicts(message, [certificate("hm"), certificate("ad")]).values())


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(
    ("make", "party"),
    [
        pytest.param(foreign_request, "dv", id="indented-request-with-other-prefixes"),
        pytest.param(
            lambda tool: foreign_request(tool, DEFAULT_NAMESPACE_REQUEST), "dv", id="request-without-prefixes"
        ),
        pytest.param(foreign_assertion, "ad", id="assertion-with-other-prefixes"),
        pytest.param(foreign_response, "ad", id="response-and-assertion"),
    ],
)
def test_what_other_software_signs_is_read_and_accepted_by_all_judges(
    make: Callable[[str], bytes], party: str, tool: str
) -> None:
    message, certificates = make(tool), [certificate(party)]
    read(message, certificates)
    assert all(verdicts(message, certificates).values())
