"""How an operator proves who they are: a password and a code, or a passkey."""

from enum import StrEnum

from broker.assembly.attempts import Attempts
from broker.assembly.codes import Codes
from broker.assembly.name_hasher import NameHasher
from broker.assembly.passwords import PasswordCheck
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.operators import LONGEST_PASSWORD
from broker.onboarding.operators import Operators
from broker.ports import StateStore
from broker.ports.operators import Operator
from broker.storage.middelen import folded


class LoginRefused(StrEnum):
    """Why somebody is not let in, as far as they may know."""

    WRONG = "wrong"
    """The same for a username that nobody has, a wrong password, and somebody who is disabled."""
    CODE = "code"
    LOCKED = "locked"


class NotLoggedIn(Exception):
    """Somebody is not let in; ``why`` is all they are told."""

    def __init__(self, why: LoginRefused) -> None:
        super().__init__(why.value)
        self.why = why


class OperatorLogin:
    """Passwords and codes of the operators, with a bound on guessing."""

    def __init__(
        self, operators: Operators, state: StateStore, secret: bytes, clock: Clock = system_clock
    ) -> None:
        names = NameHasher(secret)
        self._operators = operators
        self._attempts = Attempts(state, names)
        self._codes = Codes(state, names)
        self._passwords = PasswordCheck()
        self._clock = clock

    def by_password(self, username: str, password: str) -> Operator:
        """Whose password this is. Raises ``NotLoggedIn``; takes as long for a username that nobody has."""
        key = folded(username.strip())
        if not self._attempts.may_try(key, "console-password"):
            raise NotLoggedIn(LoginRefused.LOCKED)
        operator = self._operators.store.find(key)
        known = None if operator is None else operator.password_hash
        fits = self._passwords.fits(password[: LONGEST_PASSWORD + 1], known)
        if operator is None or not fits or operator.disabled_at is not None:
            raise NotLoggedIn(LoginRefused.WRONG)
        self._attempts.succeeded(key, "console-password")
        return operator

    def by_code(self, operator: Operator, code: str) -> None:
        """Return when this is a code of the operator that was not used before. Raises ``NotLoggedIn``."""
        if operator.totp_secret is None:
            raise NotLoggedIn(LoginRefused.CODE)
        self.new_code(operator, operator.totp_secret, code)

    def new_code(self, operator: Operator, secret: str, code: str) -> None:
        """The same, for a secret that is not kept yet."""
        if not self._attempts.may_try(operator.username, "console-code"):
            raise NotLoggedIn(LoginRefused.LOCKED)
        if not self._codes.accept(operator.username, secret, code, self._clock()):
            raise NotLoggedIn(LoginRefused.CODE)
        self._attempts.succeeded(operator.username, "console-code")
