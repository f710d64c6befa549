"""How a dienstverlener can misuse artifacts: the back channel of one that misbehaves."""

import secrets
from contextlib import suppress
from dataclasses import replace

from broker.exchange.http import PartnerUnavailable
from broker.exchange.http import SoapClient
from broker.network.nasty.conduct import Conduct
from broker.network.nasty.guard import require_local
from broker.saml.artifact import HANDLE_BYTES
from broker.saml.artifact import decode_artifact
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.artifact_resolution import read_artifact_resolve
from broker.saml.keys import SigningKey
from broker.saml.soap import unwrap
from broker.saml.soap import wrap


class NastyClient(SoapClient):
    """Sends what it is given, or something like it, or more than that."""

    def __init__(self, client: SoapClient, conduct: Conduct, thief: SoapClient) -> None:
        """Send by ``client``; ``thief`` is the line of another party, with its own client certificate."""
        self._client = client
        self._conduct = conduct
        self._thief = thief

    def post(self, url: str, body: bytes) -> bytes:
        """Send an envelope; the body of the answer. Raises ``PartnerUnavailable``, and as ``NastySender`` does."""
        require_local(url)
        chosen = self._conduct.fetch()
        if chosen is None:
            return self._client.post(url, body)
        asked = read_artifact_resolve(unwrap(body))
        key = self._conduct.hands.own.key
        if chosen.name == "fetched-twice":
            answer = self._client.post(url, body)
            again = replace(asked, id=self._conduct.hands.own.new_id())
            self._client.post(url, _envelope(again, key))
            return answer
        if chosen.name == "guessed":
            handle = secrets.token_bytes(HANDLE_BYTES)
            guess = replace(decode_artifact(asked.artifact), handle=handle).encode()
            return self._client.post(url, _envelope(replace(asked, artifact=guess), key))
        if chosen.name == "wrong-key-fetch":
            return self._client.post(url, _envelope(asked, self._conduct.hands.wrong))
        other = self._conduct.hands.other
        theft = replace(asked, id=self._conduct.hands.own.new_id(), issuer=other.entity_id)
        with suppress(PartnerUnavailable):  # whatever the thief hears is not our concern
            self._thief.post(url, _envelope(theft, other.key))
        return self._client.post(url, body)


def _envelope(asked: ArtifactResolve, key: SigningKey) -> bytes:
    return wrap(make_artifact_resolve(asked, key))
