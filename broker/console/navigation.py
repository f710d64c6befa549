"""The way through the console: its sections, which one this page is in, and this page in the other language."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from urllib.parse import urlencode

from flask import Request

_LANGUAGE: Final = "lang"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the console. ``endpoint`` is its first page; ``paths`` how the addresses of its pages begin.

    ``rooms`` are the endpoints of a second row, which its pages show; the section has a name of its own then.
    """

    name: str
    endpoint: str
    paths: tuple[str, ...]
    rooms: tuple[str, ...] = ()


SECTIONS: Final = (
    Section("dashboard", "dashboard", ()),
    Section("partners", "partners", ("/partners", "/versions", "/submit")),
    Section("checks", "checks", ("/checks",)),
    Section("approvals", "approvals", ("/approvals",)),
    Section("weather", "weather", ("/weather",)),
    Section("keys", "keys", ("/keys",)),
    Section("history", "history", ("/history",)),
    Section(
        "access",
        "operators",
        ("/operators", "/tokens", "/links", "/account"),
        ("operators", "links", "tokens", "account"),
    ),
)


def section_of(path: str) -> Section | None:
    """The section that the page at ``path`` belongs to; None outside all of them."""
    if path == "/":
        return SECTIONS[0]
    for section in SECTIONS:
        if any(path == each or path.startswith(f"{each}/") for each in section.paths):
            return section
    return None


def in_language(request: Request, language: str) -> str | None:
    """The address of this page in ``language``, its query kept; None for the answer to a form.

    Unlike the pages of a login: no address of the console holds a message, and to open one changes nothing.
    """
    if request.method not in {"GET", "HEAD"}:
        return None
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != _LANGUAGE]
    # One slash only: a path of "//evil.example" would lead away.
    path = "/" + f"{request.script_root}{request.path}".lstrip("/")
    return f"{quote(path)}?{urlencode([*kept, (_LANGUAGE, language)])}"
