"""The operator of a box on one's own machine: made by `makelaar run`, with a password and secret that it prints."""

import json
import os
from dataclasses import asdict
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pyotp

from broker.assembly.party import Assembled
from broker.assembly.passwords import hash_password
from broker.exchange.own import system_clock
from broker.network.persons import draw_password
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.operators import Operator
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.operators import SqlOperatorStore

_USERNAME = "beheer"
_WORDS = 4
_LOCAL = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class DemoOperator:
    """Whom one can log in to the console as."""

    username: str
    password: str
    totp_secret: str

    @property
    def code(self) -> str:
        """The code of this moment."""
        return pyotp.TOTP(self.totp_secret).now()


def seed_demo_operator(settings: Settings, makelaar: Assembled) -> DemoOperator | None:
    """Make the operator, once; whoever was changed or disabled since stays so.

    None where the makelaar or its console has a public address, or where others made operators themselves: nobody gets
    an account there that was never asked for.
    """
    addresses = (settings.url(MAKELAAR), settings.console_address)
    if any(urlsplit(address).hostname not in _LOCAL for address in addresses):
        return None
    path = settings.data.resolve() / "operator.json"
    store = SqlOperatorStore(makelaar.engine)
    if path.is_file():
        return DemoOperator(**json.loads(path.read_text("utf-8")))
    if store.all():
        return None
    demo = DemoOperator(_USERNAME, draw_password(_WORDS), pyotp.random_base32())
    _write(path, demo)
    now = system_clock()
    operator = Operator(
        username=demo.username,
        name="Beheer van de proefopstelling",
        role=OperatorRole.APPROVER,
        created_at=now,
        password_hash=hash_password(demo.password),
        totp_secret=demo.totp_secret,
    )
    change = Change(now, "makelaar run", "operator-added", f"operator:{demo.username}", "for trying out")
    store.save(operator, change)
    return demo


def _write(path: Path, demo: DemoOperator) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(demo), file, indent=2)
