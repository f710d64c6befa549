"""Requests that no browser sends, made fit for a framework that falls over them.

Werkzeug raises for a query string that is no UTF-8, and for a Host of which a part is longer than 63 signs, before a
page of ours can say so.
"""

from collections.abc import Callable
from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import urlsplit

from flask import Request
from werkzeug.datastructures import MultiDict

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class AnyRequest(Request):
    """A request of anybody at all."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the query string, with a replacement sign for octets that are no UTF-8."""
        pairs = parse_qsl(self.query_string.decode("utf-8", "replace"), keep_blank_values=True)
        return self.parameter_storage_class(pairs)


def at_own_host(application: Wsgi, public_url: str) -> Wsgi:
    """The same application, to which every request names our own address as its Host.

    Nothing here looks at the Host: where we live is a setting. So whatever else stands there may not matter either.
    """
    host = urlsplit(public_url).netloc

    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return application({**environ, "HTTP_HOST": host}, start_response)

    return serve
