"""Gives a Flask application the shared look, words and headers."""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from flask import Blueprint
from flask import Flask
from flask import Response
from flask import current_app
from flask import g
from flask import request
from flask import url_for

from broker.screens import language as languages
from broker.screens.assets import STYLESHEET
from broker.screens.assets import load_asset
from broker.screens.assets import serve_asset
from broker.screens.cookies import CookieStyle
from broker.screens.headers import harden
from broker.screens.headers import security_headers
from broker.screens.language import Language
from broker.screens.texts import text

Role = Literal["hm", "ad", "mr", "dv", "eb"]

_ONE_YEAR = 31_536_000


def init_screens(
    app: Flask,
    *,
    party: str | Mapping[Language, str],
    public_url: str,
    role: Role | None = None,
    stylesheet: str = STYLESHEET,
    scripts: tuple[str, ...] = (),
) -> None:
    """Let ``app`` show screens in the name of ``party``, reached by browsers at ``public_url``.

    Adds the shared templates (``layout.html``, ``parts.html``, ``error.html``, ``relay.html``), the
    stylesheet, the security headers, and to every template: ``t(key, **values)``, ``lang``, ``other_lang``,
    ``other_lang_url``, ``language_switch`` (a view may override it with False), ``party``, ``role``, ``misbehaves``
    (True for a party that does so on purpose, which its pages then say), ``stylesheet`` and ``asset_url(name)``. The
    ``role`` gives the screens their own colour and a word beside the party's name. ``party`` is one name, or one for
    each language.
    Pages of a login have the one ``stylesheet`` and no ``scripts``.
    Raises ``ValueError`` for a public URL that is neither https nor ``http://localhost``, and ``MissingAsset`` when the
    stylesheet was not built.
    """
    cookies = CookieStyle(public_url)
    headers = security_headers(public_url)
    screens = Blueprint("screens", __name__, template_folder="templates")
    for name in (stylesheet, "icon.svg", *scripts):
        load_asset(name)
        screens.add_url_rule(f"/static/{name}", "asset", serve_asset, defaults={"name": name})
    app.register_blueprint(screens)
    app.extensions["screens"] = cookies

    @app.context_processor
    def screen_globals() -> dict[str, object]:
        language = current_language()
        other = languages.other_language(language)
        return {
            "t": partial(text, language),
            "lang": language,
            "other_lang": other,
            "other_lang_url": languages.switch_url(request, other),
            "language_switch": languages.can_switch(request),
            "party": party if isinstance(party, str) else party[language],
            "role": role,
            "asset_url": _asset_url,
            "stylesheet": stylesheet,
            "misbehaves": False,
        }

    @app.after_request
    def finish(response: Response) -> Response:
        asked = languages.asked_language(request)
        if asked is not None:
            # Cross-site: a refusal is often the answer to another party's POST. The cookie identifies nobody.
            cookies.set(response, languages.COOKIE, asked, _ONE_YEAR, cross_site=True)
        harden(response, headers)
        return response


def current_language() -> Language:
    """The language of the request now being answered, by an application that ``init_screens`` prepared."""
    if "screens_language" not in g:
        g.screens_language = languages.language_of(request, current_app.extensions["screens"])
    language: Language = g.screens_language
    return language


def _asset_url(name: str) -> str:
    return url_for("screens.asset", name=name, v=load_asset(name)[1])
