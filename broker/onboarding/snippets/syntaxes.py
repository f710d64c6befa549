"""Values of others as the syntaxes of configuration files write them, so that none can break out.

In a template everything between double braces is a value and passes the one function of its syntax, which writes the
quotes too: nobody can forget it. Values never stand in comments.
"""

import json
import shlex
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from jinja2 import StrictUndefined

_XML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_REPLACED = "\N{REPLACEMENT CHARACTER}"
_INDENT = "    "


def python_literal(value: object) -> str:
    """A text, number, truth or None in Python; what cannot be seen is written as an escape."""
    if isinstance(value, str):
        return '"' + "".join(_python_character(each) for each in value) + '"'
    return repr(value)


def _python_character(each: str) -> str:
    if each in '\\"':
        return f"\\{each}"
    if each.isprintable():
        return each
    return f"\\u{ord(each):04x}" if ord(each) < 0x10000 else f"\\U{ord(each):08x}"


def json_text(value: object) -> str:
    """A whole JSON document; all but ASCII is written as an escape."""
    return json.dumps(value, indent=2) + "\n"


def php_value(value: object, depth: int = 0) -> str:
    """A text, number, truth, list or mapping in PHP."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _php_text(value)
    inner = _INDENT * (depth + 1)
    if isinstance(value, Mapping):
        rows = [f"{php_value(key)} => {php_value(each, depth + 1)}" for key, each in value.items()]
    elif isinstance(value, Sequence):
        rows = [php_value(each, depth + 1) for each in value]
    else:
        raise TypeError(f"no PHP for {type(value).__name__}")
    return "[\n" + "".join(f"{inner}{row},\n" for row in rows) + _INDENT * depth + "]"


def _php_text(value: str) -> str:
    if value.isprintable():
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return '"' + "".join(_php_character(each) for each in value) + '"'


def _php_character(each: str) -> str:
    if each in '\\"$':
        return f"\\{each}"
    return each if each.isprintable() else f"\\u{{{ord(each):x}}}"


def xml_text(value: object) -> str:
    """Character data or the inside of an attribute; what XML cannot hold at all is replaced."""
    return "".join(_xml_character(each) for each in str(value))


def _xml_character(each: str) -> str:
    if each in _XML:
        return _XML[each]
    if each.isprintable():
        return each
    code = ord(each)
    allowed = each in "\t\n\r" or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
    return f"&#{code};" if allowed else _REPLACED


def shell_word(value: object) -> str:
    """One word of a shell; what cannot be seen is replaced."""
    return shlex.quote(plain_text(value))


def plain_text(value: object) -> str:
    """A value inside a sentence: what cannot be seen is replaced, so that it stays on its line of a terminal."""
    return "".join(each if each.isprintable() else _REPLACED for each in str(value))


def fill_template(name: str, write: Callable[[object], str], **values: Any) -> str:
    """The template of this name, in which each value is written by ``write``."""
    text = (files(__package__) / "templates" / name).read_text("utf-8")
    return fill_text(text, write, **values)


def fill_text(text: str, write: Callable[[object], str], **values: Any) -> str:
    """A template that is given as text."""
    return _environment(write).from_string(text).render(values)


class _Written(str):
    """A value as its syntax writes it, of which Jinja has to escape nothing for HTML."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


@cache
def _environment(write: Callable[[object], str]) -> Environment:
    return Environment(
        autoescape=True,
        finalize=lambda value: _Written(write(value)),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
