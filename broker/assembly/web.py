"""What the Flask application of every party has in common."""

import secrets
from collections.abc import Callable
from typing import Literal
from typing import cast

import structlog
from flask import Flask
from flask import Response
from flask import make_response
from flask import render_template
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import RequestEntityTooLarge

from broker.assembly import logs
from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.assembly.readiness import add_probes
from broker.assembly.same_face import install_same_face
from broker.assembly.same_face import message_is_here
from broker.assembly.strangers import AnyRequest
from broker.assembly.strangers import at_own_host
from broker.domain.references import new_reference
from broker.exchange.artifacts import Admit
from broker.exchange.artifacts import anybody
from broker.exchange.incoming import Incoming
from broker.exchange.incoming import read_incoming
from broker.exchange.own import system_clock
from broker.exchange.partners import begin_request
from broker.exchange.partners import end_request
from broker.exchange.sending import Delivery
from broker.exchange.sending import Redirect
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.policy import FRONT
from broker.saml.policy import LIMITS
from broker.saml.soap import ACCEPTED_TYPES
from broker.saml.soap import CONTENT_TYPE
from broker.saml.soap import fault
from broker.screens import Language
from broker.screens import current_language
from broker.screens import init_screens
from broker.screens import refusal_text
from broker.screens import show_moment

log = structlog.get_logger()


def install(
    app: Flask,
    assembled: Assembled,
    admit: Admit = anybody,
    metadata: Callable[[], Response] | None = None,
) -> None:
    """Give ``app`` the screens, limits, error pages and the endpoints that every party has.

    ``admit`` judges who may resolve artifacts here, beyond the proof of a signature; ``metadata`` serves that of the
    party, by default as it is published.
    """
    prepare(app, assembled)
    party: dict[Language, str] = {lang: assembled.party.display_name(lang) for lang in ("nl", "en")}
    role = cast("Literal['hm', 'ad', 'mr', 'dv', 'eb']", assembled.party.role.lower())
    init_screens(app, party=party, public_url=assembled.public_url, role=role)
    app.add_url_rule(
        paths.ARS,
        "artifact_resolution",
        lambda: resolve_artifact(assembled, assembled.public_url, admit),
        methods=["POST"],
    )
    app.add_url_rule(paths.METADATA, "metadata", metadata or (lambda: published(assembled, "metadata.xml")))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def prepare(app: Flask, assembled: Assembled) -> None:
    """Give ``app`` what it needs without a single screen: log, limits and the answer to who asks for its health."""
    logs.configure(assembled.party.name)
    app.request_class = AnyRequest
    app.wsgi_app = at_own_host(app.wsgi_app, assembled.public_url)  # type: ignore[method-assign, assignment]  # Flask says to
    app.config["MAX_CONTENT_LENGTH"] = LIMITS.form_bytes()
    app.config["MAX_FORM_MEMORY_SIZE"] = LIMITS.form_bytes()
    app.config["MAX_FORM_PARTS"] = FRONT.form_fields
    add_probes(app, assembled)
    install_same_face(app)
    app.before_request(begin_request)
    app.before_request(_bound_form)
    app.teardown_request(lambda _: end_request())


def _bound_form() -> None:
    """Refuse a form of too many fields or escapes before it is read: Werkzeug bounds fields of multipart only."""
    if request.mimetype != "application/x-www-form-urlencoded":
        return
    body = request.get_data(cache=True)
    if body.count(b"&") >= FRONT.form_fields or body.count(b"%") > FRONT.form_escapes:
        raise RequestEntityTooLarge


def incoming(field: str) -> Incoming:
    """The message in the current request. Raises a ``SamlError`` when there is not exactly one.

    HEAD is refused, though Flask lets it in beside GET: a look ahead must not use up a message.
    """
    if request.method == "HEAD":
        raise MalformedMessage("a message does not come by HEAD")
    form = request.form.items(multi=True) if request.method == "POST" else ()
    message_is_here()
    query = request.environ.get("QUERY_STRING", "")
    return read_incoming(query, form, field)


def deliver(delivery: Delivery, name: str) -> Response:
    """Send the browser on its way; ``name`` is the party it goes to, shown when a form must be posted."""
    if isinstance(delivery, Redirect):
        return see_other(delivery.url)
    page = render_template("relay.html", name=name, url=delivery.action, fields=dict(delivery.fields))
    return make_response(page)


def see_other(url: str) -> Response:
    """Go on with a GET of ``url``: one of our own, or where a delivery leads."""
    return Response(status=303, headers={"Location": url})


def xml(data: bytes, content_type: str) -> Response:
    """An XML answer that is not cached by whoever stands between."""
    return Response(data, content_type=content_type)


def published(assembled: Assembled, name: str) -> Response:
    """A document that this party publishes, or 304 to who has it."""
    data = assembled.documents.find(name)
    if data is None:
        return error_page(404, "niet-gevonden")
    response = xml(data, "application/samlmetadata+xml")
    response.add_etag()
    response.make_conditional(request.environ)
    return response


def soap_request() -> bytes | None:
    """The body of a SOAP request, None when its content type is not one of SOAP."""
    body = request.get_data(cache=False) if request.mimetype in ACCEPTED_TYPES else None
    message_is_here()
    return body


def soap_fault(code: str, text: str) -> Response:
    """A SOAP fault; SOAP 1.1 over HTTP sends it with status 500."""
    response = xml(fault(code, text), CONTENT_TYPE)
    response.status_code = 500
    return response


def resolve_artifact(assembled: Assembled, base: str, admit: Admit) -> Response:
    """Serve one ArtifactResolve at the listener with this base URL; ``admit`` see ``Artifacts.answer``."""
    body = soap_request()
    if body is None:
        return Response("text/xml is expected here\n", status=415, content_type="text/plain")
    try:
        answer = assembled.station.artifacts.answer(body, base + paths.ARS, admit)
    except SamlError as error:
        log.warning("artifact_resolve_refused", code=error.code, reason=str(error))
        return soap_fault("Client", "the ArtifactResolve was refused")
    return xml(answer, CONTENT_TYPE)


def error_page(status: int, code: str, reference: str | None = None) -> Response:
    """The page for a code of the catalogue of refusals, without a way back: nobody is proven."""
    language = current_language()
    words = refusal_text(language, code)
    page = render_template(
        "error.html",
        title=words.title,
        explanation=words.explanation,
        next_steps=words.next_steps,
        reference=reference,
        code=code,
        time=show_moment(system_clock(), language),
    )
    return make_response(page, status)


_WANDERED = frozenset({404, 405})
"""Statuses that say nothing about a message: no reference, and no line in the log for every scanner."""


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code = {404: "niet-gevonden", 413: "bericht-te-groot"}.get(status, "bericht-ongeldig")
    reference = None
    if status not in _WANDERED:
        reference = new_reference(secrets.token_bytes(5))
        log.warning("refused", reference=reference, code=code, reason=error.name)
    response = error_page(status, code, reference)
    if error.code == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or [])
    return response


def _unexpected(error: Exception) -> Response:
    return error_page(503, "storing", log_unexpected(error))


def log_unexpected(error: Exception) -> str:
    """Log a fault of ours; the reference under which it can be found."""
    # The text of an exception may quote what it choked on; only its type and place are logged.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    reference = new_reference(secrets.token_bytes(5))
    log.error(
        "unexpected_error",
        reference=reference,
        error=type(error).__name__,
        place=place,
        endpoint=request.endpoint,
    )
    return reference
