"""The record of one login, kept in the state store between requests of the browser."""

import json
from base64 import b64decode
from base64 import b64encode
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import datetime
from typing import Any

from broker.domain.attributes import AskedAttribute
from broker.domain.levels import LevelOfAssurance
from broker.journey.table import Event
from broker.journey.table import State
from broker.journey.table import step
from broker.saml.names import BINDING_ARTIFACT


@dataclass(frozen=True, slots=True)
class Journey:
    """One login.

    ``id`` is opaque and stands in URLs; ``reference`` is what person, dienstverlener and operator see.
    ``dienstverlener`` is the proven sender, ``acs`` its consumer URL from metadata and ``acs_binding`` the binding of
    that. ``contexts`` are the classes of AuthnContext that it listed, in order, when the answer must name one of them;
    ``attributes`` what it asks of people and companies.
    With dienstbemiddeling ``dienstverlener`` is the dienstbemiddelaar, ``provider`` the dienstaanbieder by entityID and
    ``provider_service`` its service by ServiceID. ``dienstverlener_version`` and ``provider_version`` are the content
    hashes of the versions of both that were in force when the login began: it ends with the same.
    ``ad_request`` and ``mr_request`` are the IDs of the questions that are pending. ``authentication`` holds the
    assertion of the authenticatiedienst as it was received and believed, with its signature value, to which the
    register's must refer. ``ad_asked_at`` is when ``ad_request`` was sent, and ``ad_forced`` whether it asked for a
    new login. ``remember`` is whether the person wants the choice remembered, None when somebody else made it;
    ``scoped`` are the authenticatiediensten to which the dienstverlener limits it.
    ``code`` is that of the refusal being shown, ``detail`` what it is about, for the dienstverlener.
    ``rehearsal`` is the test that this login is part of, and ``rehearsal_kind`` what comes of it at the end; None in
    every ordinary login. ``in_test`` is the id of the version of its dienstverlener that it goes by instead of the one
    in force, None in every ordinary login.
    ``stored`` is the record as it was read, perhaps with fields of a newer version that runs beside this one.
    """

    id: str
    reference: str
    state: State
    dienstverlener: str
    request_id: str
    acs: str
    relay_state: str | None
    language: str
    acs_binding: str = BINDING_ARTIFACT
    contexts: tuple[str, ...] = ()
    service_id: str = ""
    provider: str | None = None
    provider_service: str | None = None
    dienstverlener_version: str | None = None
    provider_version: str | None = None
    level: LevelOfAssurance | None = None
    attributes: tuple[AskedAttribute, ...] = ()
    force_authn: bool = False
    provider_name: str | None = None
    remember: bool | None = None
    scoped: tuple[str, ...] = ()
    authenticatiedienst: str | None = None
    ad_request: str | None = None
    ad_asked_at: datetime | None = None
    ad_forced: bool = False
    register: str | None = None
    mr_request: str | None = None
    second_register: str | None = None
    code: str | None = None
    detail: str | None = None
    notice: str | None = None
    authentication: bytes | None = field(default=None, repr=False)
    authentication_signature: str | None = None
    rehearsal: str | None = None
    rehearsal_kind: str | None = None
    in_test: str | None = None
    stored: bytes | None = field(default=None, repr=False, compare=False)

    def after(self, event: Event, **changes: Any) -> "Journey":
        """The record after an event, with other fields changed along. Raises ``ImpossibleEvent``."""
        return replace(self, state=step(self.state, event), **changes)

    @property
    def recipient(self) -> str:
        """The entityID for whom alone identifiers and attributes are: the dienstverlener that handles the content."""
        return self.provider or self.dienstverlener

    @property
    def required_level(self) -> LevelOfAssurance:
        """The level this login needs. Raises ValueError for a request that was rejected before that was known."""
        if self.level is None:
            raise ValueError("this login has no level")
        return self.level

    def to_bytes(self) -> bytes:
        """The record as JSON."""
        values = {name: getattr(self, name) for name in self.__slots__ if name != "stored"}
        values["level"] = self.level.short if self.level else None
        values["ad_asked_at"] = self.ad_asked_at.isoformat() if self.ad_asked_at else None
        values["attributes"] = [[each.name, each.is_required] for each in self.attributes] or None
        if self.authentication is not None:
            values["authentication"] = b64encode(self.authentication).decode("ascii")
        return json.dumps({name: value for name, value in values.items() if value is not None}).encode(
            "utf-8"
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "Journey":
        """Read what ``to_bytes`` wrote. Unknown fields, of a newer version, are ignored."""
        values = {name: value for name, value in json.loads(data).items() if name in cls.__slots__}
        values.setdefault("relay_state", None)
        values["state"] = State(values["state"])
        if "level" in values:
            values["level"] = LevelOfAssurance.from_short(values["level"])
        if "ad_asked_at" in values:
            values["ad_asked_at"] = datetime.fromisoformat(values["ad_asked_at"])
        values["contexts"] = tuple(values.get("contexts", ()))
        values["attributes"] = tuple(AskedAttribute(*each) for each in values.get("attributes", ()))
        values["scoped"] = tuple(values.get("scoped", ()))
        if "authentication" in values:
            values["authentication"] = b64decode(values["authentication"])
        return cls(**values, stored=data)
