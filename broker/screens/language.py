"""In which language a person reads the screens."""

from typing import Literal
from typing import get_args
from urllib.parse import quote

from flask import Request

from broker.screens.cookies import CookieStyle

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

COOKIE = "lang"
_PARAMETER = "lang"


def asked_language(request: Request) -> Language | None:
    """The language that ``?lang=`` asks for, or None."""
    return _known(request.args.get(_PARAMETER))


def language_of(request: Request, cookies: CookieStyle) -> Language:
    """The language of a request: asked for now, remembered, preferred by the browser, or else Dutch."""
    return asked_language(request) or _known(cookies.get(request, COOKIE)) or _preferred(request) or "nl"


def other_language(language: Language) -> Language:
    """The one language the switch offers."""
    return "en" if language == "nl" else "nl"


def switch_url(request: Request, language: Language) -> str:
    """This page in ``language``: the same path, without the query, so that no message is ever sent twice."""
    # One slash only: a path of "//evil.example" would lead away.
    path = "/" + f"{request.script_root}{request.path}".lstrip("/")
    return f"{quote(path)}?{_PARAMETER}={language}"


def can_switch(request: Request) -> bool:
    """Whether the path alone brings this page back: not after a POST, nor with a message in the query."""
    return request.method in {"GET", "HEAD"} and set(request.args) <= {_PARAMETER}


def _preferred(request: Request) -> Language | None:
    """The best of our languages in Accept-Language; regional variants count, in the order of preference."""
    tags = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next(filter(None, map(_known, tags)), None)


def _known(value: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language == value), None)
