"""Holding messages behind artifacts, handing them out once, and fetching what others hold for us.

SAML bindings 3.6; Afsprakenstelsel, Bindings. An artifact is held for one partner and given only to a signed
ArtifactResolve of that partner; whoever else asks gets nothing, and the artifact is gone.
"""

import secrets
from base64 import b64decode
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from threading import BoundedSemaphore

import structlog

from broker.domain.connection import Tolerance
from broker.exchange.client_certificates import ClientCertificateRefused
from broker.exchange.http import PartnerUnavailable
from broker.exchange.http import SoapClient
from broker.exchange.own import Own
from broker.exchange.partners import Instead
from broker.exchange.partners import Partners
from broker.ports import Role
from broker.ports import StateStore
from broker.saml.artifact import HANDLE_BYTES
from broker.saml.artifact import Artifact
from broker.saml.artifact import decode_artifact
from broker.saml.artifact import source_id
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.artifact_resolution import make_artifact_response
from broker.saml.artifact_resolution import open_artifact_response
from broker.saml.artifact_resolution import read_artifact_resolve
from broker.saml.errors import InvalidSignature
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SpentArtifact
from broker.saml.errors import TooManyGuesses
from broker.saml.errors import UnknownPartner
from broker.saml.errors import WrongDestination
from broker.saml.parsing import Element
from broker.saml.partner import Partner
from broker.saml.policy import CALLS
from broker.saml.policy import FRONT
from broker.saml.policy import LIFETIMES
from broker.saml.reading import issuer
from broker.saml.signature import verify
from broker.saml.soap import unwrap
from broker.saml.soap import wrap
from broker.saml.status import SUCCESS
from broker.saml.status import request_unsupported

log = structlog.get_logger()

EVERY_ROLE = tuple(Role)

Admit = Callable[[Partner], None]
"""Raises a ``SamlError`` for a partner that may not resolve in this way, or whose line is not its own."""


def anybody(_partner: Partner) -> None:
    """Admit whoever is proven by a signature."""


Tested = Callable[[str, str], Partner]
"""From an entityID and the id of a version in test to the partner in that version. Raises ``UnknownPartner``."""


def _nothing_in_test(_entity_id: str, _version: str) -> Partner:
    raise UnknownPartner("no version is in test here")


@dataclass(frozen=True, slots=True)
class _Served:
    """Who asked what, proven, and what was held for it; None when that is nothing."""

    partner: Partner
    resolve: ArtifactResolve
    message: bytes | None


_GUESSES_SECONDS = 60
_NOTHING_HERE = request_unsupported("the artifact is unknown, was used before, or has expired", "al-afgerond")


