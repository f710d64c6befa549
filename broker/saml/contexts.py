"""RequestedAuthnContext as SAML means it, for software that does not know the afsprakenstelsel (SAML core 3.3.2.2.1).

A class is worth a betrouwbaarheidsniveau: those of the afsprakenstelsel, those of eIDAS, and those an operator gave a
partner. What has no such worth is never guessed.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from broker.domain.levels import EIDAS_LEVELS
from broker.domain.levels import LevelOfAssurance


class ContextUnsupported(ValueError):
    """A RequestedAuthnContext that cannot be served, whoever logs in."""


@dataclass(frozen=True, slots=True)
class RequestedContext:
    """A RequestedAuthnContext as it was sent: its Comparison and its classes, in order of preference."""

    comparison: str
    classes: tuple[str, ...]


def level_of_class(class_ref: str, contexts: Mapping[str, LevelOfAssurance]) -> LevelOfAssurance | None:
    """What a class of AuthnContext is worth; ``contexts`` are those of the partner. None when nobody said."""
    if class_ref in contexts:
        return contexts[class_ref]
    if class_ref in EIDAS_LEVELS:
        return EIDAS_LEVELS[class_ref]
    try:
        return LevelOfAssurance.from_urn(class_ref)
    except ValueError:
        return None


def asked_level(
    requested: RequestedContext, contexts: Mapping[str, LevelOfAssurance], highest: LevelOfAssurance
) -> LevelOfAssurance:
    """The level that a login must reach to satisfy the request; it may be above ``highest``, the service's own.

    One class that we know is enough, since each would do, except for ``better``, which must beat all of them. More
    than was asked is no harm, since the answer names no more than the class: so ``exact`` is ``minimum`` to the person,
    and ``maximum`` asks for the most that is allowed. Raises ``ContextUnsupported``.
    """
    known = [level_of_class(each, contexts) for each in requested.classes]
    levels = [level for level in known if level is not None]
    if not levels:
        raise ContextUnsupported("no class is worth a betrouwbaarheidsniveau")
    if requested.comparison in {"exact", "minimum"}:
        return min(levels)
    if requested.comparison == "maximum":
        return min(highest, max(levels))
    if requested.comparison == "better" and None not in known:
        above = [level for level in LevelOfAssurance if level > max(levels)]
        if above:
            return min(above)
    raise ContextUnsupported("nothing is better than what was asked")


def asked_of_the_stelsel(requested: RequestedContext, highest: LevelOfAssurance) -> LevelOfAssurance:
    """The level asked by a partner that knows the afsprakenstelsel: ``asked_level`` of its own classes only.

    The interface says minimum with one class; what departs from that is the tolerance ``comparison``. Raises
    ``ContextUnsupported``.
    """
    try:
        for class_ref in requested.classes:
            LevelOfAssurance.from_urn(class_ref)
    except ValueError:
        raise ContextUnsupported("a class is not one of the afsprakenstelsel") from None
    return asked_level(requested, {}, highest)


def answered_class(
    reached: LevelOfAssurance, listed: Sequence[str], contexts: Mapping[str, LevelOfAssurance]
) -> str:
    """The class to name for a login that reached a level: the strongest of those listed that it satisfies.

    Of several worth the same, the one the client preferred. When none fits, the URN of the afsprakenstelsel.
    """
    best: tuple[LevelOfAssurance, str] | None = None
    for class_ref in listed:
        level = level_of_class(class_ref, contexts)
        if level is not None and level <= reached and (best is None or level > best[0]):
            best = (level, class_ref)
    return reached.urn if best is None else best[1]
