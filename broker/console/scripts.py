"""The one script of the console, for passkeys, and the policy of the pages: what they run, and where forms lead."""

from flask import current_app
from flask import g
from werkzeug.wrappers import Response

from broker.screens.headers import content_security_policy

SCRIPT = "passkey.js"


def with_script(response: Response) -> Response:
    """Let this page run scripts of our own address, and talk back to it."""
    g.runs_script = True
    return response


def leads_to(url: str) -> None:
    """Let forms of this page lead on to this address of ours, at which a test login begins."""
    g.forms_lead_to = url


def restrict(response: Response) -> Response:
    """Set the policy of this page: forms go nowhere but here; a script runs only where a passkey is used.

    A form that is answered with the address of a test login leads to the makelaar, which has an origin of its own.
    """
    own = content_security_policy(current_app.config["CONSOLE_URL"])
    parts = [part for part in own.split("; ") if not part.startswith("form-action")]
    parts.append(" ".join(["form-action 'self'", *filter(None, [g.get("forms_lead_to")])]))
    if g.get("runs_script"):
        parts += ["script-src 'self'", "connect-src 'self'"]
    response.headers["Content-Security-Policy"] = "; ".join(parts)
    return response
