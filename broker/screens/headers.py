"""The security headers of every answer a party gives."""

from collections.abc import Mapping

from werkzeug.wrappers import Response

from broker.screens.public_url import is_https

_TWO_YEARS = 63_072_000


def content_security_policy(public_url: str) -> str:
    """The policy for pages of the party at ``public_url`` (CSP level 3): our own stylesheet, and forms.

    Forms go to partners over https, wherever those are; on a development machine also to other ports of
    localhost.
    """
    destinations = "'self' https:" if is_https(public_url) else "'self' https: http://localhost:*"
    return "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self'",
            f"form-action {destinations}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        )
    )


def security_headers(public_url: str) -> Mapping[str, str]:
    """The headers every answer carries; ``ValueError`` for a public URL neither https nor localhost."""
    headers = {
        "Content-Security-Policy": content_security_policy(public_url),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
    }
    if is_https(public_url):
        headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS}"
    return headers


def harden(response: Response, headers: Mapping[str, str]) -> Response:
    """Add ``headers`` to ``response``; what a view chose itself stays.

    An answer may not be stored unless its view said so, as the stylesheet does (SAML bindings 3.4.5.1 and
    3.5.5.1).
    """
    # One look at what is there: asking werkzeug for each name walks the whole list each time.
    chosen = {name.lower() for name, _ in response.headers}
    missing = [(name, value) for name, value in headers.items() if name.lower() not in chosen]
    if "cache-control" not in chosen:
        missing += [("Cache-Control", "no-cache, no-store"), ("Pragma", "no-cache")]
    for name, value in missing:
        response.headers.add(name, value)
    return response
