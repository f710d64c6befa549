"""What the pages of the console have at hand: the services, and who is asking."""

import hashlib
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any
from typing import cast

from flask import current_app
from flask import g
from flask import session

from broker.assembly.party import Assembled
from broker.console.sessions import ServerSession
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.operator_login import OperatorLogin
from broker.onboarding.operators import Operators
from broker.onboarding.passkeys import Passkeys
from broker.ports.changes import Actor
from broker.ports.changes import ChangeLog
from broker.ports.operators import Operator

_FRESH_SECONDS = 10 * 60
"""How long after proving oneself one may approve, handle keys and manage operators without doing so again."""


@dataclass(frozen=True, slots=True)
class Console:
    """The services behind the pages."""

    assembled: Assembled
    operators: Operators
    login: OperatorLogin
    passkeys: Passkeys
    changes: ChangeLog
    clock: Clock = field(default=system_clock)


def console() -> Console:
    """The console of the application that answers now."""
    return cast(Console, current_app.extensions["console"])


def browser() -> ServerSession:
    """The session of the browser that asks."""
    return cast(ServerSession, session._get_current_object())  # type: ignore[attr-defined]  # what stands behind the proxy


def now() -> datetime:
    """This moment."""
    return console().clock()


def current_operator() -> Operator | None:
    """Who is logged in, as registered at this moment; None when nobody is, or not any more."""
    if "operator" not in g:
        g.operator = _logged_in()
    return cast("Operator | None", g.operator)


def actor() -> Actor:
    """Who asks for a change. Only on pages that require a login."""
    operator = current_operator()
    if operator is None:
        raise RuntimeError("this page must require a login")
    return Actor(operator.username, operator.role)


def begin_session(operator: Operator, passkey: str | None = None) -> None:
    """Let this browser in; with a passkey for as long as its owner keeps it."""
    console().operators.store.logged_in(operator.username, now())
    here = browser()
    here.renew()
    here["operator"] = operator.username
    here["proof"] = proof_of(operator)
    here["passkey"] = passkey
    prove_again()


def prove_again() -> None:
    """Note that who is here proved themselves just now."""
    browser()["proved"] = int(now().timestamp())


def is_fresh() -> bool:
    """Whether who is here proved themselves a short while ago."""
    return int(now().timestamp()) - int(browser().get("proved", 0)) <= _FRESH_SECONDS


def end_session() -> None:
    """Let this browser out."""
    browser().renew()


def _logged_in() -> Operator | None:
    here: dict[str, Any] = browser()
    username = here.get("operator")
    operator = None if username is None else console().operators.store.find(username)
    if operator is None or operator.disabled_at is not None or here.get("proof") != proof_of(operator):
        return None
    passkey = here.get("passkey")
    if passkey is not None and console().operators.store.passkey(passkey) is None:
        return None
    return operator


def proof_of(operator: Operator) -> str:
    """Changes with the password and the second factor, so that sessions from before end."""
    known = f"{operator.password_hash}\n{operator.totp_secret}"
    return hashlib.sha256(known.encode()).hexdigest()[:16]
