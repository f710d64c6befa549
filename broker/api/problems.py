"""What goes wrong, as problem+json (RFC 9457): a kind that stays the same, and in words what to do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from http import HTTPStatus

import structlog
from flask import Response
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from broker.assembly.web import log_unexpected
from broker.onboarding.actors import NotAllowed
from broker.onboarding.gate import NotNow
from broker.onboarding.gate import Overtaken
from broker.onboarding.key_refused import PASSED_OVER
from broker.onboarding.key_refused import KeyRefused
from broker.ports import StateStoreUnavailable
from broker.saml.findings import DocumentRefused

log = structlog.get_logger()

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where (a field, or a document with its line), what, and by which rule."""

    where: str
    reason: str
    rule: str = ""


@dataclass(slots=True)
class Problem(Exception):
    """Why a request is not carried out. ``detail`` says what to do."""

    status: int
    detail: str
    kind: str = ""
    faults: Sequence[Fault] = ()
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The answer for the program."""
        body: dict[str, object] = {
            "type": f"urn:openmakelaar:problem:{self.kind or _kind(self.status)}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.faults:
            body["errors"] = [
                {"where": each.where, "reason": each.reason, "rule": each.rule} for each in self.faults
            ]
        return Response(
            json.dumps(body, ensure_ascii=False), self.status, self.headers, content_type=CONTENT_TYPE
        )


_KINDS = {
    400: "malformed",
    401: "no-token",
    403: "not-allowed",
    404: "not-found",
    405: "method",
    406: "accept",
    409: "conflict",
    412: "changed-meanwhile",
    413: "too-large",
    415: "content-type",
    422: "refused",
    503: "not-available",
}


_OF_KEYS = {"unknown": 404, "name": 422, "partner": 422}
"""The status of a ``KeyRefused`` by its code, where it is not that it cannot be done now."""


def _kind(status: int) -> str:
    return _KINDS.get(status, "fault")


def as_problem(error: Exception) -> Problem:
    """What to answer when a service, Flask or something unforeseen raised this."""
    match error:
        case Problem():
            return error
        case DocumentRefused():
            faults = [
                Fault(
                    f"{each.document}, line {each.line}" if each.line else each.document,
                    each.reason,
                    each.rule,
                )
                for each in error.findings
            ]
            return Problem(422, "refused; nothing was changed. Mend the errors.", "refused", faults)
        case NotAllowed():
            return Problem(403, str(error))
        case KeyRefused():
            way_on = ' Or send "anyway": true.' if error.code in PASSED_OVER else ""
            return Problem(_OF_KEYS.get(error.code, 409), f"{error}{way_on}", f"key-{error.code}")
        case NotNow() | Overtaken():
            return Problem(409, str(error))
        case LookupError() if type(error) not in (KeyError, IndexError):
            return Problem(404, str(error))
        case HTTPException():
            return _of_http(error)
        case StateStoreUnavailable() | OperationalError():
            log_unexpected(error)
            return Problem(503, "a store does not answer; try again later", headers={"Retry-After": "10"})
        case _:
            reference = log_unexpected(error)
            return Problem(500, f"a fault of ours; it is in the log under {reference}")


def _of_http(error: HTTPException) -> Problem:
    status = error.code or 500
    if status not in _KINDS:
        status = 400 if status < 500 else 500
    detail = {404: "there is nothing at this address", 413: "the request is too large"}.get(
        status, error.name.lower()
    )
    headers = {}
    if status == 405:
        headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
    return Problem(status, detail, headers=headers)