class Artifacts:
    """The artifacts of one party, given and received."""

    def __init__(
        self,
        own: Own,
        partners: Partners,
        state: StateStore,
        soap: SoapClient,
        index_for: Callable[[Partner], int] = lambda _: 0,
    ) -> None:
        """The first four are shared with the rest of the party.

        ``index_for`` says at which of our own ArtifactResolutionServices a partner resolves, by its index.
        """
        self.on_taken: Callable[[str], None] | None = None
        """Told of each message that was held with a note, when its partner has fetched it."""
        self.tested: Tested = _nothing_in_test
        """Finds a partner as a test login takes it."""
        self._index_for = index_for
        self._own = own
        self._partners = partners
        self._state = state
        self._soap = soap
        self._source_id = source_id(own.entity_id)
        self._gates: defaultdict[str, BoundedSemaphore] = defaultdict(
            lambda: BoundedSemaphore(CALLS.fetches_at_once)
        )

    def hold(
        self,
        message: bytes,
        partner: str,
        version: str | None = None,
        note: str = "",
        in_test: str | None = None,
    ) -> str:
        """Keep a message for a partner; the artifact to send in its place. Raises ``UnknownPartner``.

        ``version`` is the content hash of the partner as the login began with it: with a key of that it may be fetched
        too, and where that says. ``note`` comes back through ``on_taken``; it is one line of ASCII. ``in_test`` is the
        id of the version that a test login tries out: with a key of that one it may be fetched, and with no other.
        """
        if in_test is None:
            index = self._index_for(self._partners.find_version(partner, version, *EVERY_ROLE))
        else:
            index = self._index_for(self.tested(partner, in_test))
        artifact = Artifact(index, self._source_id, secrets.token_bytes(HANDLE_BYTES))
        value = partner.encode("utf-8") + b"\n" + b64encode(message)
        if note:
            value += b"\n" + note.encode("ascii")
        ttl = _seconds(LIFETIMES.artifact)
        if in_test is not None:
            self._state.put(_tested_key(artifact), in_test.encode("ascii"), ttl)
            self._state.put(_key(artifact, in_test), value, ttl)
            return artifact.encode()
        if version is not None:
            # Beside the message and not in it: a process of the version before reads the message too.
            self._state.put(_version_key(artifact), version.encode("ascii"), ttl)
        self._state.put(_key(artifact), value, ttl)
        return artifact.encode()

    def answer(self, body: bytes, here: str, admit: Admit = anybody) -> bytes:
        """Serve one ArtifactResolve that came to the address ``here``: the envelope to send back.

        An artifact that is unknown, spent, expired or somebody else's is answered with Success and no message (SAML
        bindings 3.6.5.2), and to a dienstverlener that is tolerated to need it, with status Requester. Raises a
        ``SamlError`` for a request that is not believed, and what ``admit`` raises; nothing is taken then. Raises
        ``TooManyGuesses`` when the partner asked for too many that are not there.
        """
        served = self._serve(body, here, admit)
        if served.message is None:
            self._bound_guessing(served.partner)
        is_fault = served.message is None and _wants_fault(served.partner)
        response = make_artifact_response(
            response_id=self._own.new_id(),
            in_response_to=served.resolve.id,
            now=self._own.clock(),
            issuer=self._own.entity_id,
            message=served.message,
            key=self._own.key,
            status=_NOTHING_HERE if is_fault else SUCCESS,
        )
        return wrap(response)

    def _serve(self, body: bytes, here: str, admit: Admit) -> _Served:
        """By what is in force; only when that leads to nothing, by a version in test. Raises as ``answer``."""
        try:
            partner, resolve = self._believe(body)
            self._require_timely(resolve, here)
            partner = self._admitted(partner, resolve, admit)
            # No memory of its ID is needed: what a replay asks for was taken by the first.
            served = _Served(partner, resolve, self._take(_key, resolve.artifact, partner))
        except (UnknownPartner, InvalidSignature, ClientCertificateRefused):
            tested = self._serve_in_test(body, here, admit)
            if tested is None:
                raise
            return tested
        if served.message is None:
            with suppress(UnknownPartner, InvalidSignature, ClientCertificateRefused):
                return self._serve_in_test(body, here, admit) or served
        return served

    def _serve_in_test(self, body: bytes, here: str, admit: Admit) -> _Served | None:
        """By the version that the login behind this artifact tries out, and its keys; None for any other artifact.

        The artifact is read from the message beforehand only to find that version, as the issuer is.
        """
        element = unwrap(body)
        try:
            sender, claimed = issuer(element), read_artifact_resolve(element).artifact
            version = self._state.get(_tested_key(decode_artifact(claimed)))
        except MalformedMessage:
            return None
        if version is None:
            return None
        in_test = version.decode("ascii")
        partner = self.tested(sender, in_test)
        resolve = read_artifact_resolve(verify(element, partner.signing, sender).element)
        if resolve.artifact != claimed:
            raise InvalidSignature("the artifact that was signed is another")
        self._require_timely(resolve, here)
        admit(partner)
        return _Served(
            partner, resolve, self._take(lambda each: _key(each, in_test), resolve.artifact, partner)
        )

    def _require_timely(self, resolve: ArtifactResolve, here: str) -> None:
        """Raise a ``SamlError`` unless it is for this address and of this moment."""
        if resolve.destination not in (None, here):
            raise WrongDestination("the ArtifactResolve is for another endpoint")
        if abs(self._own.clock() - resolve.issue_instant) > LIFETIMES.request_window:
            raise MalformedMessage("the ArtifactResolve is not of this moment")

    def _believe(self, body: bytes) -> tuple[Partner, ArtifactResolve]:
        """Who asks, and what, by a key of the partner as it is now, or as the login began with it.

        The artifact is read from the message beforehand only to find that older key, as the issuer is.
        """
        element = unwrap(body)
        sender = issuer(element)
        partner = self._partners.find(sender, *EVERY_ROLE)
        try:
            return partner, read_artifact_resolve(verify(element, partner.signing, sender).element)
        except InvalidSignature:
            again = unwrap(body)
            claimed = read_artifact_resolve(again).artifact
            older = self._at_the_beginning(claimed, partner)
            if older is None:
                raise
            resolve = read_artifact_resolve(verify(again, older.signing, sender).element)
            if resolve.artifact != claimed:
                raise
            return older, resolve

    def _admitted(self, partner: Partner, resolve: ArtifactResolve, admit: Admit) -> Partner:
        """The partner in the version by which it may have this artifact. Raises what ``admit`` raises."""
        if _index_in(resolve.artifact) != self._index_for(partner):
            # Where it resolves may have been chosen otherwise since the login began.
            partner = self._at_the_beginning(resolve.artifact, partner) or partner
        admit(partner)
        return partner

    def _at_the_beginning(self, text: str, partner: Partner) -> Partner | None:
        """The partner as the login behind an artifact began with it; None when that is how it is now.

        A version is found for this partner only, whoever the artifact is for.
        """
        try:
            version = self._state.get(_version_key(decode_artifact(text)))
        except MalformedMessage:
            return None
        if version is None:
            return None
        older = self._partners.find_version(partner.entity_id, version.decode("ascii"), *EVERY_ROLE)
        return None if older is partner else older

    def _take(self, key: Callable[[Artifact], str], text: str, sender: Partner) -> bytes | None:
        try:
            artifact = decode_artifact(text)
        except MalformedMessage:
            return None
        if artifact.source_id != self._source_id or artifact.endpoint_index != self._index_for(sender):
            return None
        value = self._state.take(key(artifact))
        if value is None:
            return None
        partner, _, rest = value.partition(b"\n")
        message, _, note = rest.partition(b"\n")
        if partner.decode("utf-8") != sender.entity_id:
            log.warning("artifact_of_another_partner", partner=sender.entity_id)
            return None
        if note and self.on_taken is not None:
            self.on_taken(note.decode("ascii"))
        return b64decode(message)

    def _bound_guessing(self, sender: Partner) -> None:
        """Count what led to nothing. It is asked afterwards, so that no stranger can keep a partner from its own."""
        if (
            self._state.count(guesses_key(sender.entity_id), _GUESSES_SECONDS)
            > FRONT.unknown_artifacts_a_minute
        ):
            log.warning("artifacts_guessed", partner=sender.entity_id)
            raise TooManyGuesses("the partner asks for too many artifacts that are not there")

    def fetch(self, text: str, *roles: Role, instead: Instead | None = None) -> tuple[Partner, Element]:
        """Resolve an artifact at the partner it names, in one of these roles; the partner and its message.

        ``instead`` is who counts otherwise than in force.
        The address comes from metadata, by SourceID and index, never from the artifact. The message is schema-valid
        and still to be verified. Raises a ``SamlError`` or ``PartnerUnavailable``.
        """
        artifact = decode_artifact(text)
        partner = self._partners.by_source_id(artifact.source_id, *roles, instead=instead)
        service = partner.resolution_service(artifact.endpoint_index)
        if service is None:
            raise UnknownPartner("the partner has no ArtifactResolutionService with this index")
        resolve = ArtifactResolve(
            id=self._own.new_id(),
            issue_instant=self._own.clock(),
            issuer=self._own.entity_id,
            artifact=text,
            destination=service.location,
        )
        with self._turn(partner, roles):
            answer = self._soap.post(service.location, wrap(make_artifact_resolve(resolve, self._own.key)))
        message = open_artifact_response(unwrap(answer), partner.signing, partner.entity_id, resolve.id)
        if message is None:
            raise SpentArtifact("the partner holds no message for this artifact")
        return partner, message

    @contextmanager
    def _turn(self, partner: Partner, roles: tuple[Role, ...]) -> Iterator[None]:
        """Bound how many threads wait for one dienstverlener: any stranger can hand us an artifact in its name."""
        if Role.DV not in roles:
            yield
            return
        gate = self._gates[partner.entity_id]
        if not gate.acquire(blocking=False):
            raise PartnerUnavailable("too many artifacts of this dienstverlener are being fetched")
        try:
            yield
        finally:
            gate.release()


def _index_in(text: str) -> int | None:
    try:
        return decode_artifact(text).endpoint_index
    except MalformedMessage:
        return None


def _wants_fault(partner: Partner) -> bool:
    return partner.role == Role.DV and partner.connection.tolerates(Tolerance.FAULT_FOR_SPENT_ARTIFACT)


def guesses_key(entity_id: str) -> str:
    """Under which the state store counts the artifacts that a partner asked for and that led to nothing."""
    return f"unknown-artifacts:{source_id(entity_id).hex()}"


def _key(artifact: Artifact, in_test: str | None = None) -> str:
    return f"artifact:{artifact.handle.hex()}" + (f":{in_test}" if in_test else "")


def _tested_key(artifact: Artifact) -> str:
    return f"artifact-in-test:{artifact.handle.hex()}"


def _version_key(artifact: Artifact) -> str:
    return f"artifact-version:{artifact.handle.hex()}"


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
