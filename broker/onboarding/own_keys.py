"""Rolling the makelaar's own signing key: announce the next one, activate it at a moment, retire the one before.

Nothing is written here but moments; every process of every node follows them by its clock (``signers.ring``).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from cryptography import x509

from broker.assembly.party import Assembled
from broker.domain.own_keys import KeyState
from broker.domain.own_keys import OwnKey
from broker.onboarding.actors import require
from broker.onboarding.key_refused import KeyFault
from broker.onboarding.key_refused import KeyRefused
from broker.onboarding.own_metadata import write_own_metadata
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.own_keys import KeysChanged
from broker.saml.keys import Certificate
from broker.saml.keys import UnusableCertificate
from broker.signers.files import FileSigner
from broker.signers.files import UnusableKey
from broker.signers.ring import STALE_SECONDS
from broker.signers.ring import load_own_key
from broker.storage.own_keys import SqlOwnKeyStore

LEAD = timedelta(seconds=2 * STALE_SECONDS)
"""How long beforehand a switch is decided at least: every process has looked by then."""

SETTLED = timedelta(hours=1)
"""How long a key goes on being believed after it signed last: logins under way, and metadata that partners keep."""

NAMES = r"[a-z0-9][a-z0-9-]{0,63}"
"""What a key may be called: it is the name of files."""

_TAKEN = frozenset({"client", "listener"})


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key as a list shows it. ``absent`` says why it cannot be used on this node, None when it can."""

    key: OwnKey
    state: KeyState
    not_before: datetime
    not_after: datetime
    absent: KeyFault | None = None


def can_be_named(name: str) -> bool:
    """Whether a signing key may have this name: no path, and not that of a certificate for TLS."""
    return re.fullmatch(NAMES, name) is not None and name not in _TAKEN


