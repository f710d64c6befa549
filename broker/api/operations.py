"""An operation of the API as data: routes, what a token needs, and the OpenAPI document all follow from it."""

import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Final

from pydantic import BaseModel

from broker.assembly.party import Assembled
from broker.exchange.own import Clock
from broker.ports.changes import Actor
from broker.ports.tokens import ApiToken
from broker.ports.tokens import Scope

PATTERNS: Final[Mapping[str, str]] = {
    "partner_id": "[0-9a-f]{40}",
    "version_id": "[0-9a-f]{1,40}",
    "link_id": "[0-9a-f]{1,40}",
    "key_name": "[A-Za-z0-9_-]{1,64}",
    "sequence": "[1-9][0-9]{0,8}",
}
"""What may stand in the places of a path; anything else is not found."""

MEANINGS: Final[Mapping[str, str]] = {
    "partner_id": "SHA-1 of the entityID, hex: the SourceID of its artifacts",
    "version_id": "as a submission answered it",
    "link_id": "as the list of links has it",
    "key_name": "the name of the key's files",
    "sequence": "the number of an edition",
}
"""In words."""

SMALL_BYTES: Final = 64 * 1024
"""Of a request without documents."""

DOCUMENT_BYTES: Final = 8 * 1024 * 1024
"""Of a request with documents, as JSON text: more than a metadata file and a catalogue of a MiB each can take."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be carried out. ``query`` and ``body`` are of the operation's models."""

    makelaar: Assembled
    clock: Clock
    path: Mapping[str, str]
    query: Any
    body: Any
    token: ApiToken
    accept: str
    if_match: str | None = None

    @property
    def actor(self) -> Actor:
        """Who the history says asked."""
        return self.token.actor


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: a model, or other ``content`` of a type that the operation names."""

    data: BaseModel | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    ``scope`` is what a token needs; ``status`` that of a success, or else ``or_status``; ``also`` the content types it
    can answer with besides JSON. ``once`` is for what may be told once only. ``errors`` are the statuses that its own
    service can lead to.
    """

    method: str
    path: str
    name: str
    summary: str
    scope: Scope
    run: Callable[[Call], Reply]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    returns: type[BaseModel] | None = None
    status: int = 200
    or_status: int | None = None
    also: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    maximum: int = SMALL_BYTES
    once: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that is not a success."""
        found = {401, 403, 500, 503, *self.errors}
        if self.query or self.method == "GET":
            found |= {400}
        if self.parameters:
            found |= {404}
        if self.body:
            found |= {400, 413, 415, 422}
        if self.method == "POST":
            found |= {400, 409, 422}
        return tuple(sorted(found))

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return re.sub(r"{(\w+)}", r"<\1>", self.path)
