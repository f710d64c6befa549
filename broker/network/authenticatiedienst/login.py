"""One step of logging in: what was typed, judged."""

from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime

from broker.assembly.attempts import Attempts
from broker.assembly.codes import Codes
from broker.assembly.passwords import PasswordCheck
from broker.domain.levels import LevelOfAssurance
from broker.network.authenticatiedienst.requests import LoginFlow
from broker.ports import Middel
from broker.ports import MiddelenStore

_LONGEST = 1024
"""Characters of a password that are worth hashing; no middel has a longer one.

Past it: it is wrong."""

_PASSWORD, _CODE = "password", "code"


@dataclass(frozen=True, slots=True)
class Login:
    """The steps: password, and from loa2plus up a code."""

    middelen: MiddelenStore
    passwords: PasswordCheck
    codes: Codes
    attempts: Attempts

    def try_password(
        self, flow: LoginFlow, username: str, password: str, code: str, now: datetime
    ) -> LoginFlow | Middel:
        """The middel when all factors are proven, else the flow with what the next page shows.

        ``code`` may come along with the password, or be empty.
        """
        shown = replace(flow, proven=None, too_low=None, notice=None, typed=username[:_LONGEST])
        if not username or not password:
            return replace(shown, notice="ad.error.missing")
        if not self.attempts.may_try(username, _PASSWORD):
            return replace(shown, notice="ad.error.locked")
        middel = self.middelen.find(username)
        fits = self.passwords.fits(password[:_LONGEST], middel.password_hash if middel else None)
        if middel is None or not fits or len(password) > _LONGEST:
            return replace(shown, notice="ad.error.credentials")
        self.attempts.succeeded(username, _PASSWORD)
        if not _needs_code(middel):
            return _strong_enough(shown, middel)
        proven = replace(shown, proven=middel.username)
        return self.try_code(proven, code, now) if code else proven

    def try_code(self, flow: LoginFlow, code: str, now: datetime) -> LoginFlow | Middel:
        """The middel of the username whose password was proven, when the code fits; else the flow to show."""
        middel = self.middelen.find(flow.proven) if flow.proven else None
        if middel is None:
            return replace(flow, proven=None, notice="ad.error.form_expired")
        if not code:
            return replace(flow, notice="ad.error.otp_missing")
        if not self.attempts.may_try(middel.username, _CODE):
            return replace(flow, notice="ad.error.locked")
        secret = middel.totp_secret
        if secret is None or not self.codes.accept(middel.username, secret, code, now):
            return replace(flow, notice="ad.error.otp")
        self.attempts.succeeded(middel.username, _CODE)
        return _strong_enough(flow, middel)


def _needs_code(middel: Middel) -> bool:
    # By level, not by whether there is a secret: a middel at loa2plus that lacks one must not get in without.
    return middel.totp_secret is not None or middel.level >= LevelOfAssurance.LOA2PLUS


def _strong_enough(flow: LoginFlow, middel: Middel) -> LoginFlow | Middel:
    if middel.level >= flow.required:
        return middel
    return replace(flow, proven=None, notice=None, too_low=middel.level.short)
