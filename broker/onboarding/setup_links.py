"""Setup links: made by an operator, shown once, known afterwards by the SHA-256 of their token alone."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import Engine

from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.actors import require
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.setup_links import SetupLink
from broker.ports.setup_links import SetupLinkStore
from broker.settings import Settings
from broker.storage.overview import SqlOverview
from broker.storage.setup_links import SqlSetupLinks

DAYS: Final = 14
"""How long a link opens something when nothing is said."""

LONGEST_DAYS: Final = 90
"""How long it may."""

LONGEST_NAME: Final = 200
"""Characters of the words that say who a link is for."""

PATH: Final = "/setup"
"""Where the console has the pages of links."""

_SECRET_BYTES: Final = 32
_NOTED_EVERY = timedelta(minutes=1)


class UnknownLink(LookupError):
    """No setup link has this id, or it has been revoked already."""

    def __init__(self, link_id: str) -> None:
        super().__init__(f"there is no setup link {link_id}, or it was revoked before")


class UnknownDienstverlener(LookupError):
    """Nobody with this entityID is connected or handed anything over."""


class SetupLinks:
    """The setup links of the makelaar."""

    def __init__(self, engine: Engine, clock: Clock = system_clock) -> None:
        """Works on the database of the makelaar."""
        self._store: SetupLinkStore = SqlSetupLinks(engine)
        self._partners = SqlOverview(engine)
        self._clock = clock

    def make(self, entity_id: str | None, name: str, actor: Actor, days: int = DAYS) -> tuple[SetupLink, str]:
        """A new link for the dienstverlener ``entity_id``, or for one that is still to come, and its token.

        ``name`` says who it is for. Raises ``NotAllowed``, ``UnknownDienstverlener``, and ValueError for a name or
        number of days that will not do.
        """
        require(actor, OperatorRole.OPERATOR)
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise ValueError("say in a few words who the link is for")
        if not 1 <= days <= LONGEST_DAYS:
            raise ValueError(f"a setup link lives for 1 to {LONGEST_DAYS} days")
        if entity_id is not None and not self._is_dienstverlener(entity_id):
            raise UnknownDienstverlener(
                f"no dienstverlener {entity_id} is connected or handed anything over; "
                "make a link without entityID for one that is still to come"
            )
        now = self._clock()
        link = SetupLink(
            secrets.token_hex(8), name.strip(), actor.name, now, now + timedelta(days=days), entity_id
        )
        token = secrets.token_urlsafe(_SECRET_BYTES)
        change = Change(
            now, actor.name, "setup-link-made", entity_id or link.who, detail={"for": link.name, "days": days}
        )
        self._store.add(link, _hash(token), change)
        return link, token

    def find(self, token: str) -> SetupLink | None:
        """The link with this token if it opens anything now; that it was used is noted once a minute."""
        now = self._clock()
        link = self._store.by_hash(_hash(token))
        if link is None or not link.is_good(now):
            return None
        if link.last_used_at is None or now - link.last_used_at >= _NOTED_EVERY:
            self._store.note_use(link.id, now)
        return link

    def revoke(self, link_id: str, actor: Actor, why: str = "") -> SetupLink:
        """End a link at once. Raises ``NotAllowed`` and ``UnknownLink``."""
        require(actor, OperatorRole.OPERATOR)
        link = self._store.find(link_id)
        if link is None:
            raise UnknownLink(link_id)
        change = Change(self._clock(), actor.name, "setup-link-revoked", link.entity_id or link.who, why)
        if not self._store.revoke(link_id, change):
            raise UnknownLink(link_id)
        return replace(link, revoked_at=change.at)

    def of(self, entity_id: str | None = None) -> Sequence[SetupLink]:
        """The links of one dienstverlener, or all, newest first, those that ended too."""
        return self._store.all(entity_id)

    def _is_dienstverlener(self, entity_id: str) -> bool:
        line = self._partners.line(entity_id)
        return line is not None and line.role is Role.DV


def address_of(settings: Settings, token: str) -> str:
    """The address that the holder of a link opens."""
    return f"{settings.console_address}{PATH}/{token}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
