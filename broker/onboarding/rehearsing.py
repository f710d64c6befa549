"""Behaviour tests, as operators and holders of a setup link start and judge them."""

import secrets
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.domain.own_keys import OwnKey
from broker.onboarding.actors import require
from broker.onboarding.in_test import NotInTest
from broker.onboarding.in_test import VersionsInTest
from broker.onboarding.own_keys import OwnKeys
from broker.onboarding.tickets import Ticket
from broker.onboarding.tickets import Tickets
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.rehearsals import Rehearsal
from broker.rehearsals.kinds import KINDS
from broker.rehearsals.kinds import LOOK
from broker.rehearsals.kinds import Kind
from broker.rehearsals.seen import Seen
from broker.saml.partner import Partner
from broker.screens.public_url import is_https
from broker.signers.files import FileSigner
from broker.signers.ring import load_own_key
from broker.storage.rehearsals import SqlRehearsals

_ID_BYTES: Final = 12


SENTENCES: Final[Mapping[str, str]] = {
    "kind": "there is no such test",
    "next-key": "no next key of ours is announced: see makelaar keys announce",
    "service": "the dienstverlener has no such service",
    "version": "the dienstverlener has no such version",
    "not-in-test": "this version is not in test (any more)",
    "stopped": "the logins of this dienstverlener are stopped",
    "address": "the address of the login page must begin with https://",
    "not-connected": "this dienstverlener is not connected",
    "no-answer": "no answer has left yet",
    "seen": "choose what you saw",
}
"""Why a test cannot be, by code. The command line and the API say these sentences; the console has texts by code."""


class NotThisTest(Exception):
    """This test cannot be started or judged so; the text says why, and ``code`` is one of ``SENTENCES``."""

    def __init__(self, code: str, more: str = "") -> None:
        """``more`` is an English sentence that says it more exactly."""
        super().__init__(more or SENTENCES[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Started:
    """A test that was started. ``url`` is where the browser that will take part must go, and opens it for anybody."""

    rehearsal: Rehearsal
    url: str = field(repr=False)


class Rehearsals:
    """The behaviour tests of all dienstverleners."""

    def __init__(self, assembled: Assembled) -> None:
        """``assembled`` is the makelaar."""
        self._assembled = assembled
        self._store = SqlRehearsals(assembled.engine)
        self._tickets = Tickets(assembled.state)

    def start(
        self,
        entity_id: str,
        kind: str,
        actor: Actor,
        *,
        service_id: str | None = None,
        login_url: str | None = None,
        version_id: str | None = None,
    ) -> Started:
        """Start a test of this kind at a dienstverlener, by what is in force or by a version that is in test.

        ``login_url`` is where it lets people log in. Raises ``NotAllowed``, ``NotThisTest``, and ``UnknownPartner``
        for a dienstverlener that is not connected.
        """
        require(actor, OperatorRole.OPERATOR)
        return self.start_by_link(
            entity_id,
            kind,
            actor.name,
            service_id=service_id,
            login_url=login_url,
            version_id=version_id,
        )

    def start_by_link(
        self,
        entity_id: str,
        kind: str,
        who: str,
        *,
        service_id: str | None = None,
        login_url: str | None = None,
        version_id: str | None = None,
    ) -> Started:
        """The same for whoever holds a setup link of this very dienstverlener, which the caller has seen to."""
        if kind != LOOK and kind not in KINDS:
            raise NotThisTest("kind")
        partner = self._partner(entity_id, version_id)
        if kind == "next-key" and self._next_key() is None:
            raise NotThisTest("next-key")
        service_id = service_id or None
        if service_id is not None and service_id not in partner.catalogue:
            raise NotThisTest("service")
        rehearsal = Rehearsal(
            id=secrets.token_hex(_ID_BYTES),
            entity_id=partner.entity_id,
            kind=kind,
            service_id=service_id,
            version_id=version_id,
            started_by=who,
            started_at=self._assembled.station.own.clock(),
        )
        ticket = Ticket(
            rehearsal.id, kind, partner.entity_id, who, service_id, version_id, _address(login_url)
        )
        self._store.add(rehearsal)
        secret = self._tickets.issue(ticket)
        return Started(rehearsal, f"{self._assembled.public_url}{paths.TEST}/{secret}")

    def _partner(self, entity_id: str, version_id: str | None) -> Partner:
        if version_id is None:
            return self._assembled.station.partners.find(entity_id, Role.DV)
        try:
            return VersionsInTest(self._assembled).to_offer(version_id, entity_id)
        except NotInTest as error:
            raise NotThisTest(error.code, str(error)) from None

    def following(self) -> FileSigner | None:
        """The key that our metadata announces, None when there is none. Raises ``UnusableKey``."""
        key = self._next_key()
        return None if key is None else load_own_key(OwnKeys(self._assembled).folder, key)

    def kinds(self) -> tuple[Kind, ...]:
        """The tests that can be done now, in the order in which they are best tried."""
        return tuple(kind for kind in KINDS.values() if kind.id != "next-key" or self._next_key() is not None)

    def _next_key(self) -> OwnKey | None:
        return OwnKeys(self._assembled).next_key(self._assembled.station.own.clock())

    def find(self, rehearsal_id: str) -> Rehearsal | None:
        """The test with this id."""
        return self._store.find(rehearsal_id)

    def of(self, entity_id: str) -> Sequence[Rehearsal]:
        """The tests of one dienstverlener, newest first."""
        return self._store.of(entity_id)

    def saw(self, rehearsal_id: str, entity_id: str, seen: str, who: str) -> Rehearsal:
        """Note what somebody saw after the answer of a test of this dienstverlener. Raises ``NotThisTest``."""
        found = self._store.find(rehearsal_id)
        if found is None or found.entity_id != entity_id:
            raise NotThisTest("kind")
        if found.answered_at is None:
            raise NotThisTest("no-answer")
        if seen not in {each.value for each in Seen}:
            raise NotThisTest("seen")
        at = self._assembled.station.own.clock()
        self._store.saw(found.id, seen, who, at)
        return replace(found, seen=seen, seen_by=who, seen_at=at)


def _address(url: str | None) -> str | None:
    """An address to send people to: https, or this machine over http. Raises ``NotThisTest``."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        is_https(f"{parts.scheme}://{parts.netloc}")
    except ValueError:
        raise NotThisTest("address") from None
    return url
