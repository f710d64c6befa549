"""The attributes of a person who has logged in: what may be asked of them, and what they let go.

Interface specifications HM-AD, Attribuutverstrekking. Consent is asked in each login, with single sign-on too.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from broker.assembly.party import Assembled
from broker.domain.attributes import AskedAttribute
from broker.domain.attributes import AttributeOwner
from broker.domain.services import Service
from broker.exchange.http import PartnerUnavailable
from broker.network.authenticatiedienst.requests import LoginFlow
from broker.network.consent import LACKING
from broker.network.consent import Question
from broker.network.consent import consented
from broker.network.consent import questions
from broker.network.dienstencatalogus import Dienstencatalogus
from broker.ports import Middel
from broker.ports import Role
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encryption import Recipient
from broker.saml.errors import SamlError
from broker.saml.status import Status
from broker.saml.status import responder_failed
from broker.screens import current_language

_NO_CATALOGUE = responder_failed("the dienstencatalogus is not available", "authenticatiedienst-fout")
WITHDRAWN = responder_failed("the middel was withdrawn during the login", "authenticatiedienst-fout")


@dataclass(frozen=True, slots=True)
class Consenting:
    """Holds what a login asks against what is known of the person and declared in the dienstencatalogus."""

    assembled: Assembled
    dienstencatalogus: Dienstencatalogus

    def questions(self, flow: LoginFlow, middel: Middel) -> tuple[Question, ...] | Status:
        """What to ask the person, empty when nothing; a status when the login cannot go on."""
        if not flow.asked:
            return ()
        asked = [AskedAttribute(name, required) for name, required in flow.asked.items()]
        try:
            service, recipients = self._service(flow)
        except (SamlError, PartnerUnavailable):
            return _NO_CATALOGUE
        declared = service if recipients else None
        found = questions(asked, AttributeOwner.AD, declared, middel.attributes, current_language())
        return LACKING if found is None else found

    def encrypt(
        self, flow: LoginFlow, found: Iterable[Question], ticked: Iterable[str]
    ) -> tuple[EncryptedAttribute, ...] | Status:
        """The attributes to which the person consented, for the dienstverlener; a status when that cannot be."""
        try:
            _, recipients = self._service(flow)
            return consented(found, ticked, recipients, self.assembled.station.own.new_id)
        except (SamlError, PartnerUnavailable, ValueError):
            return _NO_CATALOGUE

    def _service(self, flow: LoginFlow) -> tuple[Service | None, list[Recipient]]:
        """The service, and for whom to encrypt; ValueError in ``consented`` follows when there is nobody."""
        makelaar = self.assembled.station.partners.find(flow.makelaar, Role.HM)
        catalogue = self.dienstencatalogus.of(makelaar, in_test=flow.catalogue)
        service = catalogue.declared_for(flow.service_uuid, flow.dienstverlener)
        certificates = (
            () if service is None else catalogue.certificates(service, self.assembled.station.own.clock())
        )
        return service, [Recipient(flow.intended_audience, certificate) for certificate in certificates]
