"""What is mutated: one valid message of each kind, how it travels, and through which door it comes in."""

import base64
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from functools import partial
from urllib.parse import parse_qsl

from broker.saml.logout import write_logout_request
from broker.saml.names import SAML
from broker.saml.names import SAMLP
from broker.saml.names import SOAP
from broker.saml.names import tag
from broker.saml.parsing import serialise
from broker.saml.policy import LIMITS
from broker.saml.post import encode_post
from broker.saml.redirect import encode_redirect
from broker.saml.soap import wrap
from tests import beheerorganisatie
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of
from tests.fuzz import doors
from tests.fuzz import valid
from tests.keys import signer
from tests.saml import builders
from tests.saml import documents
from tests.saml import identity_provider
from tests.saml.builders import AD
from tests.saml.builders import DV
from tests.saml.builders import MR
from tests.saml.ciphertext import encrypted_by_hand
from tests.saml.test_logout import a_request as a_logout_request


@dataclass(frozen=True, slots=True)
class Way:
    """How a message travels.

    ``pack`` takes the message, the message as it was at first and who signs on the way (None when nobody signs anew);
    ``unpack`` gives the document out of what arrived, without judging it, or raises ValueError or ``zlib.error``.
    """

    pack: Callable[[bytes, bytes, str | None], bytes]
    unpack: Callable[[bytes], bytes]


def _inflated(data: bytes) -> bytes:
    return zlib.decompressobj(-15).decompress(data, LIMITS.metadata_bytes)


def _out_of_form(wire: bytes) -> bytes:
    data = base64.b64decode(wire)
    return data if data.removeprefix(BOM_UTF8).lstrip()[:1] == b"<" else _inflated(data)


def _out_of_query(wire: bytes) -> bytes:
    fields = dict(parse_qsl(wire.decode("latin-1")))
    return _inflated(base64.b64decode(fields.get("SAMLRequest") or fields.get("SAMLResponse") or ""))


PLAINLY = Way(lambda message, _original, _signer: message, bytes)
BY_POST = Way(lambda message, _original, _signer: encode_post(message).encode(), _out_of_form)
ENCRYPTED = Way(lambda message, _original, _signer: encrypted_by_hand(message, "dv", DV), bytes)


def by_redirect(field: str, sender: str) -> Way:
    """In a signed query string; when nobody signs anew, with the signature over what was sent at first."""

    def pack(message: bytes, original: bytes, name: str | None) -> bytes:
        query = encode_redirect(field, message, doors.RELAY_STATE, signer(name or sender))
        if name is None:
            old = encode_redirect(field, original, doors.RELAY_STATE, signer(sender))
            query = query.rpartition("&")[0] + "&" + old.rpartition("&")[2]
        return query.encode()

    return Way(pack, _out_of_query)


