"""Where a case plays: who is there, with which keys, what is asked, and what the evil value is.

The same steps play in two scenes: one that stands still, for broker.saml alone, and one before a running makelaar,
where the question to be answered is that of a login which was really begun.
"""

import base64
import re
import secrets
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from lxml import etree

from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.saml.artifact import source_id
from broker.saml.build import instant
from broker.saml.keys import Certificate
from broker.signers.files import FileSigner

_SLOT = re.compile(r"\{([a-z0-9-]+)(?::([^{}]*))?\}")


@dataclass(frozen=True)
class Actor:
    """A party of the play: its name in cases, its entityID, and where its key and certificate stand."""

    name: str
    entity_id: str
    stem: Path

    @cached_property
    def signer(self) -> FileSigner:
        """Its key, as the product uses one."""
        return FileSigner.load(self.stem)

    @cached_property
    def private_key(self) -> RSAPrivateKey:
        """Its key, for algorithms that the product does not know."""
        key = serialization.load_pem_private_key(self.stem.with_suffix(".key").read_bytes(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise TypeError("the actors have RSA keys")
        return key

    @cached_property
    def certificate(self) -> Certificate:
        """Its certificate under the KeyName that its metadata gives."""
        return Certificate.from_der(self.signer.certificate_der, self.signer.key_name)

    @property
    def public_pem(self) -> str:
        """Its public key, as everybody can have it."""
        public = self.private_key.public_key()
        encoded = public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return encoded.decode("ascii")

    @property
    def modulus(self) -> str:
        """The modulus of its key, as a KeyValue holds it."""
        number = self.private_key.public_key().public_numbers().n
        return base64.b64encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode("ascii")


@dataclass(frozen=True)
class Service:
    """The service that is asked for: its index at the dienstverlener, ServiceID, ServiceUUID and level (short)."""

    index: int
    service_id: str
    service_uuid: str
    level: str = "loa3"


@dataclass
class Question:
    """What the makelaar asked a partner in the login under way.

    ``consumer`` is where the answer must go, ``relay_state`` what must come back with it; ``authentication`` is the
    assertion of the authenticatiedienst that the login rests on, as bytes, once there is one.
    """

    id: str
    consumer: str
    relay_state: str = ""
    authentication: bytes = b""
    authorization: bytes = b""
    resolve: str = "_resolve"
    """The ID of the ArtifactResolve with which the makelaar fetches what stands behind an artifact."""
    artifact: str = ""
    """One that waits for the dienstverlener, at the hop where it resolves."""
    name_id: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True)
class Earlier:
    """A login that came before, in another browser: its question, its RelayState at us, and how it was answered."""

    question: str
    relay_state: str
    response: bytes
    assertion: bytes


@dataclass
class Scene:
    """All that steps may ask of the world. ``target`` is the base URL of the makelaar, ``makelaar`` its entityID."""

    target: str
    makelaar: str
    actors: Mapping[str, Actor]
    service: Service
    question: Question
    evil: str = "FORGED"
    listener: str = "https://dv.example.nl"
    """The base URL under which the actors have their addresses."""
    earlier: Earlier | None = None
    clock: Callable[[], datetime] = system_clock
    new_id: Callable[[], str] = random_id

    def actor(self, name: str) -> Actor:
        """The actor of this name. Raises KeyError."""
        return self.actors[name]

    @property
    def before(self) -> Earlier:
        """The login that came before. Raises LookupError when there was none."""
        if self.earlier is None:
            raise LookupError("no login came before: say so in the login of the case")
        return self.earlier

    def fill(self, text: str) -> str:
        """Text of a case with its slots filled.

        ``{evil}`` is what an attacker wants to get in; ``{entity:ad}`` an entityID, ``{acs:dv}`` where a dienstverlener
        waits; ``{certificate:ad}`` (base64), ``{pem:ad}``, ``{public-pem:ad}``, ``{modulus:ad}`` and ``{key-name:ad}``
        are those of the key of an actor; ``{at:-3600}`` a moment in seconds from now; ``{target}`` and ``{makelaar}``
        those of the makelaar; ``{question}``, ``{consumer}`` and ``{relay}`` those of the question;
        ``{earlier-question}``, ``{earlier-relay}`` and ``{earlier-assertion}`` those of the login before;
        ``{service-id}`` and ``{service-uuid}``; ``{listener}`` where it can ask us something; ``{id}`` a fresh ID;
        ``{artifact}`` one that waits, or changed as in ``{artifact:type=0003}`` (see ``_changed``);
        ``{many:100 x}`` a hundred times x. Raises KeyError for any other.
        """
        return _SLOT.sub(lambda slot: self._slot(slot.group(1), slot.group(2) or ""), text)

    def _slot(self, name: str, given: str) -> str:
        if name == "many":
            times, _, what = given.partition(" ")
            return what * int(times)
        values: dict[str, Callable[[], str]] = {
            "evil": lambda: self.evil,
            "entity": lambda: self.actor(given).entity_id,
            "certificate": lambda: self.actor(given).certificate.base64(),
            "pem": lambda: self.actor(given).stem.with_suffix(".crt").read_text("ascii"),
            "public-pem": lambda: self.actor(given).public_pem,
            "modulus": lambda: self.actor(given).modulus,
            "key-name": lambda: self.actor(given).certificate.key_name,
            "at": lambda: instant(self.clock() + timedelta(seconds=float(given))),
            "target": lambda: self.target,
            "listener": lambda: self.listener,
            "artifact": lambda: self._changed(given),
            "makelaar": lambda: self.makelaar,
            "question": lambda: self.question.id,
            "consumer": lambda: self.question.consumer,
            "resolve": lambda: self.question.resolve,
            "relay": lambda: self.question.relay_state,
            "service-id": lambda: self.service.service_id,
            "service-uuid": lambda: self.service.service_uuid,
            "id": self.new_id,
            "acs": lambda: f"{self.listener}/{given or 'dv'}/acs",
            "earlier-question": lambda: self.before.question,
            "earlier-relay": lambda: self.before.relay_state,
            "earlier-assertion": lambda: _id_of(self.before.assertion),
        }
        return values[name]()

    def _changed(self, change: str) -> str:
        """The artifact that waits; ``type=``, ``index=`` or ``handle=`` another value in hex, ``source=`` an actor.

        ``cut=`` leaves out as many bytes at the end, ``more=`` adds as many.
        """
        raw = base64.b64decode(self.question.artifact)
        what, _, value = change.partition("=")
        if not what:
            return self.question.artifact
        changes: dict[str, Callable[[], bytes]] = {
            "type": lambda: bytes.fromhex(value) + raw[2:],
            "index": lambda: raw[:2] + bytes.fromhex(value) + raw[4:],
            "source": lambda: raw[:4] + source_id(self.actor(value).entity_id) + raw[24:],
            "handle": lambda: raw[:24] + bytes.fromhex(value),
            "cut": lambda: raw[: -int(value)],
            "more": lambda: raw + bytes(int(value)),
        }
        return base64.b64encode(changes[what]()).decode("ascii")


def _id_of(message: bytes) -> str:
    return str(etree.fromstring(message).get("ID", ""))
