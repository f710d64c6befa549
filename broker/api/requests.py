"""From an HTTP request to a call: who asks, may they, and is what they send as the operation says."""

import hashlib
import json
import re
from datetime import timedelta
from typing import Any
from typing import Final

from flask import Request
from flask import Response
from pydantic import BaseModel
from pydantic import ValidationError

from broker.api.operations import PATTERNS
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.api.problems import CONTENT_TYPE
from broker.api.problems import Fault
from broker.api.problems import Problem
from broker.exchange.own import Clock
from broker.onboarding.tokens import Tokens
from broker.ports.tokens import ApiToken
from broker.ports.tokens import IdempotencyStore

_KEY = re.compile(r"[!-~]{1,255}")
_KEPT = timedelta(days=1)
_ABANDONED = timedelta(minutes=10)
_FAULTS_SHOWN = 50
_NO_TOKEN: Final = {"WWW-Authenticate": 'Bearer realm="makelaar"'}


def token_of(request: Request, tokens: Tokens, operation: Operation) -> ApiToken:
    """The token that came along, if it may do this. Raises ``Problem``."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    token = tokens.find(text.strip()) if kind.lower() == "bearer" and text.isascii() else None
    if token is None:
        detail = "send a token that is in force: Authorization: Bearer ... (makelaar token make)"
        raise Problem(401, detail, headers=dict(_NO_TOKEN))
    if operation.scope not in token.scopes:
        raise Problem(403, f"the token {token.name} has no scope {operation.scope}", "scope")
    return token


def path_of(request: Request) -> dict[str, str]:
    """The names in the path. Raises ``Problem`` for what cannot be one."""
    values = {name: str(value) for name, value in (request.view_args or {}).items()}
    for name, value in values.items():
        if re.fullmatch(PATTERNS[name], value) is None:
            raise Problem(404, "there is nothing at this address")
    return values


def query_of(request: Request, operation: Operation) -> BaseModel | None:
    """What stands behind the question mark. Raises ``Problem``."""
    values = dict(request.args.items(multi=True))
    if len(values) != len(list(request.args.items(multi=True))):
        raise Problem(400, "a parameter was given twice")
    if operation.query is None:
        if values:
            raise Problem(400, f"there is no such parameter here: {', '.join(sorted(values))[:200]}")
        return None
    try:
        return operation.query.model_validate_strings(values)
    except ValidationError as error:
        raise Problem(400, "a parameter is not as it should be", "parameter", _faults(error)) from None


def body_of(request: Request, operation: Operation) -> tuple[BaseModel | None, bytes]:
    """What was sent, and its bytes. Raises ``Problem``."""
    if (request.content_length or 0) > operation.maximum:
        raise Problem(413, f"at most {operation.maximum} bytes are taken here")
    request.max_content_length = operation.maximum
    data = request.get_data(cache=False)
    if operation.body is None:
        return None, data
    if request.mimetype != "application/json":
        raise Problem(415, "send JSON, with Content-Type: application/json")
    try:
        return operation.body.model_validate_json(data), data
    except ValidationError as error:
        if any(each["type"] == "json_invalid" for each in error.errors(include_url=False)):
            raise Problem(400, "the body is not JSON") from None
        raise Problem(422, "what was sent is not as it should be", "fields", _faults(error)) from None


def _faults(error: ValidationError) -> list[Fault]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [Fault(".".join(map(str, each["loc"])), each["msg"]) for each in found[:_FAULTS_SHOWN]]


class Repetition:
    """A POST that may come twice: the second time what was answered the first time, and nothing is done."""

    def __init__(
        self, store: IdempotencyStore, clock: Clock, token: ApiToken, request: Request, body: bytes
    ) -> None:
        """Raises ``Problem`` for a key that cannot be one."""
        self._store, self._token, self._clock = store, token, clock
        self._key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if self._key is not None and _KEY.fullmatch(self._key) is None:
            raise Problem(400, "an Idempotency-Key is 1 to 255 printable characters without space")
        digest = hashlib.sha256(f"{request.method} {request.full_path}\n".encode())
        digest.update(body)
        self._hash = digest.hexdigest()

    def before(self) -> Response | None:
        """What was answered before; None the first time. Raises ``Problem`` for another request with its key."""
        if self._key is None:
            return None
        now = self._clock()
        answered = self._store.begin(
            self._token.id, self._key, self._hash, now, now - _KEPT, now - _ABANDONED
        )
        if answered is None:
            return None
        if answered.request_hash != self._hash:
            raise Problem(422, "this Idempotency-Key was used for another request", "key-used")
        if answered.status is None or answered.body is None:
            raise Problem(409, "the first request with this Idempotency-Key is still under way", "under-way")
        kept: dict[str, Any] = json.loads(answered.body)
        headers = {**kept["headers"], "Idempotent-Replayed": "true"}
        return Response(kept["body"], answered.status, headers, content_type=kept["content_type"])

    def done(self, reply: Reply, status: int, body: str, *, once: bool) -> None:
        """Keep what is answered; of what may be told once only, not that."""
        if self._key is None:
            return
        content_type = reply.content_type
        if once:
            detail = "this was done, and what it answered is told once only"
            problem = Problem(409, detail, "told-once").response()
            status, body, content_type = problem.status_code, problem.get_data(as_text=True), CONTENT_TYPE
        kept = json.dumps({"headers": dict(reply.headers), "body": body, "content_type": content_type})
        self._store.finish(self._token.id, self._key, status, kept)

    def undone(self) -> None:
        """Nothing was done: the key may be used again."""
        if self._key is not None:
            self._store.forget(self._token.id, self._key)
