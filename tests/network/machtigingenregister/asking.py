"""Questions to a register, resting on logins that an authenticatiedienst declared."""

import re
from dataclasses import replace
from typing import Any

from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.domain.identifiers import InternalPseudonym
from broker.domain.levels import LevelOfAssurance
from broker.network.authenticatiedienst.answers import LoggedIn
from broker.network.authenticatiedienst.answers import declare
from broker.network.authenticatiedienst.requests import LoginFlow
from broker.network.persons import read_secrets
from broker.ports import Middel
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import read_authentication
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import read_authorization
from broker.saml.parsing import parse
from broker.saml.signature import Verified
from broker.settings import AD_SLEUTEL
from broker.settings import GEMEENTE
from broker.settings import MR_EEN
from broker.settings import Party
from tests.network.installation import ACS_AD
from tests.network.installation import Installation
from tests.network.installation import token_on


class Asker:
    """A person at a register, sent there by the makelaar."""

    def __init__(self, installation: Installation, party: Party = MR_EEN) -> None:
        self.installation = installation
        self.party = party
        self.client = installation.browser(party)
        self.address = ""

    def login_of(
        self,
        username: str,
        *,
        level: LevelOfAssurance = LevelOfAssurance.LOA4,
        audience: str = GEMEENTE.entity_id,
    ) -> bytes:
        """The assertion that this person logged in at Sleutel Voorbeeld."""
        pseudonym = read_secrets(self.installation.settings)[username].pseudonym
        return self.login_as(pseudonym, level=level, audience=audience)

    def login_as(
        self,
        pseudonym: str,
        *,
        level: LevelOfAssurance = LevelOfAssurance.LOA4,
        audience: str = GEMEENTE.entity_id,
    ) -> bytes:
        """The assertion that whoever has this pseudonym logged in at Sleutel Voorbeeld."""
        middel = Middel("somebody", "", None, InternalPseudonym(pseudonym), level, self.party.entity_id)
        flow = LoginFlow(
            self.installation.makelaar.party.entity_id, "_1", ACS_AD, None, "loa2", None, audience, None
        )
        assembled = self.installation.of(AD_SLEUTEL)
        makelaar = assembled.station.partners.find(flow.makelaar, self.installation.makelaar.party.role)
        return declare(assembled, makelaar, flow, LoggedIn(middel))

    def ask(self, login: bytes, index: int = 3, **changes: Any) -> TestResponse:
        """The page, or the answer, that follows on the question about this login."""
        subject = said_at_login(login).frame.name_id
        query = self.installation.decision_query(self.party, (login,), subject, index)
        answer = self.client.post(paths.MR_DECISION, data=self.installation.form(replace(query, **changes)))
        self.address = answer.headers.get("Location", "")
        return self.client.get(self.address) if answer.status_code == 303 else answer

    def do(self, action: str, **fields: str) -> TestResponse:
        """Press a button on the page."""
        fields["token"] = token_on(self.client.get(self.address))
        answer = self.client.post(self.address, data={"do": action, **fields})
        return self.client.get(answer.headers["Location"]) if answer.status_code == 303 else answer

    def granted(self, page: TestResponse) -> tuple[AuthorizationAssertion, Verified]:
        """What the register declared."""
        opened = self.installation.heard(page, self.party)
        assert opened.assertion is not None, opened.response.status
        return read_authorization(opened.assertion.element), opened.assertion

    def reason(self, page: TestResponse) -> str | None:
        """Why the register declared nothing."""
        opened = self.installation.heard(page, self.party)
        assert opened.assertion is None
        return opened.response.status.reason


def said_at_login(login: bytes) -> AuthenticationAssertion:
    """What stands in the assertion of an authenticatiedienst, not verified."""
    return read_authentication(parse(login))


def choice(text: str, name: str) -> str:
    """The value in the form by which the company whose name begins so is chosen."""
    found = re.search(
        rf'value="([0-9a-f]{{32}})" required><span class="what"><span class="name">{name}', text
    )
    assert found is not None, text
    return found.group(1)