class OwnKeys:
    """The own keys of an installation."""

    def __init__(self, makelaar: Assembled) -> None:
        """``makelaar`` is that of this installation; its store is shared by all nodes, its files are of this node."""
        self._makelaar = makelaar
        self._store = SqlOwnKeyStore(makelaar.engine)
        self._clock = makelaar.station.own.clock

    @property
    def folder(self) -> Path:
        """Where the files of the keys are."""
        return self._makelaar.settings.key_stem(self._makelaar.party).parent

    def states(self, now: datetime) -> tuple[KeyLine, ...]:
        """Every key with its state, in the order in which they were announced."""
        keys = sorted(self._store.all(), key=lambda key: (key.announced_at, key.name))
        return tuple(self._line(key, now) for key in keys)

    def find(self, name: str) -> KeyLine:
        """One key. Raises ``KeyRefused`` when there is none of this name."""
        return self._line(self._find(name), self._clock())

    def names(self) -> frozenset[str]:
        """What the keys are called, those that are retired too."""
        return frozenset(key.name for key in self._store.all())

    def next_key(self, now: datetime) -> OwnKey | None:
        """The key that was announced and does not sign yet."""
        announced = [key for key in self._store.all() if key.state(now) is KeyState.ANNOUNCED]
        return next(iter(announced), None)

    def require_unknown(self, name: str, now: datetime) -> None:
        """Raise ``KeyRefused`` when a key of this name cannot be announced now."""
        if not can_be_named(name):
            raise KeyRefused("name", name=name)
        if any(key.name == name for key in self._store.all()):
            raise KeyRefused("taken", name=name)
        if (upcoming := self.next_key(now)) is not None:
            raise KeyRefused("waiting", name=upcoming.name)

    def announce(self, name: str, actor: Actor, why: str = "") -> KeyLine:
        """Have metadata hold the key of ``<name>.key`` and ``.crt`` beside the one that signs, from now on.

        Raises ``KeyRefused`` when the files are no pair, the certificate ends or is too weak, the name is taken or
        another key waits already; and ``NotAllowed``.
        """
        require(actor, OperatorRole.OPERATOR)
        now = self._clock()
        self.require_unknown(name, now)
        key = self._read(name, now)
        if key.fingerprint in {each.fingerprint for each in self._store.all()}:
            raise KeyRefused("certificate-known")
        detail = {"fingerprint": key.fingerprint}
        if not self._store.add(key, Change(now, actor.name, "key-announced", name, why, detail)):
            raise KeyRefused("meanwhile", name=name)
        write_own_metadata(self._makelaar)
        return self._line(key, now)

    def activate(
        self, name: str, actor: Actor, at: datetime | None = None, *, anyway: bool = False, why: str = ""
    ) -> KeyLine:
        """Have this key sign from ``at`` on, and the one before be believed only; by default as soon as can be.

        Given again before that moment, it moves. ``anyway`` passes over how long partners should know it. Raises
        ``KeyRefused`` and ``NotAllowed``.
        """
        require(actor, OperatorRole.OPERATOR)
        now = self._clock()
        at = now + LEAD if at is None else at
        key = self._find(name)
        if key.state(now) is not KeyState.ANNOUNCED:
            raise KeyRefused("not-announced", name=name, state=key.state(now))
        self._require_ready(key, now, at, anyway=anyway)
        changes = [(key, replace(key, active_at=at))]
        changes += [
            (other, replace(other, retiring_at=at))
            for other in self._store.all()
            if other.name != name and other.state(now) is KeyState.ACTIVE
        ]
        self._replace(changes, Change(now, actor.name, "key-activated", name, why, {"at": at.isoformat()}))
        return self.find(name)

    def retire(
        self, name: str, actor: Actor, at: datetime | None = None, *, anyway: bool = False, why: str = ""
    ) -> KeyLine:
        """Take a key out of metadata from ``at`` on, by default now: one that no longer signs, or never will.

        ``anyway`` passes over the time in which what it signed is still on its way. Raises ``KeyRefused`` and
        ``NotAllowed``.
        """
        require(actor, OperatorRole.OPERATOR)
        now = self._clock()
        at = now if at is None else at
        key = self._find(name)
        if at < now:
            raise KeyRefused("passed")
        if key.state(now) is KeyState.RETIRED:
            raise KeyRefused("retired", name=name)
        if key.state(at) is KeyState.ACTIVE:
            raise KeyRefused("active", name=name)
        if key.state(now) is KeyState.ANNOUNCED and key.active_at is not None:
            raise KeyRefused("scheduled", name=name)
        if not anyway and key.retiring_at is not None and at < key.retiring_at + SETTLED:
            raise KeyRefused("under-way", name=name, at=key.retiring_at + SETTLED)
        changes = [(key, replace(key, retired_at=at))]
        self._replace(changes, Change(now, actor.name, "key-retired", name, why, {"at": at.isoformat()}))
        return self.find(name)

    def _require_ready(self, key: OwnKey, now: datetime, at: datetime, *, anyway: bool) -> None:
        if at < now + LEAD:
            raise KeyRefused("too-soon", seconds=int(LEAD.total_seconds()))
        try:
            load_own_key(self.folder, key)
        except UnusableKey as error:
            raise KeyRefused("absent", name=key.name, why=self._fault(error)) from None
        line = self._line(key, now)
        if not line.not_before <= at <= line.not_after:
            raise KeyRefused("not-valid", start=line.not_before, end=line.not_after)
        days = self._makelaar.settings.key_announced_days
        if not anyway and at < key.announced_at + timedelta(days=days):
            raise KeyRefused("early", days=days, at=key.announced_at + timedelta(days=days))

    def _read(self, name: str, now: datetime) -> OwnKey:
        try:
            signer = FileSigner.load(self.folder / name)
            certificate = Certificate.from_der(signer.certificate_der)
        except (UnusableKey, UnusableCertificate) as error:
            raise KeyRefused("files", name=name, why=self._fault(error)) from None
        if certificate.not_after <= now:
            raise KeyRefused("certificate-ended", at=certificate.not_after)
        return OwnKey(name, signer.key_name, signer.certificate_der, announced_at=now)

    def _line(self, key: OwnKey, now: datetime) -> KeyLine:
        certificate = x509.load_der_x509_certificate(key.certificate)
        state = key.state(now)
        absent = None if state is KeyState.RETIRED else self._why_absent(key)
        return KeyLine(key, state, certificate.not_valid_before_utc, certificate.not_valid_after_utc, absent)

    def _why_absent(self, key: OwnKey) -> KeyFault | None:
        try:
            load_own_key(self.folder, key)
        except UnusableKey as error:
            return self._fault(error)
        return None

    def _fault(self, error: UnusableKey | UnusableCertificate) -> KeyFault:
        """With the names of files only: who looks from elsewhere need not know where they are."""
        sentence = str(error).replace(f"{self.folder}/", "")
        if isinstance(error, UnusableKey):
            return KeyFault(error.code, error.file, sentence)
        return KeyFault("unusable", "", sentence)

    def _find(self, name: str) -> OwnKey:
        for key in self._store.all():
            if key.name == name:
                return key
        raise KeyRefused("unknown", name=name)

    def _replace(self, changes: Iterable[tuple[OwnKey, OwnKey]], change: Change) -> None:
        try:
            self._store.replace(tuple(changes), change)
        except KeysChanged:
            raise KeyRefused("meanwhile", name=change.subject) from None
        write_own_metadata(self._makelaar)
