"""What the authenticatiedienst declares: who logged in, at which level, readable for their register only."""

import secrets
from dataclasses import dataclass

from broker.assembly.party import Assembled
from broker.network.authenticatiedienst.requests import LoginFlow
from broker.network.authenticatiedienst.requests import consumer
from broker.network.authenticatiedienst.sessions import Session
from broker.ports import Middel
from broker.ports import Role
from broker.saml.assertion import Frame
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import write_authentication
from broker.saml.encrypted_attribute import EncryptedAttribute
from broker.saml.encryption import encrypt_identifier
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.partner import Partner
from broker.saml.policy import LIFETIMES
from broker.saml.response import make_assertion


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Who logged in, by which middel.

    ``stay`` is whether they want to stay logged in, ``session`` the one that this login begins or rests on, and
    ``attributes`` what they let us pass on.
    """

    middel: Middel
    stay: bool = False
    session: Session | None = None
    attributes: tuple[EncryptedAttribute, ...] = ()


def declare(assembled: Assembled, makelaar: Partner, flow: LoginFlow, login: LoggedIn) -> bytes:
    """The signed assertion that this person logged in: now, or when their session began.

    Raises ``UnknownPartner`` when we do not know the register of the middel, and ``NobodyToEncryptFor``.
    """
    middel, session = login.middel, login.session
    register = assembled.station.partners.find(middel.register, Role.MR)
    own = assembled.station.own
    now = own.clock()
    name = secrets.token_hex(20) if session is None else session.new_name(makelaar.entity_id)
    assertion = AuthenticationAssertion(
        frame=Frame(
            id=own.new_id(),
            issue_instant=now,
            issuer=own.entity_id,
            name_id=name,
            name_qualifier=own.entity_id,
            not_before=now - LIFETIMES.assertion_backdate,
            not_on_or_after=now + LIFETIMES.assertion,
            audiences=(makelaar.entity_id, register.entity_id, flow.intended_audience),
            in_response_to=flow.request_id,
            recipient=consumer(makelaar, flow.acs_index).location,
        ),
        authn_instant=now if session is None else session.authenticated_at,
        level=middel.level,
        authority=assembled.party.oin,
        representation=True,
        service_uuid=flow.service_uuid,
        registry=register.entity_id,
        acting_subject=(
            encrypt_identifier(
                INTERNAL_PSEUDONYM, middel.pseudonym.reveal(), [register.recipient(now)], own.new_id
            ),
        ),
        session_index=None if session is None else session.index_of(name),
        attributes=login.attributes,
    )
    return make_assertion(write_authentication(assertion), assembled.signer)
