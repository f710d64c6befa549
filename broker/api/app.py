"""The API as a Flask application, to be mounted at ``/v1``. It sets no cookie and reads none."""

import hashlib
import json
from collections.abc import Callable
from collections.abc import Sequence

from flask import Flask
from flask import Response
from flask import request

from broker.api.catalogue import OPERATIONS as CATALOGUE
from broker.api.checks import OPERATIONS as CHECKS
from broker.api.keys import OPERATIONS as KEYS
from broker.api.links import OPERATIONS as LINKS
from broker.api.openapi import VERSION
from broker.api.openapi import describe
from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.api.partners import OPERATIONS as PARTNERS
from broker.api.problems import as_problem
from broker.api.requests import Repetition
from broker.api.requests import body_of
from broker.api.requests import path_of
from broker.api.requests import query_of
from broker.api.requests import token_of
from broker.api.trials import OPERATIONS as TRIALS
from broker.api.versions import OPERATIONS as VERSIONS
from broker.api.weather import OPERATIONS as WEATHER
from broker.assembly.party import Assembled
from broker.exchange.own import Clock
from broker.exchange.own import system_clock
from broker.exchange.partners import begin_request
from broker.exchange.partners import end_request
from broker.onboarding.tokens import Tokens
from broker.screens.headers import harden
from broker.screens.headers import security_headers
from broker.storage.tokens import SqlIdempotency

OPERATIONS: Sequence[Operation] = (
    *PARTNERS,
    *VERSIONS,
    *TRIALS,
    *CHECKS,
    *CATALOGUE,
    *KEYS,
    *LINKS,
    *WEATHER,
)
"""Everything that can be asked of the API."""

_NOTHING_LOADS = "default-src 'none'; frame-ancestors 'none'"


def create_api(makelaar: Assembled, clock: Clock = system_clock) -> Flask:
    """The application, over the stores of the makelaar."""
    app = Flask("api", static_folder=None, template_folder=None)
    app.url_map.strict_slashes = True
    app.url_map.redirect_defaults = False
    headers = {
        **security_headers(makelaar.settings.console_address),
        "Content-Security-Policy": _NOTHING_LOADS,
        "API-Version": VERSION,
    }
    app.before_request(begin_request)
    app.teardown_request(lambda _: end_request())
    app.after_request(lambda response: harden(response, headers))
    app.register_error_handler(Exception, lambda error: as_problem(error).response())
    description = json.dumps(describe(OPERATIONS), ensure_ascii=False, indent=1)
    app.add_url_rule("/openapi.json", "openapi", lambda: _described(description), methods=["GET"])
    app.add_url_rule("/health", "health", lambda: _health(makelaar), methods=["GET"])
    for operation in OPERATIONS:
        view = _view(operation, makelaar, clock)
        app.add_url_rule(
            operation.rule, operation.name, view, methods=[operation.method], provide_automatic_options=False
        )
    return app


def _view(operation: Operation, makelaar: Assembled, clock: Clock) -> Callable[..., Response]:
    tokens, answers = Tokens(makelaar.engine, clock), SqlIdempotency(makelaar.engine)

    def view(**_: str) -> Response:
        token = token_of(request, tokens, operation)
        path = path_of(request)
        query = query_of(request, operation)
        body, data = body_of(request, operation)
        accept = request.accept_mimetypes.best_match(
            ["application/json", *operation.also], "application/json"
        )
        call = Call(makelaar, clock, path, query, body, token, accept, request.headers.get("If-Match"))
        repetition = Repetition(answers, clock, token, request, data)
        before = repetition.before()
        if before is not None:
            return before
        try:
            reply = operation.run(call)
        except Exception:
            repetition.undone()
            raise
        response = _response(reply, operation)
        repetition.done(reply, response.status_code, response.get_data(as_text=True), once=operation.once)
        return response

    return view


def _response(reply: Reply, operation: Operation) -> Response:
    status = reply.status or operation.status
    content = reply.content
    if content is None:
        content = b"" if reply.data is None else reply.data.model_dump_json(by_alias=True).encode()
    response = Response(content, status, dict(reply.headers), content_type=reply.content_type)
    if status == 204:
        del response.headers["Content-Type"]
    if operation.method == "GET" and status == 200:
        if "ETag" not in response.headers:
            response.set_etag(hashlib.sha256(content).hexdigest()[:32])
        response.cache_control.no_cache = True
        response.headers["Vary"] = "Authorization, Accept"
        response.make_conditional(request.environ)
    return response


def _described(description: str) -> Response:
    response = Response(description, content_type="application/json")
    response.headers["Access-Control-Allow-Origin"] = "*"  # the rules ask it of this document alone
    return response


def _health(makelaar: Assembled) -> Response:
    makelaar.state.ping()
    with makelaar.engine.connect():
        return Response('{"status": "ok"}', content_type="application/json")
