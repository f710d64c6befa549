"""The layer around the application of a party that misbehaves: what is asked on the back channel comes through here."""

import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from typing import Any
from typing import Final

from broker.assembly import paths
from broker.network.nasty.conduct import Conduct
from broker.network.nasty.lines import LINES
from broker.network.nasty.lines import Answer
from broker.network.nasty.lines import send
from broker.saml.errors import SamlError
from broker.saml.parsing import serialise
from broker.saml.soap import unwrap
from broker.saml.soap import wrap

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIApplication

_ARTIFACT: Final = re.compile(rb"<(?:\w+:)?Artifact(?:\s[^>]*)?>\s*([A-Za-z0-9+/=]+)\s*<")


class NastyLayer:
    """WSGI around WSGI."""

    def __init__(self, inner: "WSGIApplication", conduct: Conduct) -> None:
        """``inner`` makes the right answers."""
        self._inner = inner
        self._conduct = conduct

    def __call__(self, environment: dict[str, Any], start: "StartResponse", /) -> Iterable[bytes]:
        """Serve one request."""
        if environment["REQUEST_METHOD"] == "POST" and environment["PATH_INFO"] == paths.ARS:
            return self._resolve(environment, start)
        if environment["REQUEST_METHOD"] == "POST" and environment["PATH_INFO"] == paths.MR_CHAIN:
            return self._confirm(environment, start)
        return self._inner(environment, start)

    def _resolve(self, environment: dict[str, Any], start: "StartResponse") -> Iterable[bytes]:
        """An artifact is fetched: what happens was decided when it was given."""
        body = environment["wsgi.input"].read(int(environment.get("CONTENT_LENGTH") or 0))
        environment["wsgi.input"] = io.BytesIO(body)
        found = _ARTIFACT.search(body)
        what = self._conduct.on_line(found.group(1).decode()) if found else None
        if what is None:
            return self._inner(environment, start)
        answer = self._right_answer(environment)
        if what.name == "forgotten":
            # It was taken just now, so that this second time there is nothing.
            environment["wsgi.input"] = io.BytesIO(body)
            return self._inner(environment, start)
        return LINES[what.name](environment, start, answer)

    def _confirm(self, environment: dict[str, Any], start: "StartResponse") -> Iterable[bytes]:
        """A chain is to be confirmed: answer and line are one."""
        right = self._right_answer(environment)
        try:
            message = serialise(unwrap(right.body))
        except SamlError:
            return send(environment, start, right)
        given, line = self._conduct.answer(message, "chain", has_line=True)
        if line is not None:
            return LINES[line.name](environment, start, right)
        if given is message:
            return send(environment, start, right)
        body = wrap(given)
        headers = tuple(pair for pair in right.headers if pair[0].lower() != "content-length")
        answer = Answer(right.status, (*headers, ("Content-Length", str(len(body)))), body)
        return send(environment, start, answer)

    def _right_answer(self, environment: dict[str, Any]) -> Answer:
        told: list[tuple[str, tuple[tuple[str, str], ...]]] = []

        def hear(status: str, headers: list[tuple[str, str]], _fault: object = None) -> Any:
            told.append((status, tuple(headers)))
            return lambda _data: None

        parts = self._inner(environment, hear)
        try:
            body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        return Answer(*told[-1], body)
