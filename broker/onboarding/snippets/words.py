"""The steps and notes of each product, in both languages: ``texts/nl.toml`` and ``texts/en.toml``.

A line may hold values between double braces, and may end up empty by a condition: then it is left out.
"""

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from broker.onboarding.snippets.model import Product
from broker.onboarding.snippets.syntaxes import fill_text
from broker.onboarding.snippets.syntaxes import plain_text
from broker.screens.language import Language


@dataclass(frozen=True, slots=True)
class Words:
    """What is said about one product, see ``model.Snippet``."""

    title: str
    steps: tuple[str, ...]
    notes: tuple[str, ...]


def words_of(language: Language, product: Product, **values: Any) -> Words:
    """The words with these values in them."""
    texts = load(language)
    own, common = texts[str(product)], texts["every"]
    return Words(
        own["title"],
        _lines(own["steps"], values),
        _lines([*common["notes"], *own["notes"]], values),
    )


@cache
def load(language: Language) -> Mapping[str, Any]:
    """The words of one language by product, and those of ``every`` product."""
    return tomllib.loads((files(__package__) / "texts" / f"{language}.toml").read_text("utf-8"))


def _lines(templates: Iterable[str], values: Mapping[str, Any]) -> tuple[str, ...]:
    filled = (fill_text(each, plain_text, **values).strip() for each in templates)
    return tuple(each for each in filled if each)
