"""Who may operate the makelaar: adding operators, their roles, their passwords and second factors.

An operator begins with an enrolment link, which works once and within a day: behind it stands the page where a password
is chosen and a second factor set up. Nobody else ever knows either.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace

import pyotp
from sqlalchemy import Engine

from broker.assembly.passwords import hash_password
from broker.assembly.personal_address import PersonalAddresses
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.actors import require
from broker.ports import StateStore
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.operators import Operator
from broker.settings import Settings
from broker.storage.middelen import folded
from broker.storage.operators import SqlOperatorStore

LINK_SECONDS = 24 * 60 * 60
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,98}[a-z0-9])?")
_LONGEST_NAME = 200
_ISSUER = "makelaar"


class UnknownOperator(Exception):
    """Nobody has this username, or nobody has this link any more."""


class OperatorRefused(Exception):
    """What was asked cannot be. ``code`` is a key of the texts, ``field`` the field of the form that it is about."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


def console_secret(settings: Settings) -> bytes:
    """A secret that all nodes of one makelaar share, without one more file to hand out: it follows from one they have.

    Not from the signing key: that is rolled while people work, and a node that started after it must know the forms,
    the used codes and the attempts of one that started before. Raises as ``load_secret``.
    """
    return PersonalAddresses.of(settings).secret_for("console: the secret of its forms and counters")


