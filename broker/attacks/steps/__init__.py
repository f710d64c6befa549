"""The small named changes and acts of which cases are made.

A step is a function of a draft and the arguments that the case gives; ``@step`` makes it known by its name, with
hyphens for underscores. Each module of this package holds those of one kind.
"""

from collections.abc import Callable
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from typing import TypeVar

from broker.attacks.case import Case
from broker.attacks.case import Step
from broker.attacks.draft import CannotBeMade
from broker.attacks.draft import Draft

_STEPS: dict[str, Callable[..., None]] = {}
F = TypeVar("F", bound=Callable[..., None])


def step(function: F) -> F:
    """Make a function known as a step."""
    _STEPS[function.__name__.strip("_").replace("_", "-")] = function
    return function


@cache
def known() -> dict[str, Callable[..., None]]:
    """Every step by its name."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return _STEPS


WHEN_FETCHED = "when-fetched"
"""The steps behind this one are taken when the makelaar comes to fetch the message behind an artifact."""


def perform(case: Case, draft: Draft) -> Draft:
    """Take every step of a case, or those before ``when-fetched``. Raises ``CannotBeMade`` that names case and step."""
    return take(case.id, case.steps, draft)


def take(name: str, steps: Sequence[Step], draft: Draft) -> Draft:
    """Take these steps; ``name`` is for the text of ``CannotBeMade``."""
    for position, each in enumerate(steps):
        if each.do == WHEN_FETCHED:
            draft.later = tuple(steps[position + 1 :])
            break
        function = known().get(each.do)
        if function is None:
            raise CannotBeMade(f"{name}: there is no step {each.do}")
        given = {argument.replace("-", "_"): _filled(draft, value) for argument, value in each.given.items()}
        try:
            function(draft, **given)
        except (CannotBeMade, TypeError, LookupError) as error:
            raise CannotBeMade(f"{name}: {each.do}: {type(error).__name__} {error}") from error
    return draft


def _filled(draft: Draft, value: Any) -> Any:
    if isinstance(value, str):
        return draft.scene.fill(value)
    if isinstance(value, list):
        return [_filled(draft, each) for each in value]
    if isinstance(value, dict):
        return {name: _filled(draft, each) for name, each in value.items()}
    return value
