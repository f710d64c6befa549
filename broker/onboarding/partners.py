"""The partners as a list, and stopping the logins of one at once."""

from dataclasses import dataclass

from sqlalchemy import Engine

from broker.assembly.party import Assembled
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.onboarding.actors import require
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.overview import PartnerLine
from broker.storage.overview import SqlOverview
from broker.storage.versions import SqlVersions


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, and the entityID after which the next page begins; None when there is no more."""

    lines: tuple[PartnerLine, ...]
    after: str | None


def overview(
    engine: Engine, search: str = "", role: Role | None = None, after: str = "", size: int = 50
) -> Page:
    """A page of who is connected, by entityID."""
    lines = tuple(SqlOverview(engine).lines(search, role, after, size + 1))
    return Page(lines[:size], lines[size - 1].entity_id if len(lines) > size else None)


def newcomers(engine: Engine) -> tuple[PartnerLine, ...]:
    """Who handed something over and is not connected yet."""
    return tuple(SqlOverview(engine).newcomers())


def suspend(
    assembled: Assembled, entity_id: str, actor: Actor, reason: str, clock: Clock = system_clock
) -> bool:
    """Refuse the logins of a partner from now on, those under way too; False when it is unknown or suspended already.

    An operator may do this alone: it takes away, and ``resume`` gives back.
    """
    require(actor, OperatorRole.OPERATOR)
    now = clock()
    change = Change(now, actor.name, "partner-suspended", entity_id, reason)
    return SqlVersions(assembled.engine).suspend(entity_id, now, change)


def resume(
    assembled: Assembled, entity_id: str, actor: Actor, reason: str = "", clock: Clock = system_clock
) -> bool:
    """Let a partner log people in again; False when it is unknown or not suspended."""
    require(actor, OperatorRole.APPROVER)
    change = Change(clock(), actor.name, "partner-resumed", entity_id, reason)
    return SqlVersions(assembled.engine).suspend(entity_id, None, change)
