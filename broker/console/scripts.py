"""The one script of the console, for passkeys, and the policy of the pages that may run it."""

from flask import current_app
from flask import g
from werkzeug.wrappers import Response

from broker.screens.headers import content_security_policy

SCRIPT = "passkey.js"


def with_script(response: Response) -> Response:
    """Let this page run scripts of our own address, and talk back to it."""
    g.runs_script = True
    return response


def restrict(response: Response) -> Response:
    """Set the policy of this page: forms go nowhere but here; a script runs only where a passkey is used."""
    own = content_security_policy(current_app.config["CONSOLE_URL"])
    parts = [part for part in own.split("; ") if not part.startswith("form-action")]
    parts.append("form-action 'self'")
    if g.get("runs_script"):
        parts += ["script-src 'self'", "connect-src 'self'"]
    response.headers["Content-Security-Policy"] = "; ".join(parts)
    return response
