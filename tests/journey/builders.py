"""Logins halfway, and answers of partners as they look after verification; each can be varied by name."""

from functools import cache
from typing import Any

from lxml import etree

from broker.domain.levels import LevelOfAssurance
from broker.domain.personal import RawMessage
from broker.journey.authorization import Believed
from broker.journey.record import Journey
from broker.journey.table import State
from broker.saml.authentication import write_authentication
from broker.saml.authorization import write_authorization
from broker.saml.encryption import EncryptedId
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.response import OpenedResponse
from broker.saml.response import Response
from broker.saml.signature import Verified
from broker.saml.status import SUCCESS
from broker.saml.status import Status
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import MR
from tests.saml.builders import NOW
from tests.saml.builders import SERVICE_ID
from tests.saml.builders import SERVICE_UUID
from tests.saml.builders import a_frame
from tests.saml.builders import an_authentication
from tests.saml.builders import an_authorization
from tests.saml.builders import an_encrypted_id

MR_TWEE = "urn:etoegang:MR:00000099000000003100:entities:0001"
ACS_OF_DV = "https://dv.example.nl/eherkenning/acs/"
ACS_FOR_AD = "https://hm.example.nl/acs/ad"
ACS_FOR_MR = "https://hm.example.nl/acs/mr"
LINK = Believed("_ad", "QUFB", b"<unused/>")
SECOND_LINK = Believed("_mr1", "QkJC", b"<unused/>")


def a_journey(**changes: Any) -> Journey:
    """A login at EH3 that waits for whom it asked."""
    values: dict[str, Any] = {
        "id": "5f2c",
        "reference": "EH-7K3Q-9TXM",
        "state": State.AT_AD,
        "dienstverlener": DV,
        "request_id": "_dv2hm",
        "acs": ACS_OF_DV,
        "relay_state": "case-12",
        "language": "nl",
        "service_id": SERVICE_ID,
        "level": LevelOfAssurance.LOA3,
        "ad_request": "_hm2ad",
        "mr_request": "_hm2mr",
    }
    return Journey(**(values | changes))


@cache
def encrypted_for(entity_id: str, value: str = "90000001") -> EncryptedId:
    """An identifier that only this party can open; made once, since what is inside does not matter here."""
    return an_encrypted_id("dv", entity_id, value)


def opened(
    element: etree._Element | None,
    *,
    in_response_to: str,
    issuer: str,
    destination: str | None,
    status: Status = SUCCESS,
) -> OpenedResponse:
    """An answer as the exchange hands it over: whatever it holds was signed by ``issuer``."""
    response = Response("_answer", in_response_to, NOW, issuer, destination, status)
    if element is None:
        return OpenedResponse(response, None)
    raw = serialise(element)
    return OpenedResponse(response, Verified(reparse(raw), issuer, "key", "QUFB", RawMessage(raw)))


def ad_answer(
    *, envelope: dict[str, Any] | None = None, frame: dict[str, Any] | None = None, **changes: Any
) -> OpenedResponse:
    """The answer of the authenticatiedienst; ``envelope`` varies the Response, ``frame`` what is common."""
    frame_values: dict[str, Any] = {
        "id": "_ad",
        "audiences": (HM, MR, DV),
        "in_response_to": "_hm2ad",
        "recipient": ACS_FOR_AD,
    }
    values: dict[str, Any] = {
        "frame": a_frame(AD, **(frame_values | (frame or {}))),
        "acting_subject": (encrypted_for(MR, "anna"),),
    }
    element = write_authentication(an_authentication(**(values | changes)))
    around: dict[str, Any] = {"in_response_to": "_hm2ad", "issuer": AD, "destination": ACS_FOR_AD}
    return opened(element, **(around | (envelope or {})))


def mr_answer(
    *, envelope: dict[str, Any] | None = None, frame: dict[str, Any] | None = None, **changes: Any
) -> OpenedResponse:
    """The answer of the first register: a company that the person may act for."""
    element = write_authorization(an_authorization(**(_mr_values(MR, frame) | changes)), HM)
    around: dict[str, Any] = {"in_response_to": "_hm2mr", "issuer": MR, "destination": ACS_FOR_MR}
    return opened(element, **(around | (envelope or {})))


def chain_answer(**changes: Any) -> OpenedResponse:
    """The answer of the first register that a second one must confirm."""
    values: dict[str, Any] = {
        "confirm_at": MR_TWEE,
        "legal_subject": (encrypted_for(MR_TWEE),),
        "intermediate_subject": (encrypted_for(DV, "90000003"),),
    }
    return mr_answer(**(values | changes))


def confirmation(
    *, envelope: dict[str, Any] | None = None, frame: dict[str, Any] | None = None, **changes: Any
) -> OpenedResponse:
    """The answer of the second register, on the back channel."""
    links: dict[str, Any] = {
        "assertion_id_ref": "_mr1",
        "linked_signature_value": "QkJC",
        "acting_subject": (),
    }
    element = write_authorization(an_authorization(**(_mr_values(MR_TWEE, frame) | links | changes)), HM)
    around: dict[str, Any] = {"in_response_to": "_hm2mr2", "issuer": MR_TWEE, "destination": None}
    return opened(element, **(around | (envelope or {})))


EB = "urn:etoegang:EB:00000099000000007000:entities:0001"
ACS_FOR_EB = "https://hm.example.nl/acs/eb"


def eb_person(frame: dict[str, Any] | None = None, *, link: str = "QUFB", **changes: Any) -> Verified:
    """The assertion about the person; ``link`` is its signature value."""
    values: dict[str, Any] = {
        "frame": a_frame(EB, **(_eb_frame("_eb1") | (frame or {}))),
        "representation": True,
        "registry": EB,
        "acting_subject": (encrypted_for(DV, "pseudonym"),),
    }
    return _verified(write_authentication(an_authentication(**(values | changes))), EB, link)


def eb_company(frame: dict[str, Any] | None = None, **changes: Any) -> Verified:
    """The assertion about the company that the person represents."""
    values = _mr_values(EB, _eb_frame("_eb2") | (frame or {})) | {"assertion_id_ref": "_eb1"}
    return _verified(write_authorization(an_authorization(**(values | changes)), HM), EB, "QkJC")


def eb_answer(*assertions: Verified, status: Status = SUCCESS, **envelope: Any) -> OpenedResponse:
    """The answer of the eIDAS-berichtenservice with these assertions."""
    around: dict[str, Any] = {"in_response_to": "_hm2ad", "issuer": EB, "destination": ACS_FOR_EB}
    empty = opened(None, status=status, **(around | envelope))
    return OpenedResponse(empty.response, assertions[0] if assertions else None, assertions[1:])


def _eb_frame(name: str) -> dict[str, Any]:
    return {"id": name, "audiences": (HM, DV), "in_response_to": "_hm2ad", "recipient": ACS_FOR_EB}


def _verified(element: etree._Element, signer: str, link: str) -> Verified:
    raw = serialise(element)
    return Verified(reparse(raw), signer, "key", link, RawMessage(raw))


def _mr_values(issuer: str, frame: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "frame": a_frame(issuer, **(frame or {})),
        "service_uuid": SERVICE_UUID,
        "acting_subject": (encrypted_for(DV, "pseudonym"),),
        "legal_subject": (encrypted_for(DV),),
    }
