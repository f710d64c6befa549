"""Two makelaars and twenty dienstverleners in one process, each with a key of its own, and what can fail."""

from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import partial
from threading import local
from urllib.parse import urlsplit

from broker.assembly.onboarding import make_record
from broker.exchange.incoming import read_incoming
from broker.exchange.own import OneKey
from broker.exchange.own import Own
from broker.exchange.own import random_id
from broker.exchange.sending import Form
from broker.exchange.station import Station
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import read_authn_request
from broker.saml.authn_request import write_authn_request
from broker.saml.declaration import read_declaration
from broker.saml.declaration import write_declaration
from broker.saml.encryption import decrypt_identifier
from broker.saml.encryption import encrypt_identifier
from broker.saml.errors import DecryptionFailed
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.metadata_writing import Publication
from broker.saml.metadata_writing import make_metadata
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import BINDING_SOAP
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.partner import Endpoint
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.signature import sign
from broker.saml.soap import unwrap
from broker.storage.memory_state import MemoryStateStore
from tests.exchange.builders import MAKELAAR_OIN
from tests.exchange.builders import STRICT
from tests.exchange.builders import LoopSoap
from tests.exchange.builders import MemoryRegistry
from tests.exchange.builders import url_of
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import a_declaration
from tests.saml.builders import a_frame
from tests.saml.builders import a_response

MAKELAARS = ("hm", "hm-two")
DIENSTVERLENERS = tuple(f"dv-{number}" for number in range(20))
_BINDINGS = (BINDING_ARTIFACT, BINDING_POST, BINDING_REDIRECT)


def entity_id(name: str) -> str:
    """The entityID of a party of the crowd."""
    number = (*MAKELAARS, *DIENSTVERLENERS).index(name)
    return f"urn:etoegang:{role(name)}:{99000000000000 + number:020}:entities:0001"


def role(name: str) -> Role:
    """Its role."""
    return Role.HM if name in MAKELAARS else Role.DV


