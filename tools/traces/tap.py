"""A tap at the door of a party: it writes down each SAML message that comes in, and each that is handed out."""

import io
import zlib
from base64 import b64decode
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from lxml import etree

StartResponse = Callable[..., Callable[[bytes], object]]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

_MESSAGES = ("SAMLRequest", "SAMLResponse")


@dataclass(frozen=True, slots=True)
class Passing:
    """Something that passed a door.

    ``door`` is the name of the party whose door it is, ``way`` how it came (HTTP-POST, HTTP-Redirect, HTTP-Artifact,
    SOAP), ``message`` the XML of the question (None for an artifact, which holds none), ``answer`` that of a SOAP
    answer.
    """

    door: str
    way: str
    message: bytes | None
    answer: bytes | None = None


class Tap:
    """A WSGI application around that of a party."""

    def __init__(self, name: str, inner: WsgiApp, passed: list[Passing]) -> None:
        """``passed`` is shared by the taps of all parties, in order of arrival."""
        self._name = name
        self._inner = inner
        self._passed = passed

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve the request as the party would, and write down what it carried."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        if "xml" in environ.get("CONTENT_TYPE", ""):
            place = len(self._passed)
            answer = b"".join(self._inner(environ, start_response))
            # Put where the question came in: answering may have made the party ask others.
            self._passed.insert(place, Passing(self._name, "SOAP", body, answer))
            return [answer]
        if found := _carried(environ.get("QUERY_STRING", ""), body):
            self._passed.append(Passing(self._name, *found))
        return self._inner(environ, start_response)


def _carried(query: str, body: bytes) -> tuple[str, bytes | None] | None:
    """How a message came, and the message."""
    asked = dict(parse_qsl(query))
    posted = dict(parse_qsl(body.decode("utf-8", "replace")))
    for name in _MESSAGES:
        if name in posted:
            return "HTTP-POST", b64decode(posted[name])
        if name in asked:
            return "HTTP-Redirect", zlib.decompress(b64decode(asked[name]), wbits=-15)
    return ("HTTP-Artifact", None) if "SAMLart" in {**asked, **posted} else None


def issuer(message: bytes) -> str:
    """The Issuer of the first message in a document: who speaks."""
    found = etree.fromstring(message).find(".//{urn:oasis:names:tc:SAML:2.0:assertion}Issuer")
    return "" if found is None else (found.text or "")