class Bound(Enum):
    """Whether the values of a message are protected by a signature of somebody else than whoever hands it over."""

    ALWAYS = "always"
    WHILE_SIGNED = "while it has a signature; without one, who hands it over vouches for it"
    NEVER = "never: encryption protects from reading, not from changing"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message.

    ``make`` gives a valid one that ``sender`` signed; ``way`` brings it over; ``receive`` gives what the product
    reads, or raises. ``bound`` says whether a signature protects its values from whoever hands it over; ``relied_on``
    are the paths, from the root, of the elements whose own signatures do so, none when the query string is signed.
    """

    name: str
    sender: str
    make: Callable[[], bytes]
    receive: Callable[[bytes], object]
    way: Way = PLAINLY
    bound: Bound = Bound.ALWAYS
    relied_on: tuple[str, ...] = (".",)

    @property
    def is_bound_always(self) -> bool:
        """Whether nothing of it counts without the signature of its sender."""
        return self.bound is Bound.ALWAYS

    def unpack(self, wire: bytes) -> bytes | None:
        """The document that arrived, None when nobody could say what it is."""
        try:
            return self.way.unpack(wire)
        except (ValueError, zlib.error):
            return None


@cache
def original(kind: Kind) -> bytes:
    """The message of this kind; one and the same throughout a process."""
    return kind.make()


_BODY = f"{tag(SOAP, 'Body')}/*"
_INSIDE = tag(SAML, "Assertion")

KINDS = (
    Kind("request by POST", "dv", builders.signed_request, doors.posted_request, BY_POST),
    Kind("scoped request by POST", "dv", valid.scoped_request, doors.posted_request, BY_POST),
    Kind(
        "request by Redirect",
        "dv",
        valid.unsigned_request,
        doors.redirected_request,
        by_redirect("SAMLRequest", "dv"),
        relied_on=(),
    ),
    Kind(
        "answer of an AD",
        "ad",
        partial(valid.response_of, "ad", AD, (builders.ad_assertion,)),
        doors.answer_of_ad,
        BY_POST,
        relied_on=(".", _INSIDE),
    ),
    Kind("refusal of an AD", "ad", valid.refusal, doors.answer_of_ad, BY_POST),
    Kind(
        "two assertions",
        "ad",
        partial(valid.response_of, "ad", AD, (builders.ad_assertion, valid.also_signed_by_ad)),
        doors.answer_of_ad,
        BY_POST,
        relied_on=(".", _INSIDE),
    ),
    Kind(
        "answer of an MR",
        "mr",
        partial(valid.response_of, "mr", MR, (builders.mr_assertion,)),
        doors.answer_of_mr,
        BY_POST,
        relied_on=(".", _INSIDE),
    ),
    Kind(
        "declaration behind an artifact",
        "hm",
        builders.envelope,
        doors.answer_behind_artifact,
        relied_on=(_BODY, f"{_BODY}/{tag(SAMLP, 'Response')}"),
    ),
    Kind(
        "question to an MR", "hm", lambda: wrap(builders.signed_query()), doors.question, relied_on=(_BODY,)
    ),
    Kind("ArtifactResolve", "dv", valid.resolve, doors.resolve, relied_on=(_BODY,)),
    Kind(
        "LogoutRequest by POST",
        "dv",
        lambda: builders.signed(write_logout_request(a_logout_request()), "dv"),
        doors.posted_logout,
        BY_POST,
    ),
    Kind(
        "LogoutRequest by Redirect",
        "dv",
        lambda: serialise(write_logout_request(a_logout_request())),
        doors.redirected_logout,
        by_redirect("SAMLRequest", "dv"),
        relied_on=(),
    ),
    Kind(
        "LogoutResponse by Redirect",
        "ad",
        valid.logout_answer,
        doors.redirected_logout_answer,
        by_redirect("SAMLResponse", "ad"),
        relied_on=(),
    ),
    Kind(
        "answer of a plain IdP, assertion signed",
        "idp",
        partial(valid.plain_answer, "assertion"),
        doors.plain_answer,
        relied_on=(_INSIDE,),
    ),
    Kind(
        "answer of a plain IdP, whole signed",
        "idp",
        partial(valid.plain_answer, "response"),
        doors.plain_answer,
    ),
    Kind(
        "metadata of a DV", "dv", partial(metadata_of, "dv"), doors.metadata_of_dv, bound=Bound.WHILE_SIGNED
    ),
    Kind(
        "metadata of an AD", "ad", partial(metadata_of, "ad"), doors.metadata_of_ad, bound=Bound.WHILE_SIGNED
    ),
    Kind(
        "metadata of an IdP",
        "idp",
        identity_provider.metadata,
        doors.metadata_of_idp,
        bound=Bound.WHILE_SIGNED,
    ),
    Kind("dienstencatalogus", "dv", partial(catalogue_of, "dv"), doors.catalogue, bound=Bound.WHILE_SIGNED),
    Kind("catalogue of all", "hm", valid.network_catalogue, doors.network_catalogue),
    Kind("network metadata", beheerorganisatie.KEY, valid.network_metadata, doors.network_metadata),
    Kind("EncryptedID", "dv", valid.encrypted_id, doors.encrypted_id, bound=Bound.NEVER),
    Kind("EncryptedAttribute", "dv", valid.encrypted_attribute, doors.encrypted_attribute, bound=Bound.NEVER),
    Kind("plaintext of an EncryptedID", "dv", valid.name_id, doors.encrypted_id, ENCRYPTED, Bound.NEVER),
    Kind("full request by POST", "dv", valid.full_request, doors.posted_request, BY_POST),
    Kind("full question to an MR", "hm", valid.full_question, doors.question, relied_on=(_BODY,)),
    Kind(
        "answer of an MR in a chain",
        "mr",
        partial(valid.response_of, "mr", MR, (valid.full_assertion_of_mr,)),
        doors.answer_of_mr,
        BY_POST,
        relied_on=(".", _INSIDE),
    ),
    Kind("full dienstencatalogus", "dv", valid.full_catalogue, doors.catalogue, bound=Bound.WHILE_SIGNED),
    Kind("plain metadata", "dv", documents.dv_metadata, doors.metadata_of_plain_dv, bound=Bound.WHILE_SIGNED),
)
