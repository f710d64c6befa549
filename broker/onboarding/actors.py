"""Who may do what."""

from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole


class NotAllowed(Exception):
    """Whoever asks may not do this; the text says who may."""


def require(actor: Actor, role: OperatorRole) -> None:
    """Raise ``NotAllowed`` unless the actor has this role, or one that may do more."""
    if not actor.role.covers(role):
        raise NotAllowed(f"this needs the role {role}; {actor.name} has {actor.role}")
