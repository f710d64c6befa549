"""Invented messages of the network, whole and valid; each can be varied by name."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import count
from typing import Any

from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.saml.artifact_resolution import make_artifact_response
from broker.saml.assertion import Frame
from broker.saml.authentication import AuthenticationAssertion
from broker.saml.authentication import write_authentication
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import write_authn_request
from broker.saml.authorization import AuthorizationAssertion
from broker.saml.authorization import write_authorization
from broker.saml.decision_query import DecisionQuery
from broker.saml.decision_query import write_decision_query
from broker.saml.declaration import Declaration
from broker.saml.declaration import write_declaration
from broker.saml.encryption import EncryptedId
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.parsing import parse
from broker.saml.parsing import serialise
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.signature import sign
from broker.saml.signature import verify
from broker.saml.soap import wrap
from broker.saml.status import SUCCESS
from tests.keys import certificate
from tests.keys import signer

NOW = datetime(2025, 3, 3, 9, 16, 18, tzinfo=UTC)
TWO_MINUTES = timedelta(minutes=2)

HM = "urn:etoegang:HM:00000099000000001000:entities:0001"
AD = "urn:etoegang:AD:00000099000000002000:entities:0001"
MR = "urn:etoegang:MR:00000099000000003000:entities:0001"
DV = "urn:etoegang:DV:00000099000000004000:entities:0001"
SERVICE_ID = "urn:etoegang:DV:00000099000000004000:services:7"
SERVICE_UUID = "4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d10"
ACS = "https://dv.example.nl/eherkenning/acs/"
KVK = "90000001"

_numbers = count(1)


def new_id() -> str:
    """An XML ID that was not used before."""
    return f"_{next(_numbers):08x}"


def a_frame(issuer: str, **changes: Any) -> Frame:
    values: dict[str, Any] = {
        "id": new_id(),
        "issue_instant": NOW,
        "issuer": issuer,
        "name_id": "6b1d1f0e-9d2e-4e0e-8a43-6c1f7f5a8f11",
        "name_qualifier": AD,
        "not_before": NOW - timedelta(seconds=5),
        "not_on_or_after": NOW + TWO_MINUTES,
    }
    return Frame(**(values | changes))


def an_encrypted_id(owner: str, entity_id: str, value: str = KVK, qualifier: str = "urn:q") -> EncryptedId:
    return encrypt_identifier(qualifier, value, [Recipient(entity_id, certificate(owner))], new_id)


def an_authn_request(**changes: Any) -> AuthnRequest:
    values: dict[str, Any] = {
        "id": new_id(),
        "issue_instant": NOW,
        "issuer": DV,
        "destination": "https://hm.example.nl/dv_hm/1.13",
        "acs_index": 1,
        "service_index": 7,
        "force_authn": True,
        "level": LevelOfAssurance.LOA3,
    }
    return AuthnRequest(**(values | changes))


def an_authentication(**changes: Any) -> AuthenticationAssertion:
    values: dict[str, Any] = {
        "frame": a_frame(
            AD, audiences=(HM, MR, DV), in_response_to="_hm2ad", recipient="https://hm.example.nl/acs"
        ),
        "authn_instant": NOW,
        "level": LevelOfAssurance.LOA3,
        "authority": "00000099000000002000",
        "representation": True,
        "service_uuid": SERVICE_UUID,
        "registry": MR,
        "acting_subject": (an_encrypted_id("mr", MR, "anna"),),
    }
    return AuthenticationAssertion(**(values | changes))


def an_authorization(**changes: Any) -> AuthorizationAssertion:
    values: dict[str, Any] = {
        "frame": a_frame(MR),
        "assertion_id_ref": "_ad",
        "linked_signature_value": "QUFB",
        "service_id": SERVICE_ID,
        "service_uuid": SERVICE_UUID,
        "level_asked": LevelOfAssurance.LOA2PLUS,
        "level_used": LevelOfAssurance.LOA3,
        "acting_subject": (an_encrypted_id("dv", DV, "pseudonym"),),
        "legal_subject": (an_encrypted_id("dv", DV),),
    }
    return AuthorizationAssertion(**(values | changes))


def a_declaration(**changes: Any) -> Declaration:
    values: dict[str, Any] = {
        "frame": a_frame(HM, audiences=(DV,), in_response_to="_dv2hm", recipient=ACS),
        "authn_instant": NOW,
        "session_index": "s-1",
        "level": LevelOfAssurance.LOA3,
        "authority": AD,
        "service_id": SERVICE_ID,
        "service_uuid": SERVICE_UUID,
        "acting_subject": (an_encrypted_id("dv", DV, "pseudonym"),),
        "legal_subject": (an_encrypted_id("dv", DV),),
    }
    return Declaration(**(values | changes))


def a_query(**changes: Any) -> DecisionQuery:
    values: dict[str, Any] = {
        "id": new_id(),
        "issue_instant": NOW,
        "issuer": HM,
        "destination": "https://mr.example.nl/hm_mr/1.13",
        "subject_id": "6b1d1f0e-9d2e-4e0e-8a43-6c1f7f5a8f11",
        "service_id": SERVICE_ID,
        "service_uuid": SERVICE_UUID,
        "level": LevelOfAssurance.LOA3,
        "intended_audience": DV,
        "assertions": (ad_assertion(),),
        "acs_index": 2,
    }
    return DecisionQuery(**(values | changes))


def a_response(**changes: Any) -> Response:
    values: dict[str, Any] = {
        "id": new_id(),
        "in_response_to": "_dv2hm",
        "issue_instant": NOW,
        "issuer": HM,
        "destination": ACS,
        "status": SUCCESS,
    }
    return Response(**(values | changes))


def signed(element: etree._Element, name: str, **options: Any) -> bytes:
    """The element as bytes, signed by the party called ``name``."""
    sign(element, signer(name), **options)
    return serialise(element)


def signed_request(**changes: Any) -> bytes:
    """An AuthnRequest of the dienstverlener."""
    return signed(write_authn_request(an_authn_request(**changes)), "dv")


def signed_query(**changes: Any) -> bytes:
    """A decision query of the makelaar."""
    return signed(write_decision_query(a_query(**changes)), "hm")


def ad_assertion(**changes: Any) -> bytes:
    """The assertion of the authenticatiedienst, signed."""
    return make_assertion(write_authentication(an_authentication(**changes)), signer("ad"))


def mr_assertion(**changes: Any) -> bytes:
    """The assertion of the machtigingenregister, signed."""
    return make_assertion(write_authorization(an_authorization(**changes), HM), signer("mr"))


def hm_assertion(**changes: Any) -> bytes:
    """The assertion of the makelaar with those it rests on in Advice, signed."""
    changes = {"advice": (ad_assertion(), mr_assertion())} | changes
    return make_assertion(write_declaration(a_declaration(**changes), DV, new_id), signer("hm"))


def hm_response(assertion: bytes | None = None, **changes: Any) -> bytes:
    """The Response of the makelaar, signed; with ``hm_assertion()`` unless another is given."""
    return make_response(a_response(**changes), assertion or hm_assertion(), signer("hm"))


def artifact_response(message: bytes | None, in_response_to: str = "_resolve") -> bytes:
    """The ArtifactResponse of the makelaar around a message, signed."""
    return make_artifact_response(
        response_id=new_id(),
        in_response_to=in_response_to,
        now=NOW,
        issuer=HM,
        message=message,
        key=signer("hm"),
    )


def envelope() -> bytes:
    """The largest message there is: Declaration in Response in ArtifactResponse in SOAP."""
    return wrap(artifact_response(hm_response()))


def verified(message: bytes, name: str) -> etree._Element:
    """The verified element of a message by the party called ``name``."""
    return verify(parse(message), [certificate(name)], name).element
