"""The back channel of the makelaar: artifacts for partners with a client certificate, on a listener of its own.

No screen, no cookie, nothing for browsers. Who ended TLS, we or a proxy, differs only in where the certificate is
found; whose it is, is judged the same (``exchange.client_certificates``).
"""

from collections.abc import Callable
from functools import partial
from ipaddress import ip_address
from typing import Any

import structlog
from flask import Flask
from flask import Response
from flask import request
from werkzeug.exceptions import HTTPException

from broker.assembly import paths
from broker.assembly.party import assemble
from broker.assembly.web import log_unexpected
from broker.assembly.web import prepare
from broker.assembly.web import resolve_artifact
from broker.exchange.client_certificates import ClientAuthorities
from broker.exchange.client_certificates import ClientCertificateRefused
from broker.exchange.forwarded_certificate import read_forwarded_certificate
from broker.makelaar.admission import Admission
from broker.makelaar.conformance import Conformance
from broker.makelaar.rehearsing import note_fetches
from broker.makelaar.sightings import sightings_of
from broker.saml.partner import Partner
from broker.settings import BACK_CHANNEL
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.conformance import SqlConformanceLog

log = structlog.get_logger()

Presented = Callable[[dict[str, Any]], bytes | None]
"""The client certificate (DER) of the request with this WSGI environment, None without one.

Raises ``ClientCertificateRefused`` for what cannot be one.
"""


def create_app(settings: Settings) -> Flask:
    """The application, ready to fork. Raises as ``assemble``, and ``UnusableTls``."""
    assembled = assemble(settings, MAKELAAR)
    app = Flask(BACK_CHANNEL, static_folder=None)
    prepare(app, assembled)
    note_fetches(assembled)
    presented = _forwarded(settings) if settings.back_channel == "proxy" else _of_this_connection(settings)
    admission = Admission(
        assembled, Conformance(SqlConformanceLog(assembled.engine)), sightings_of(assembled)
    )
    admit = partial(_admit, admission, ClientAuthorities.load(settings.client_bundle), presented)
    app.add_url_rule(
        paths.ARS,
        "artifact_resolution",
        lambda: resolve_artifact(assembled, settings.back_channel_address, admit),
        methods=["POST"],
    )
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    return app


def _admit(
    admission: Admission, authorities: ClientAuthorities, presented: Presented, partner: Partner
) -> None:
    try:
        admission.with_certificate(presented(request.environ), authorities, partner)
    except ClientCertificateRefused as refused:
        log.warning("client_certificate_refused", partner=partner.entity_id, reason=str(refused))
        raise


def _of_this_connection(settings: Settings) -> Presented:
    header = _environment_name(settings)

    def presented(environ: dict[str, Any]) -> bytes | None:
        if header in environ:
            log.warning("client_certificate_header_ignored", reason="TLS ends here, not at a proxy")
        der: bytes | None = environ["gunicorn.socket"].getpeercert(binary_form=True)
        return der

    return presented


def _forwarded(settings: Settings) -> Presented:
    header = _environment_name(settings)
    proxies = settings.back_channel_proxies

    def presented(environ: dict[str, Any]) -> bytes | None:
        value = environ.get(header)
        if value is None:
            return None
        # On the Unix socket there is no address: who may open the file may speak for its users.
        if settings.back_channel_socket is None:
            sender = ip_address(environ["REMOTE_ADDR"])
            if not any(sender in network for network in proxies):
                log.warning("client_certificate_header_ignored", reason="not from a proxy of ours")
                return None
        return read_forwarded_certificate(value)

    return presented


def _environment_name(settings: Settings) -> str:
    return "HTTP_" + settings.client_certificate_header.upper().replace("-", "_")


def _http_error(error: HTTPException) -> Response:
    return Response(f"{error.name}\n", status=error.code or 500, content_type="text/plain")


def _unexpected(error: Exception) -> Response:
    reference = log_unexpected(error)
    return Response(f"out of order, {reference}\n", status=503, content_type="text/plain")
