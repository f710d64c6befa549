"""Two authenticatiediensten and a makelaar in one process, asked by sixteen threads at once, as applications."""

import re
import sys
from base64 import b64decode
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.saml.parsing import parse
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import Party
from tests.judges import JUDGES
from tests.network.doors import Doors
from tests.network.installation import Installation
from tests.saml.spoiling import SIGNATURES

ASKED = 160
_JUDGE = next(judge for judge in JUDGES if judge.name == "python-xmlsec")
_POSTED = re.compile(r'name="(SAMLResponse|RelayState)" value="([^"]+)"')


@pytest.fixture
def forced_switching() -> Iterator[None]:
    """Let another thread go on after a few instructions each time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Asker:
    """Asks one of two authenticatiediensten what it cannot do, which it says in a signed answer at once."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._doors = Doors(installation)
        for party in (AD_SLEUTEL, AD_TOEGANG):
            installation.browser(party)

    def ask(self, number: int) -> tuple[Party, str, TestResponse]:
        """Who was asked, by which ID, and what came back; before every third question a refusal is forced."""
        party = (AD_SLEUTEL, AD_TOEGANG)[number % 2]
        if number % 3 == 0:
            spoil = list(SIGNATURES.values())[number % len(SIGNATURES)]
            (refused,) = self._doors.sign_on_by_post(spoil)
            assert refused.status_code == 400
        question = self._installation.authn_request(party, level=None, id=f"_question-{number}")
        fields = {
            "SAMLRequest": b64encode(self._installation.signed(question)).decode(),
            "RelayState": f"relay-{number}",
        }
        return party, f"{number}", self._installation.browser(party).post(paths.AD_SSO, data=fields)


@pytest.mark.usefixtures("forced_switching")
def test_each_answer_is_by_the_party_that_was_asked_and_to_the_question_of_its_thread(
    installation: Installation,
) -> None:
    asker = Asker(installation)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(asker.ask, range(ASKED)))

    for party, number, page in answers:
        fields = dict(_POSTED.findall(page.text))
        assert fields.keys() == {"SAMLResponse", "RelayState"}, page.text
        message = b64decode(fields["SAMLResponse"])
        assert fields["RelayState"] == f"relay-{number}"
        assert parse(message).get("InResponseTo") == f"_question-{number}"
        partner = installation.makelaar.station.partners.find(party.entity_id, party.role)
        assert _JUDGE.accepts(message, 0, partner.signing)
