"""A console in this process, over a database and a key of its own, and people who use it."""

import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.cli.setup import make_development_keys
from broker.console.app import create_app
from broker.onboarding.operators import Operators
from broker.onboarding.setup_links import SetupLinks
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage import tables
from broker.storage.changes import SqlChangeLog

PASSWORD = "een lange zin om te onthouden"
CHIEF = Actor("cli:test", OperatorRole.APPROVER)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Clock:
    """A clock that tests put forward."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: int) -> None:
        """Let so much time pass."""
        self.at += timedelta(**span)


@dataclass
class Site:
    """The console of a test."""

    assembled: Assembled
    clock: Clock
    operators: Operators
    client: FlaskClient
    secrets: dict[str, str] = field(default_factory=dict)

    def person(self, username: str, role: OperatorRole = OperatorRole.APPROVER) -> None:
        """Have an operator who has chosen a password and set up a second factor."""
        _, token = self.operators.add(username, username.title(), role, CHIEF)
        self.operators.enrol(token, PASSWORD)
        self.secrets[username] = pyotp.random_base32()
        self.operators.set_second_factor(username, self.secrets[username])

    def code(self, username: str) -> str:
        """The code of this moment on the clock; the next one is another."""
        self.clock.forward(seconds=30)
        return pyotp.TOTP(self.secrets[username]).at(self.clock.at)

    def post(self, path: str, page: str | None = None, **fields: str) -> TestResponse:
        """Post a form as the page shows it; ``page`` is where it stands, if elsewhere."""
        shown = self.client.get(page or path)
        token = TOKEN.search(shown.get_data(as_text=True))
        assert token, f"no form on {page or path}: {shown.status}"
        return self.client.post(path, data={"csrf_token": token[1], **fields})

    def log_in(self, username: str, role: OperatorRole = OperatorRole.APPROVER) -> None:
        """Log in as a new operator."""
        self.person(username, role)
        self.enter(username)

    def enter(self, username: str) -> TestResponse:
        """Log in with password and code."""
        assert self.post("/login", username=username, password=PASSWORD).status_code == 303
        answer = self.post("/login/code", code=self.code(username))
        assert answer.status_code == 303
        return answer

    def text(self, path: str) -> str:
        """A page that must be there."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.status
        return answer.get_data(as_text=True)

    def history(self) -> list[str]:
        """What was changed, oldest first."""
        return [change.what for change in reversed(SqlChangeLog(self.assembled.engine).latest())]


@pytest.fixture(scope="session")
def makelaar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assembled]:
    """A makelaar with keys and an empty database; made once, for keys take long."""
    settings = Settings(data=Path(tmp_path_factory.mktemp("console")), port=8440)
    make_development_keys(settings, MAKELAAR)
    assembled = assemble(settings, MAKELAAR)
    yield assembled
    assembled.engine.dispose()


@pytest.fixture
def site(makelaar: Assembled) -> Site:
    """A console that nobody has used yet."""
    with makelaar.engine.begin() as connection:
        for table in (
            tables.operator,
            tables.passkey,
            tables.change,
            tables.state,
            tables.partner,
            tables.audit,
        ):
            connection.execute(delete(table))
    clock = Clock()
    app = create_app(makelaar, clock)
    app.testing = True
    return Site(makelaar, clock, Operators(makelaar.engine, makelaar.state, clock), app.test_client())


@pytest.fixture
def new_link(site: Site, makelaar: Assembled) -> Callable[..., str]:
    """Makes a setup link, and gives the path of its page."""
    with makelaar.engine.begin() as connection:
        for table in (tables.setup_link, tables.check_run, tables.rehearsal, tables.partner_version):
            connection.execute(delete(table))

    def make(entity_id: str | None = None, days: int = 14) -> str:
        actor = Actor("piet", OperatorRole.OPERATOR)
        return "/setup/" + SetupLinks(makelaar.engine).make(entity_id, "Gemeente Test", actor, days)[1]

    return make
