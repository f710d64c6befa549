"""When an earlier login may stand for a new one: single sign-on at an authenticatiedienst.

Afsprakenstelsel, Single sign-on and user sessions. Whatever is not plainly allowed means logging in again.
"""

from dataclasses import dataclass
from datetime import datetime

from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance

_NEVER = LevelOfAssurance.LOA4
"""From this level up there is no single sign-on."""

_WITHIN_ONE = LevelOfAssurance.LOA3
"""From this level up it stays within one dienstverlener."""


@dataclass(frozen=True, slots=True)
class SignedOn:
    """An earlier login: the level of its middel, for whom it was made, and the moment from which it counts no more."""

    level: LevelOfAssurance
    dienstverlener: Oin
    until: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new request wants: the level, the dienstverlener, and whether it and its service allow single sign-on."""

    level: LevelOfAssurance
    dienstverlener: Oin
    force_authn: bool
    sso_support: bool


def may_serve(signed_on: SignedOn, wanted: Wanted, now: datetime) -> bool:
    """Whether nobody needs to log in again for this request.

    The stricter of two levels decides: what the middel delivers goes into the assertion, whatever was asked.
    """
    strictest = signed_on.level  # what is wanted may not be more, see below
    return (
        wanted.sso_support
        and not wanted.force_authn
        and now < signed_on.until
        and wanted.level <= signed_on.level
        and strictest < _NEVER
        and (strictest < _WITHIN_ONE or wanted.dienstverlener == signed_on.dienstverlener)
    )


def may_be_kept(level: LevelOfAssurance, *, sso_support: bool) -> bool:
    """Whether a login with a middel of this level, at a service that joined or did not, may stand for later ones."""
    return sso_support and level < _NEVER