class Operators:
    """The operators of one makelaar."""

    def __init__(self, engine: Engine, state: StateStore, clock: Clock = system_clock) -> None:
        self.store = SqlOperatorStore(engine)
        self._state = state
        self._clock = clock

    def all(self) -> Sequence[Operator]:
        """Every operator, by username."""
        return self.store.all()

    def find(self, username: str) -> Operator:
        """The operator with this username, in whatever case. Raises ``UnknownOperator``."""
        found = self.store.find(folded(username.strip()))
        if found is None:
            raise UnknownOperator(username)
        return found

    def add(self, username: str, name: str, role: OperatorRole, actor: Actor) -> tuple[Operator, str]:
        """Add an operator, and a link's token for them. Raises ``NotAllowed`` and ``OperatorRefused``."""
        require(actor, OperatorRole.APPROVER)
        key = folded(username.strip())
        if not _USERNAME.fullmatch(key):
            raise OperatorRefused("username", "username")
        if not (name := " ".join(name.split())) or len(name) > _LONGEST_NAME or not name.isprintable():
            raise OperatorRefused("name", "name")
        if self.store.find(key) is not None:
            raise OperatorRefused("taken", "username")
        operator = Operator(key, name, role, self._clock())
        self._save(operator, "operator-added", actor, role=role.value)
        return operator, self._token(operator)

    def invite_again(self, username: str, actor: Actor) -> str:
        """A new link, after which the old password, second factor and passkeys no longer serve; enables as well.

        Raises ``NotAllowed`` and ``UnknownOperator``.
        """
        require(actor, OperatorRole.APPROVER)
        operator = self.find(username)
        bare = replace(operator, password_hash=None, totp_secret=None, disabled_at=None)
        self._save(bare, "operator-invited-again", actor)
        self.store.remove_passkeys(bare.username, None, self._change("passkey-removed", bare, actor))
        return self._token(bare)

    def disable(self, username: str, actor: Actor) -> None:
        """Let somebody in no longer, from this moment. Raises ``NotAllowed``, ``UnknownOperator``, and
        ``OperatorRefused`` for the last approver: nobody could let anybody in again.
        """
        require(actor, OperatorRole.APPROVER)
        operator = self.find(username)
        self._keep_an_approver(operator)
        self._save(replace(operator, disabled_at=self._clock()), "operator-disabled", actor)

    def give_role(self, username: str, role: OperatorRole, actor: Actor) -> None:
        """Change what somebody may do, from this moment. Raises as ``disable`` does."""
        require(actor, OperatorRole.APPROVER)
        operator = self.find(username)
        if role is not OperatorRole.APPROVER:
            self._keep_an_approver(operator)
        self._save(replace(operator, role=role), "operator-role-changed", actor, role=role.value)

    def reset_second_factor(self, username: str, actor: Actor) -> None:
        """Have somebody set up a new authenticator at the next login with their password, and forget their passkeys."""
        require(actor, OperatorRole.APPROVER)
        operator = replace(self.find(username), totp_secret=None)
        self._save(operator, "operator-second-factor-reset", actor)
        self.store.remove_passkeys(operator.username, None, self._change("passkey-removed", operator, actor))

    def set_password(self, username: str, password: str, actor: Actor) -> None:
        """Give somebody a password: oneself, or an approver anybody. Raises ``OperatorRefused`` for a weak one."""
        operator = self.find(username)
        if actor.name != operator.username:
            require(actor, OperatorRole.APPROVER)
        require_strong(operator, password)
        self._save(
            replace(operator, password_hash=hash_password(password)), "operator-password-changed", actor
        )

    def set_second_factor(self, username: str, secret: str) -> None:
        """Keep the secret of an authenticator of which its owner has shown a code."""
        operator = self.find(username)
        owner = Actor(operator.username, operator.role)
        self._save(replace(operator, totp_secret=secret), "operator-second-factor-set", owner)

    def of_link(self, token: str) -> Operator:
        """Whose enrolment link this is.

        Raises ``UnknownOperator`` when it was used, is older than a day, or another was made after it.
        """
        username = self._state.get(_link_key(token))
        operator = None if username is None else self.store.find(username.decode())
        if operator is not None and self._state.get(_latest_key(operator)) != _link_key(token).encode():
            operator = None
        if operator is None or operator.password_hash is not None or operator.disabled_at is not None:
            raise UnknownOperator("link")
        return operator

    def enrol(self, token: str, password: str) -> Operator:
        """Use up a link: set the first password. Raises ``UnknownOperator``, and ``OperatorRefused`` for a weak one."""
        operator = self.of_link(token)
        require_strong(operator, password)
        if self._state.take(_link_key(token)) is None:
            raise UnknownOperator("link")
        enrolled = replace(operator, password_hash=hash_password(password))
        self._save(enrolled, "operator-enrolled", Actor(operator.username, operator.role))
        return enrolled

    def _keep_an_approver(self, operator: Operator) -> None:
        others = (other for other in self.store.all() if other.username != operator.username)
        if operator.role is OperatorRole.APPROVER and not any(
            other.role is OperatorRole.APPROVER and other.disabled_at is None for other in others
        ):
            raise OperatorRefused("last_approver", "role")

    def _token(self, operator: Operator) -> str:
        token = secrets.token_urlsafe(32)
        self._state.put(_link_key(token), operator.username.encode(), LINK_SECONDS)
        self._state.put(_latest_key(operator), _link_key(token).encode(), LINK_SECONDS)
        return token

    def _save(self, operator: Operator, what: str, actor: Actor, **detail: str) -> None:
        self.store.save(operator, self._change(what, operator, actor, **detail))

    def _change(self, what: str, operator: Operator, actor: Actor, **detail: str) -> Change:
        return Change(self._clock(), actor.name, what, f"operator:{operator.username}", detail=detail)


def require_strong(operator: Operator, password: str) -> None:
    """Raise ``OperatorRefused`` for a password that is too short, too long or made of the username (NIST 800-63B)."""
    if len(password) < SHORTEST_PASSWORD:
        raise OperatorRefused("too_short", "password")
    if len(password) > LONGEST_PASSWORD:
        raise OperatorRefused("too_long", "password")
    if operator.username in folded(password) or len(set(password)) < SHORTEST_PASSWORD // 2:
        raise OperatorRefused("guessable", "password")


def new_second_factor(operator: Operator) -> tuple[str, str]:
    """A new secret for an authenticator, base32, and the address that a QR code hands it over with."""
    secret = pyotp.random_base32()
    return secret, provisioning(operator, secret)


def provisioning(operator: Operator, secret: str) -> str:
    """The address with which an authenticator takes over this secret."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=operator.username, issuer_name=_ISSUER))


def _latest_key(operator: Operator) -> str:
    """Where the link that counts is noted: one that went to the wrong person ends with the next."""
    return f"enrolling:{operator.username}"


def _link_key(token: str) -> str:
    return f"enrol:{hashlib.sha256(token.encode()).hexdigest()}"
