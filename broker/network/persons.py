"""The test persons of this installation, with the secrets that were drawn for them when it was seeded."""

import json
import os
import secrets
from dataclasses import dataclass
from dataclasses import field
from importlib.resources import files
from pathlib import Path

import pyotp

from broker.network.cast import LOA2PLUS
from broker.network.cast import PERSONAS
from broker.network.cast import Persona
from broker.network.foreigners import FOREIGNERS
from broker.settings import BERICHTENSERVICE
from broker.settings import Settings

_WORDS = (files("broker.network") / "words.txt").read_text("utf-8").split()
_WORDS_IN_PASSWORD = 3
_NONE = ""


@dataclass(frozen=True, slots=True)
class TestPerson:
    """Someone to log in as.

    ``ad`` is an entityID; ``companies`` are (KvK-nummer or eIDASLegalIdentifier, name); ``level`` is a short name;
    ``password`` is empty for who is chosen from a list.
    """

    __test__ = False  # not a test case, whatever pytest makes of the name

    username: str
    password: str = field(repr=False)
    totp_secret: str | None = field(repr=False)
    ad: str
    ad_name: str
    level: str
    companies: tuple[tuple[str, str], ...]
    shows: str
    shows_en: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """What was drawn for one test person."""

    password: str = field(repr=False)
    totp_secret: str | None = field(repr=False)
    pseudonym: str = field(repr=False)


def persons(settings: Settings) -> list[TestPerson]:
    """The test persons in the order of the cast; empty before the installation was seeded."""
    known = read_secrets(settings)
    return [_person(persona, known[persona.username]) for persona in PERSONAS if persona.username in known]


def from_abroad() -> list[TestPerson]:
    """The test persons of other member states, whom the eIDAS-berichtenservice lets one choose: without password."""
    return [
        TestPerson(
            username=person.username,
            password=_NONE,
            totp_secret=None,
            ad=BERICHTENSERVICE.entity_id,
            ad_name=BERICHTENSERVICE.display_name("nl"),
            level=person.level.short,
            companies=((person.company.identifier, person.company.name),) if person.company else (),
            shows=person.shows[0],
            shows_en=person.shows[1],
        )
        for person in FOREIGNERS
    ]


def is_test_person(settings: Settings, username: str) -> bool:
    """Whether this is the username of a test person of this installation."""
    return username in read_secrets(settings)


def read_secrets(settings: Settings) -> dict[str, Secrets]:
    """The secrets by username; empty before the installation was seeded."""
    path = _path(settings)
    if not path.is_file():
        return {}
    return {name: Secrets(**drawn) for name, drawn in json.loads(path.read_text("utf-8")).items()}


def draw_secrets(settings: Settings) -> dict[str, Secrets]:
    """The secrets by username, drawn and written down for everyone who had none yet. The owner only may read them."""
    known = read_secrets(settings)
    missing = [persona for persona in PERSONAS if persona.username not in known]
    known |= {persona.username: _draw(persona) for persona in missing}
    if missing:
        _write(_path(settings), known)
    return known


def draw_password(words: int) -> str:
    """So many words, drawn by chance, that one can read aloud."""
    return "-".join(secrets.choice(_WORDS) for _ in range(words))


def _draw(persona: Persona) -> Secrets:
    return Secrets(
        password=draw_password(_WORDS_IN_PASSWORD),
        totp_secret=pyotp.random_base32() if persona.level >= LOA2PLUS else None,
        pseudonym=secrets.token_hex(32),
    )


def _person(persona: Persona, drawn: Secrets) -> TestPerson:
    own = tuple((grant.company.kvk, grant.company.name) for grant in persona.grants)
    return TestPerson(
        username=persona.username,
        password=drawn.password,
        totp_secret=drawn.totp_secret,
        ad=persona.ad.entity_id,
        ad_name=persona.ad.display_name("nl"),
        level=persona.level.short,
        companies=own + tuple((client.kvk, client.name) for client in persona.clients),
        shows=persona.shows,
        shows_en=persona.shows_en,
    )


def _path(settings: Settings) -> Path:
    return settings.data.resolve() / "persons.json"


def _write(path: Path, known: dict[str, Secrets]) -> None:
    """Replace the file in one step, readable by its owner from the first byte."""
    content = {
        name: {"password": drawn.password, "totp_secret": drawn.totp_secret, "pseudonym": drawn.pseudonym}
        for name, drawn in known.items()
    }
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
    part.replace(path)
