"""All words on all screens, in both languages.

``texts/nl.toml`` and ``texts/en.toml`` hold plain text, no markup, under the same dotted keys and with the
same ``{placeholders}``. Words of one part of the house may stand in files of their own, as ``texts/nl.console.toml``.
"""

import tomllib
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup
from markupsafe import escape

from broker.screens.language import Language


class MissingText(KeyError):
    """A screen asked for words that the language file does not have."""


@dataclass(frozen=True, slots=True)
class RefusalText:
    """What a person reads when a login ends: what happened, why, and what to do (most useful first)."""

    title: str
    explanation: str
    next_steps: tuple[str, ...]


@cache
def load_texts(language: Language) -> Mapping[str, str | tuple[str, ...]]:
    """Every text of one language by its dotted key, e.g. ``ad.login.title``."""
    found: dict[str, str | tuple[str, ...]] = {}
    for path in sorted((files("broker.screens") / "texts").iterdir(), key=lambda path: path.name):
        if path.name.startswith(f"{language}."):
            found.update(_flatten("", tomllib.loads(path.read_text("utf-8"))))
    return found


def text(language: Language, key: str, **values: object) -> Markup:
    """The text with its placeholders filled in, safe to put into HTML: values are escaped.

    Raises ``MissingText`` when there is no such text, or when a placeholder gets no value.
    """
    template = load_texts(language).get(key)
    if not isinstance(template, str):
        raise MissingText(f"no text {key!r} in {language}.toml")
    try:
        return escape(template).format(**values)
    except (KeyError, IndexError) as missing:
        raise MissingText(f"text {key!r} in {language}.toml needs a value for {missing}") from None


def refusal_text(language: Language, code: str) -> RefusalText:
    """The words for a refusal code, e.g. ``machtiging-verlopen``; ``MissingText`` for an unknown code."""
    entries = load_texts(language)
    next_steps = entries.get(f"refusal.{code}.next")
    if not isinstance(next_steps, tuple):
        raise MissingText(f"no texts for refusal {code!r} in {language}.toml")
    return RefusalText(
        title=str(text(language, f"refusal.{code}.title")),
        explanation=str(text(language, f"refusal.{code}.explanation")),
        next_steps=next_steps,
    )


def _flatten(prefix: str, node: Mapping[str, object]) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    for name, value in node.items():
        if isinstance(value, dict):
            yield from _flatten(f"{prefix}{name}.", value)
        elif isinstance(value, list):
            yield f"{prefix}{name}", tuple(str(item) for item in value)
        else:
            yield f"{prefix}{name}", str(value)
