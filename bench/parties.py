"""The dienstverlener, authenticatiedienst and machtigingenregister of the driver: real messages, nothing else.

They sign with keys that are loaded once and use the same exchange as every party, over a registry and a state store in
memory. What a person would do on their pages (password, choice of company) does not exist here.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from bench.cast import KVK
from bench.cast import PERSON
from bench.cast import SERVICE
from bench.cast import SERVICE_INDEX
from bench.registry import DictRegistry
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.pseudonyms import specific_pseudonym
from broker.exchange.incoming import Incoming
from broker.exchange.incoming import read_incoming
from broker.exchange.own import OneKey
from broker.exchange.own import Own
from broker.exchange.own import system_clock
from broker.exchange.sending import Delivery
from broker.exchange.sending import Redirect
from broker.exchange.station import Station
from broker.ports import Role
from broker.saml.assertion import Frame
from broker.saml.assertion import require_confirmed
from broker.saml.assertion import require_in_force
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import read_authentication
from broker.saml.authentication import write_authentication
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import write_authorization
from broker.saml.decision_query import read_decision_query
from broker.saml.declaration import Declaration
from broker.saml.declaration import read_declaration
from broker.saml.encryption import decrypt_identifier
from broker.saml.encryption import encrypt_identifier
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import INTERNAL_PSEUDONYM
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.partner import Endpoint
from broker.saml.policy import LIFETIMES
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.signature import verify
from broker.saml.status import SUCCESS
from broker.settings import MAKELAAR
from broker.settings import Party
from broker.signers.files import FileSigner
from broker.signers.files import make_development_key
from broker.storage.memory_state import MemoryStateStore

_SECRET = b"the secret of the pseudonyms of this measurement"


@dataclass(frozen=True, slots=True)
class Actor:
    """One party of the driver, with whom it knows."""

    party: Party
    signer: FileSigner
    registry: DictRegistry
    station: Station

    @classmethod
    def create(cls, party: Party, folder: Path) -> "Actor":
        """Make a key under ``folder`` and wire the party up; it knows nobody yet."""
        stem = folder / party.name
        make_development_key(stem, name=party.name, oin=party.oin, now=system_clock())
        signer = FileSigner.load(stem)
        registry = DictRegistry()
        own = Own(party.entity_id, OneKey(signer))
        return cls(party, signer, registry, Station.build(own, registry, MemoryStateStore(), MAKELAAR.oin))

    def frame(self, request_id: str, recipient: str, *audiences: str) -> Frame:
        """The common part of an assertion of this party."""
        now = system_clock()
        return Frame(
            id=self.station.own.new_id(),
            issue_instant=now,
            issuer=self.party.entity_id,
            name_id=secrets.token_hex(20),
            name_qualifier=self.party.entity_id,
            not_before=now - LIFETIMES.assertion_backdate,
            not_on_or_after=now + LIFETIMES.assertion,
            audiences=audiences,
            in_response_to=request_id,
            recipient=recipient,
        )

    def answer(self, request_id: str, consumer: Endpoint, relay_state: str | None, assertion: bytes) -> str:
        """Hold a signed Response for the makelaar; the URL that takes the browser there."""
        response = Response(
            self.station.own.new_id(),
            request_id,
            system_clock(),
            self.party.entity_id,
            consumer.location,
            SUCCESS,
        )
        message = make_response(response, assertion, self.signer)
        endpoint = Endpoint(BINDING_ARTIFACT, consumer.location)
        send = self.station.sender.send
        return _url(send("SAMLResponse", message, endpoint, MAKELAAR.entity_id, relay_state))


def authenticate(ad: Actor, query: str) -> str:
    """The authenticatiedienst: resolve the AuthnRequest, and declare that the person logged in."""
    received = _incoming(query, "SAMLRequest")
    makelaar, verified = ad.station.receiver.request(received, Role.HM)
    request = read_authn_request(verified.element)
    consumer = makelaar.consumer(index=request.acs_index, url=None, bindings=(BINDING_ARTIFACT,))
    (register,) = ad.station.partners.in_role(Role.MR)
    subject = encrypt_identifier(
        INTERNAL_PSEUDONYM, PERSON, [register.recipient(system_clock())], ad.station.own.new_id
    )
    assertion = AuthenticationAssertion(
        frame=ad.frame(
            request.id,
            consumer.location,
            makelaar.entity_id,
            register.entity_id,
            request.intended_audience or "",
        ),
        authn_instant=system_clock(),
        level=SERVICE.level,
        authority=ad.party.oin,
        representation=True,
        service_uuid=request.service_uuid,
        registry=register.entity_id,
        acting_subject=(subject,),
    )
    signed = make_assertion(write_authentication(assertion), ad.signer)
    return ad.answer(request.id, consumer, received.relay_state, signed)


def authorise(mr: Actor, query: str) -> str:
    """The machtigingenregister: resolve the query, and declare for which company the person acts."""
    received = _incoming(query, "SAMLRequest")
    makelaar, verified = mr.station.receiver.request(received, Role.HM)
    asked = read_decision_query(verified)
    consumer = makelaar.consumer(index=asked.acs_index, url=None, bindings=(BINDING_ARTIFACT,))
    (dienst,) = mr.station.partners.in_role(Role.AD)
    (dienstverlener,) = mr.station.partners.in_role(Role.DV)
    login = verify(parse(asked.assertions[0]), dienst.signing, dienst.entity_id)
    pseudonym = specific_pseudonym(
        _SECRET,
        acting=InternalPseudonym(PERSON),
        represented=KvkNumber(KVK),
        dienstverlener=SERVICE.dienstverlener,
    )
    recipient, new_id = [dienstverlener.recipient(system_clock())], mr.station.own.new_id
    assertion = AuthorizationAssertion(
        frame=mr.frame(asked.id, consumer.location, makelaar.entity_id, asked.intended_audience),
        assertion_id_ref=read_authentication(login.element).frame.id,
        linked_signature_value=login.signature_value,
        service_id=asked.service_id,
        service_uuid=asked.service_uuid,
        level_asked=asked.level,
        level_used=asked.level,
        acting_subject=(encrypt_identifier(IdentifierType.PSEUDO, pseudonym.reveal(), recipient, new_id),),
        legal_subject=(encrypt_identifier(IdentifierType.KVKNR, KVK, recipient, new_id),),
    )
    signed = make_assertion(write_authorization(assertion, asked_by=makelaar.entity_id), mr.signer)
    return mr.answer(asked.id, consumer, received.relay_state, signed)


def ask(dv: Actor, relay_state: str) -> tuple[str, str]:
    """The dienstverlener: the ID of a new AuthnRequest, and the URL that takes it to the makelaar."""
    (makelaar,) = dv.station.partners.in_role(Role.HM)
    endpoint = next(each for each in makelaar.sign_on if each.binding == BINDING_REDIRECT)
    request = AuthnRequest(
        id=dv.station.own.new_id(),
        issue_instant=system_clock(),
        issuer=dv.party.entity_id,
        destination=endpoint.location,
        acs_index=0,
        service_index=SERVICE_INDEX,
        force_authn=True,
        level=SERVICE.level,
    )
    message = serialise(write_authn_request(request))
    send = dv.station.sender.send
    return request.id, _url(send("SAMLRequest", message, endpoint, makelaar.entity_id, relay_state))


def receive(dv: Actor, query: str, *, request_id: str, relay_state: str, acs: str) -> Declaration:
    """The dienstverlener: the declaration of a verified Success that answers this request, here, for us.

    Stops the measurement (AssertionError or a ``SamlError``) for anything less.
    """
    received = _incoming(query, "SAMLResponse")
    assert received.relay_state == relay_state, "the RelayState of another login came back"
    opened = dv.station.receiver.response(received, MAKELAAR.entity_id, Role.HM)
    assert opened.response.in_response_to == request_id, "the Response answers another request"
    assert opened.assertion is not None, f"no Success but {opened.response.status}"
    declaration = read_declaration(opened.assertion.element)
    require_in_force(declaration.frame, system_clock())
    require_confirmed(
        declaration.frame, in_response_to=request_id, recipient=acs, audience=dv.party.entity_id
    )
    assert declaration.service_id == SERVICE.service_id, "the Assertion is for another service"
    assert declaration.level is SERVICE.level, "the Assertion gives another level"
    assert declaration.legal_subject, "the company is missing"
    assert declaration.acting_subject, "the person is missing"
    return declaration


def open_company(dv: Actor, declaration: Declaration) -> str:
    """The KvK-nummer of the company that logged in."""
    (subject,) = declaration.legal_subject
    return decrypt_identifier(subject, dv.signer, dv.party.entity_id).value


def _incoming(query: str, field: str) -> Incoming:
    return read_incoming(query, (), field)


def _url(delivery: Delivery) -> str:
    assert isinstance(delivery, Redirect), "this measurement goes by artifact on every hop"
    return delivery.url
