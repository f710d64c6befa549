"""Everything one party needs to talk to the others, put together once per process."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.domain.levels import LOWEST_LEVEL
from broker.domain.levels import LevelOfAssurance
from broker.exchange.artifacts import Artifacts
from broker.exchange.http import SoapClient
from broker.exchange.overlap import Overlap
from broker.exchange.own import Own
from broker.exchange.partners import Partners
from broker.exchange.receiving import Receiver
from broker.exchange.receiving import open_checked
from broker.exchange.sending import Sender
from broker.ports import KnownPartners
from broker.ports import StateStore
from broker.saml.partner import Partner
from broker.saml.response import OpenedResponse
from broker.saml.soap import unwrap
from broker.saml.soap import wrap


@dataclass(frozen=True, slots=True)
class Station:
    """One party's end of all lines."""

    own: Own
    partners: Partners
    artifacts: Artifacts
    sender: Sender
    receiver: Receiver
    state: StateStore
    soap: SoapClient

    @classmethod
    def build(
        cls,
        own: Own,
        registry: KnownPartners,
        state: StateStore,
        makelaar_oin: str,
        lowest: LevelOfAssurance = LOWEST_LEVEL,
        *,
        soap: SoapClient | None = None,
        index_for: Callable[[Partner], int] = lambda _: 0,
        overlap: Overlap | None = None,
    ) -> "Station":
        """Wire the parts. ``makelaar_oin`` is the OIN of the makelaar of this network, ``lowest`` its lowest level.

        ``soap`` is the line to others, by default one that trusts no server on https; ``index_for`` see ``Artifacts``,
        ``overlap`` see ``Partners``.
        """
        partners = Partners(registry, makelaar_oin, lowest, own.clock, overlap)
        soap = soap or SoapClient()
        artifacts = Artifacts(own, partners, state, soap, index_for)
        receiver = Receiver(own, partners, artifacts, state)
        return cls(own, partners, artifacts, Sender(own, artifacts), receiver, state, soap)

    def ask(self, partner: Partner, location: str, message: bytes) -> OpenedResponse:
        """Send a signed question over the back channel; the partner's verified Response.

        Raises ``PartnerUnavailable`` or a ``SamlError``.
        """
        return open_checked(unwrap(self.soap.post(location, wrap(message))), partner)