class Faulty:
    """A key that fails when this thread asks for it, halfway through a signature."""

    def __init__(self, name: str) -> None:
        self._signer = signer(name)
        self._here = local()

    @property
    def key_name(self) -> str:
        """That of the key."""
        return self._signer.key_name

    @property
    def certificate_der(self) -> bytes:
        """That of the key."""
        return self._signer.certificate_der

    def fail_next(self) -> None:
        """Let the next signature of this thread fail."""
        self._here.fails = True

    def sign(self, data: bytes) -> bytes:
        """Sign, or fail."""
        if getattr(self._here, "fails", False):
            self._here.fails = False
            raise OSError("the key is out of reach")
        return self._signer.sign(data)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open."""
        return self._signer.unwrap(wrapped)


@dataclass(frozen=True)
class Sent:
    """A signed message that left, and who must have signed it."""

    message: bytes
    by: str


class Crowd:
    """All of them, acquainted."""

    def __init__(self) -> None:
        self.soap = LoopSoap()
        self.keys = {name: Faulty(name) for name in (*MAKELAARS, *DIENSTVERLENERS)}
        records = {name: _record(name) for name in self.keys}
        self.stations = {name: self._station(name, records) for name in self.keys}
        for name, station in self.stations.items():
            self.soap.served[url_of(name, "ars")] = partial(
                station.artifacts.answer, here=url_of(name, "ars")
            )

    def _station(self, name: str, records: dict[str, PartnerRecord]) -> Station:
        others = MAKELAARS if name in DIENSTVERLENERS else DIENSTVERLENERS
        registry = MemoryRegistry(*(records[other] for other in others))
        own = Own(entity_id(name), OneKey(self.keys[name]), new_id=random_id)
        return Station.build(own, registry, MemoryStateStore(), MAKELAAR_OIN, soap=self.soap)

    def log_in(self, dv: str, hm: str, number: int) -> list[Sent]:
        """A whole exchange: question, answer, and what is inside it. Asserts that all belong together."""
        asking, answering = self.stations[dv], self.stations[hm]
        question = AuthnRequest(
            random_id(), datetime.now(UTC), entity_id(dv), url_of(hm, "sso"), service_index=number % 60_000
        )
        endpoint = Endpoint(_BINDINGS[number % 3], url_of(hm, "sso"))
        message = asking.sender.sign_for(endpoint, write_authn_request(question))
        state = f"state-{number}"
        delivery = asking.sender.send("SAMLRequest", message, endpoint, entity_id(hm), state)
        if isinstance(delivery, Form):
            incoming = read_incoming("", delivery.fields, "SAMLRequest")
        else:
            incoming = read_incoming(urlsplit(delivery.url).query, (), "SAMLRequest")
        partner, verified = answering.receiver.request(incoming, Role.DV)
        heard = read_authn_request(verified.element)
        assert (heard.id, heard.issuer, heard.service_index) == (question.id, entity_id(dv), number % 60_000)
        assert (partner.entity_id, incoming.relay_state) == (entity_id(dv), state)
        assert verified.key_name == certificate(dv).key_name

        response = self._answer(hm, dv, heard.id, f"value-{number}")
        url = answering.sender.send("SAMLResponse", response, _acs(dv), entity_id(dv), state)
        query = urlsplit(getattr(url, "url", "")).query
        arrived = read_incoming(query, (), "SAMLResponse")
        opened = asking.receiver.response(arrived, entity_id(hm), Role.HM)
        assert opened.assertion is not None
        declaration = read_declaration(opened.assertion.element)
        inside = decrypt_identifier(declaration.legal_subject[0], self.keys[dv], entity_id(dv))
        assert (opened.response.in_response_to, inside.value) == (question.id, f"value-{number}")
        assert opened.assertion.key_name == certificate(hm).key_name
        signed = [] if endpoint.binding == BINDING_REDIRECT else [Sent(message, dv)]
        return [*signed, Sent(response, hm)]

    def _answer(self, hm: str, dv: str, question: str, value: str) -> bytes:
        station = self.stations[hm]
        recipient = station.partners.find(entity_id(dv), Role.DV).recipient(datetime.now(UTC))
        now = datetime.now(UTC)
        frame = a_frame(
            entity_id(hm),
            id=random_id(),
            issue_instant=now,
            not_before=now,
            not_on_or_after=now + timedelta(minutes=2),
            audiences=(entity_id(dv),),
            in_response_to=question,
        )
        declaration = a_declaration(
            frame=frame,
            legal_subject=(encrypt_identifier("urn:q", value, [recipient], random_id),),
            acting_subject=(encrypt_identifier("urn:q", "person", [recipient], random_id),),
        )
        element = write_declaration(declaration, entity_id(dv), random_id)
        assertion = make_assertion(element, self.keys[hm])
        envelope = a_response(
            id=random_id(), in_response_to=question, issue_instant=now, issuer=entity_id(hm)
        )
        return make_response(envelope, assertion, self.keys[hm])

    # Faults, each of which must end where it arose.

    def fail_to_sign(self, dv: str, hm: str) -> None:
        """The key is gone between digest and signature."""
        self.keys[hm].fail_next()
        with suppress(OSError):
            self._answer(hm, dv, "_question", "value")
            raise AssertionError("signed without a key")

    def fail_to_verify(self, dv: str, hm: str) -> None:
        """A message that another partner signed."""
        other = DIENSTVERLENERS[DIENSTVERLENERS.index(dv) - 1]
        question = AuthnRequest(random_id(), datetime.now(UTC), entity_id(dv), url_of(hm, "sso"))
        element = write_authn_request(question)
        sign(element, self.keys[other])
        incoming = read_incoming("", [("SAMLRequest", b64encode(serialise(element)).decode())], "SAMLRequest")
        with suppress(InvalidSignature):
            self.stations[hm].receiver.request(incoming, Role.DV)
            raise AssertionError("believed")

    def fail_to_canonicalise(self, dv: str, hm: str) -> None:
        """An element that has no canonical form, in the middle of a signature."""
        element = parse(b'<a ID="_a"><b xmlns="relative"/></a>')
        with suppress(InvalidSignature):
            sign(element, self.keys[hm])
            raise AssertionError("signed what has no canonical form")

    def fail_to_decrypt(self, dv: str, hm: str) -> None:
        """What was encrypted for another."""
        recipient = self.stations[hm].partners.find(entity_id(dv), Role.DV).recipient(datetime.now(UTC))
        encrypted = encrypt_identifier("urn:q", "value", [recipient], random_id)
        other = DIENSTVERLENERS[DIENSTVERLENERS.index(dv) - 1]
        with suppress(DecryptionFailed):
            decrypt_identifier(encrypted, self.keys[other], entity_id(dv))
            raise AssertionError("opened by another")

    def fail_to_parse(self, dv: str, hm: str) -> None:
        """Not XML, and XML that is not valid."""
        for message in (b"<a><b></a>", b"<a/>"):
            with suppress(MalformedMessage):
                unwrap(message)
                raise AssertionError("taken for a message")


FAULTS = (
    Crowd.fail_to_sign,
    Crowd.fail_to_verify,
    Crowd.fail_to_canonicalise,
    Crowd.fail_to_decrypt,
    Crowd.fail_to_parse,
)


def _acs(dv: str) -> Endpoint:
    return Endpoint(BINDING_ARTIFACT, url_of(dv, "acs"), 1, is_default=True)


def _record(name: str) -> PartnerRecord:
    resolution = (Endpoint(BINDING_SOAP, url_of(name, "ars"), 0, is_default=True),)
    oin = entity_id(name).split(":")[3]
    named = {"nl": name, "en": name}
    publication = Publication(
        entity_id=entity_id(name),
        document_id=random_id(),
        names=named,
        url=url_of(name, ""),
        artifact_resolution=resolution,
        sign_on=() if name in DIENSTVERLENERS else (Endpoint(BINDING_POST, url_of(name, "sso")),),
        assertion_consumers=(_acs(name),) if name in DIENSTVERLENERS else (),
        services={7: (f"urn:etoegang:DV:{oin}:services:7", named)} if name in DIENSTVERLENERS else {},
    )
    return make_record(role(name), make_metadata(publication, signer(name)), None, datetime.now(UTC), STRICT)
