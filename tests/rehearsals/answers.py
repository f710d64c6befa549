"""True answers to spoil, in the shape of the stelsel and in that of plain SAML."""

from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import cache
from itertools import count

from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Pseudonym
from broker.domain.levels import LevelOfAssurance
from broker.domain.plain_identity import PlainSubject
from broker.journey.refusals import refusal
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import Kind
from broker.rehearsals.making import Answer
from broker.rehearsals.making import Making
from broker.rehearsals.making import remake
from broker.saml.assertion import PLAIN_PREFIXES
from broker.saml.assertion import Frame
from broker.saml.declaration import Declaration
from broker.saml.declaration import write_declaration
from broker.saml.encrypted_assertion import Sealing
from broker.saml.encryption import Recipient
from broker.saml.encryption import encrypt_identifier
from broker.saml.keys import Certificate
from broker.saml.plain_assertion import write_plain_assertion
from broker.saml.policy import AES256_CBC
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.status import SUCCESS
from broker.saml.status import Status
from tests.keys import certificate
from tests.keys import signer

NOW = datetime.now(UTC).replace(microsecond=0)
US, THEM, ACS = "urn:dv", "urn:hm", "http://localhost:9/acs"
ASKED = "_asked"
KVK = "90000011"
_ids = count()


@dataclass(frozen=True, slots=True)
class Addressed:
    """For whom an answer is, to which question, and at what moment it is made."""

    us: str = US
    them: str = THEM
    acs: str = ACS
    asked: str = ASKED
    now: datetime = NOW
    certificate: Certificate = field(default_factory=lambda: certificate("dv"), compare=False)
    concerned: tuple[IdentifierType, str] = (IdentifierType.KVKNR, KVK)


@cache
def here() -> Addressed:
    """For the dienstverlener of these tests."""
    return Addressed()


def new_id() -> str:
    """An ID that no other element of these tests has."""
    return f"_id{next(_ids)}"


def _declaration(to: Addressed, advice: tuple[bytes, ...] = ()) -> Declaration:
    recipient = [Recipient(to.us, to.certificate)]
    return Declaration(
        frame=Frame(
            id=new_id(),
            issue_instant=to.now,
            issuer=to.them,
            name_id="transient-name",
            name_qualifier="urn:ad",
            not_before=to.now - timedelta(seconds=5),
            not_on_or_after=to.now + timedelta(minutes=2),
            audiences=(to.us,),
            in_response_to=to.asked,
            recipient=to.acs,
        ),
        authn_instant=to.now,
        session_index=new_id(),
        level=LevelOfAssurance.LOA3,
        authority="urn:ad",
        service_id="urn:service",
        service_uuid="uuid",
        acting_subject=(encrypt_identifier("urn:pseudo", "pseudonym", recipient, new_id),),
        legal_subject=(encrypt_identifier(*to.concerned, recipient, new_id),),
        advice=advice,
    )


@cache
def true(to: Addressed) -> bytes:
    """A good answer of the stelsel, with the assertion of an authenticatiedienst in Advice."""
    inner = make_assertion(write_declaration(_declaration(to), to.us, new_id), signer("ad"))
    element = write_declaration(_declaration(to, (inner,)), to.us, new_id)
    return make_response(_envelope(to), make_assertion(element, signer("hm")), signer("hm"))


@cache
def true_in_clear(to: Addressed) -> bytes:
    """A good answer of the profile ``saml``."""
    subject = PlainSubject(Pseudonym("a" * 64), "urn:mr", ((IdentifierType.KVKNR, KvkNumber(KVK)),), None)
    element = write_plain_assertion(
        _declaration(to), subject, class_ref=LevelOfAssurance.LOA3.urn, names={"LoA": "level"}
    )
    return make_response(_envelope(to), make_assertion(element, signer("hm"), PLAIN_PREFIXES), signer("hm"))


def _envelope(to: Addressed) -> Response:
    return Response(new_id(), to.asked, to.now, to.them, to.acs, SUCCESS)


def spoiled(
    kind: str, *, in_clear: bool = False, sealed: bool = False, to: Addressed | None = None
) -> Answer:
    """The answer of a kind, made from one of these."""
    to = to or here()
    making = Making(
        own=signer("hm"),
        following=signer("next"),
        now=to.now,
        new_id=new_id,
        lower=LevelOfAssurance.LOA2PLUS,
        lower_class=LevelOfAssurance.LOA2PLUS.urn,
        recipient=None if in_clear else Recipient(to.us, to.certificate),
        sealing=Sealing(Recipient(to.us, to.certificate), AES256_CBC) if sealed else None,
        status=_status(KINDS[kind]),
        names={"LoA": "level"}
        if in_clear
        else {"Vestigingsnr": "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"},
    )
    return remake(KINDS[kind], true_in_clear(to) if in_clear else true(to), "state", making)


def _status(kind: Kind) -> Status | None:
    return None if kind.refusal is None else refusal(kind.refusal).status("EH-2345-6789", "test")
