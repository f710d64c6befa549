"""What is watched: certificates that end, and the tokens of programs."""

from flask import Flask
from flask import abort
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from broker.console.access import requires
from broker.console.context import actor
from broker.console.context import console
from broker.console.context import now
from broker.onboarding.tokens import Tokens
from broker.onboarding.tokens import UnknownToken
from broker.onboarding.weather import weather
from broker.ports.changes import OperatorRole
from broker.ports.tokens import Scope
from broker.ports.tokens import TokenTaken


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/weather", "weather", show_weather)
    app.add_url_rule("/tokens", "tokens", tokens)
    app.add_url_rule("/tokens", "token_make", make, methods=["POST"])
    app.add_url_rule("/tokens/revoke", "token_revoke", revoke, methods=["POST"])


@requires(OperatorRole.VIEWER)
def show_weather() -> str | Response:
    """Everything that ends within three months, of us and of every partner."""
    return render_template("weather.html", endings=weather(console().assembled.engine, now()))


@requires(OperatorRole.VIEWER)
def tokens() -> str | Response:
    """The tokens with which programs use the API."""
    return _page()


@requires(OperatorRole.APPROVER, fresh=True)
def make() -> str | Response:
    """Make a token, and show it once."""
    try:
        scopes = [Scope(each) for each in request.form.getlist("scope")]
        made, text = _tokens().make(
            request.form.get("name", ""), scopes, actor(), int(request.form.get("days", ""))
        )
    except TokenTaken:
        return _page("token_taken")
    except ValueError:
        return _page("token")
    return _page(text=text, name=made.name)


@requires(OperatorRole.APPROVER, fresh=True)
def revoke() -> str | Response:
    """End a token at once."""
    try:
        _tokens().revoke(request.form.get("id", ""), actor())
    except UnknownToken:
        abort(404)
    return redirect(url_for("tokens"), 303)


def _tokens() -> Tokens:
    return Tokens(console().assembled.engine, console().clock)


def _page(error: str | None = None, text: str | None = None, name: str = "") -> Response:
    page = render_template(
        "tokens.html",
        tokens=_tokens().list(),
        scopes=list(Scope),
        error=error,
        text=text,
        name=name,
        typed=request.form,
        chosen=request.form.getlist("scope"),
        at=now(),
    )
    return make_response(page, 422 if error else 200)
