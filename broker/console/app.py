"""The console as a Flask application."""

from pathlib import Path

from flask import Flask
from flask import Response
from flask import make_response
from flask import render_template
from flask import request
from flask_wtf.csrf import CSRFError
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from broker.assembly import logs
from broker.assembly.party import Assembled
from broker.assembly.readiness import add_probes
from broker.assembly.strangers import AnyRequest
from broker.assembly.strangers import at_own_host
from broker.assembly.web import log_unexpected
from broker.console import account
from broker.console import catalogue
from broker.console import checking
from broker.console import connecting
from broker.console import feeds
from broker.console import home
from broker.console import keys
from broker.console import login
from broker.console import operators
from broker.console import partners
from broker.console import setup
from broker.console import testing
from broker.console import versions
from broker.console import watching
from broker.console.bounds import LARGEST_FORM
from broker.console.bounds import MOST_PARTS
from broker.console.bounds import bound_form
from broker.console.bounds import refuse_nul
from broker.console.context import Console
from broker.console.context import current_operator
from broker.console.context import is_fresh
from broker.console.navigation import SECTIONS
from broker.console.navigation import in_language
from broker.console.navigation import section_of
from broker.console.scripts import SCRIPT
from broker.console.scripts import restrict
from broker.console.sessions import StateSessions
from broker.console.shown import filters
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.exchange.partners import begin_request
from broker.exchange.partners import end_request
from broker.onboarding.actors import NotAllowed
from broker.onboarding.operator_login import OperatorLogin
from broker.onboarding.operators import Operators
from broker.onboarding.operators import console_secret
from broker.onboarding.passkeys import Passkeys
from broker.ports.changes import OperatorRole
from broker.screens import CookieStyle
from broker.screens import current_language
from broker.screens import init_screens
from broker.screens.language import other_language
from broker.storage.changes import SqlChangeLog


def create_app(assembled: Assembled, clock: Clock = system_clock) -> Flask:
    """The application, over the stores and the key of the makelaar."""
    settings = assembled.settings
    url = settings.console_address
    secret = console_secret(settings)
    services = Operators(assembled.engine, assembled.state, clock)
    app = Flask("console", template_folder=str(Path(__file__).parent / "templates"), static_folder=None)
    app.request_class = AnyRequest
    app.wsgi_app = at_own_host(app.wsgi_app, url)  # type: ignore[method-assign, assignment]  # Flask says to
    app.config.update(
        SECRET_KEY=secret,
        CONSOLE_URL=url,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_PARTS,
        WTF_CSRF_TIME_LIMIT=None,  # the session has one of its own
        WTF_CSRF_SSL_STRICT=False,  # our pages send no Referer; the token is bound to a session with a __Host- cookie
    )
    app.session_interface = StateSessions(assembled.state, CookieStyle(url), clock)
    app.extensions["console"] = Console(
        assembled=assembled,
        operators=services,
        login=OperatorLogin(services, assembled.state, secret, clock),
        passkeys=Passkeys(services, url, clock),
        changes=SqlChangeLog(assembled.engine),
        clock=clock,
    )
    init_screens(
        app,
        party={lang: assembled.party.display_name(lang) for lang in ("nl", "en")},
        public_url=url,
        stylesheet="console.css",
        scripts=(SCRIPT,),
    )
    app.before_request(bound_form)  # before the token of a form is looked for in it
    CSRFProtect(app)
    for name, function in filters().items():
        app.add_template_filter(function, name)
    app.context_processor(_shown_everywhere)
    app.after_request(restrict)
    app.before_request(refuse_nul)
    app.before_request(begin_request)
    app.teardown_request(lambda _: end_request())
    add_probes(app, assembled)
    for pages in (
        home,
        login,
        account,
        operators,
        partners,
        versions,
        testing,
        checking,
        watching,
        keys,
        feeds,
        catalogue,
        connecting,
    ):
        pages.add_to(app)
    setup.add_to(app, assembled)
    app.register_error_handler(CSRFError, lambda _: _error(400, "form_expired"))
    app.register_error_handler(NotAllowed, lambda _: _error(403, "not_allowed"))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    return app


def configure() -> None:
    """Send the log of this process to standard error."""
    logs.configure("console")


def _shown_everywhere() -> dict[str, object]:
    operator = current_operator()
    may = {role.value: operator is not None and operator.role.covers(role) for role in OperatorRole}
    elsewhere = in_language(request, other_language(current_language()))
    return {
        "operator": operator,
        "may": may,
        "is_fresh": is_fresh(),
        "sections": SECTIONS,
        "section": section_of(request.path),
        "other_lang_url": elsewhere,
        "language_switch": elsewhere is not None,
    }


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:  # a redirect
        return make_response(error.get_response())
    words = {403: "not_allowed", 404: "not_found", 405: "not_found", 413: "too_large"}
    return _error(error.code, words.get(error.code, "bad_request"))


def _unexpected(error: Exception) -> Response:
    return _error(503, "unexpected", log_unexpected(error))


def _error(status: int, words: str, reference: str | None = None) -> Response:
    return make_response(render_template("failed.html", words=words, reference=reference), status)
