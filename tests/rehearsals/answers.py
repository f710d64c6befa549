"""True answers to spoil, in the shape of the stelsel and in that of plain SAML."""

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
from broker.rehearsals.kinds import KINDS
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
from broker.saml.plain_assertion import write_plain_assertion
from broker.saml.policy import AES256_CBC
from broker.saml.response import Response
from broker.saml.response import make_assertion
from broker.saml.response import make_response
from broker.saml.status import SUCCESS
from broker.saml.status import authn_failed
from tests.keys import certificate
from tests.keys import signer

NOW = datetime.now(UTC).replace(microsecond=0)
US, THEM, ACS = "urn:dv", "urn:hm", "http://localhost:9/acs"
ASKED = "_asked"
KVK = "90000011"
_ids = count()


def new_id() -> str:
    """An ID that no other element of these tests has."""
    return f"_id{next(_ids)}"


def _declaration(advice: tuple[bytes, ...] = ()) -> Declaration:
    recipient = [Recipient(US, certificate("dv"))]
    return Declaration(
        frame=Frame(
            id=new_id(),
            issue_instant=NOW,
            issuer=THEM,
            name_id="transient-name",
            name_qualifier="urn:ad",
            not_before=NOW - timedelta(seconds=5),
            not_on_or_after=NOW + timedelta(minutes=2),
            audiences=(US,),
            in_response_to=ASKED,
            recipient=ACS,
        ),
        authn_instant=NOW,
        session_index=new_id(),
        level=LevelOfAssurance.LOA3,
        authority="urn:ad",
        service_id="urn:service",
        service_uuid="uuid",
        acting_subject=(encrypt_identifier("urn:pseudo", "pseudonym", recipient, new_id),),
        legal_subject=(encrypt_identifier(IdentifierType.KVKNR, KVK, recipient, new_id),),
        advice=advice,
    )


@cache
def true() -> bytes:
    """A good answer of the stelsel, with the assertion of an authenticatiedienst in Advice."""
    inner = make_assertion(write_declaration(_declaration(), US, new_id), signer("ad"))
    element = write_declaration(_declaration((inner,)), US, new_id)
    return make_response(_envelope(), make_assertion(element, signer("hm")), signer("hm"))


@cache
def true_in_clear() -> bytes:
    """A good answer of the profile ``saml``."""
    subject = PlainSubject(Pseudonym("a" * 64), "urn:mr", ((IdentifierType.KVKNR, KvkNumber(KVK)),), None)
    element = write_plain_assertion(
        _declaration(), subject, class_ref=LevelOfAssurance.LOA3.urn, names={"LoA": "level"}
    )
    return make_response(_envelope(), make_assertion(element, signer("hm"), PLAIN_PREFIXES), signer("hm"))


def _envelope() -> Response:
    return Response(new_id(), ASKED, NOW, THEM, ACS, SUCCESS)


def spoiled(kind: str, *, in_clear: bool = False, sealed: bool = False) -> Answer:
    """The answer of a kind, made from one of these."""
    making = Making(
        own=signer("hm"),
        following=signer("next"),
        now=NOW,
        new_id=new_id,
        lower=LevelOfAssurance.LOA2PLUS,
        lower_class=LevelOfAssurance.LOA2PLUS.urn,
        recipient=None if in_clear else Recipient(US, certificate("dv")),
        sealing=Sealing(Recipient(US, certificate("dv")), AES256_CBC) if sealed else None,
        status=authn_failed("told", "geannuleerd"),
        names={"LoA": "level"}
        if in_clear
        else {"Vestigingsnr": "urn:etoegang:1.9:ServiceRestriction:Vestigingsnr"},
    )
    return remake(KINDS[kind], true_in_clear() if in_clear else true(), "state", making)
