"""Each service refuses by itself who may only look, before it looks anything up: pages and routes hold no rules."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest

import broker.onboarding
from broker.onboarding.actors import NotAllowed
from broker.ports.changes import Actor
from tests.onboarding.gate.conftest import VIEWER

ELSEWHERE = {
    "actors.require": "it is the refusal",
    "operators.Operators.set_password": "everybody changes their own; of others tests/console/test_operators.py",
    "shelf.Shelf.change": "makes a line of history and writes nothing",
    "drop_folder.DropFolder.__init__": "hands it on to the gate",
}


def services() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Everything in broker/onboarding that is done in somebody's name, as something to call with arguments by name."""
    for module in pkgutil.walk_packages(broker.onboarding.__path__, "broker.onboarding."):
        for thing in vars(importlib.import_module(module.name)).values():
            if getattr(thing, "__module__", "") != module.name:
                continue
            short = f"{module.name.removeprefix('broker.onboarding.')}.{getattr(thing, '__name__', '')}"
            if inspect.isclass(thing):
                for name, method in vars(thing).items():
                    if inspect.isfunction(method) and (name == "__init__" or not name.startswith("_")):
                        yield f"{short}.{name}", method
            elif inspect.isfunction(thing) and not thing.__name__.startswith("_"):
                yield short, thing


IN_A_NAME = {
    name: service
    for name, service in services()
    if any(each.annotation is Actor for each in inspect.signature(service).parameters.values())
}


def test_they_are_found() -> None:
    assert len(IN_A_NAME) > 30
    assert ELSEWHERE.keys() <= IN_A_NAME.keys()


@pytest.mark.parametrize("name", sorted(IN_A_NAME.keys() - ELSEWHERE.keys()))
def test_who_may_only_look_is_refused_first(name: str) -> None:
    service = IN_A_NAME[name]
    owner = getattr(importlib.import_module(service.__module__), service.__qualname__.partition(".")[0])
    arguments: dict[str, Any] = {}
    for parameter in inspect.signature(service).parameters.values():
        if parameter.name == "self":
            # It has nothing: whatever is looked up before the role is an AttributeError.
            arguments["self"] = object.__new__(owner)
        elif parameter.annotation is Actor:
            arguments[parameter.name] = VIEWER
        elif parameter.default is inspect.Parameter.empty:
            arguments[parameter.name] = None

    with pytest.raises(NotAllowed, match="carla"):
        service(**arguments)
