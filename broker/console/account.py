"""One's own account: passkeys and password."""

import json

from flask import Flask
from flask import abort
from flask import jsonify
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from broker.console.access import requires
from broker.console.context import actor
from broker.console.context import begin_session
from broker.console.context import browser
from broker.console.context import console
from broker.console.context import current_operator
from broker.console.context import is_fresh
from broker.console.scripts import with_script
from broker.onboarding.operator_login import NotLoggedIn
from broker.onboarding.operators import OperatorRefused
from broker.ports.changes import OperatorRole
from broker.ports.operators import Operator


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/account", "account", account)
    app.add_url_rule("/account/password", "change_password", change_password, methods=["POST"])
    app.add_url_rule("/account/passkeys/options", "passkey_begin", passkey_begin, methods=["POST"])
    app.add_url_rule("/account/passkeys", "passkey_add", passkey_add, methods=["POST"])
    app.add_url_rule("/account/passkeys/remove", "passkey_remove", passkey_remove, methods=["POST"])


@requires(OperatorRole.VIEWER)
def account() -> str | Response:
    """The page of one's own account."""
    return _page()


@requires(OperatorRole.VIEWER, fresh=True)
def change_password() -> str | Response:
    """Change one's own password; sessions in other browsers end."""
    operator = _me()
    try:
        console().login.by_password(operator.username, request.form.get("current", ""))
        if request.form.get("password") != request.form.get("again"):
            raise OperatorRefused("differs", "again")
        console().operators.set_password(operator.username, request.form.get("password", ""), actor())
    except NotLoggedIn:
        return _page(OperatorRefused("current", "current"))
    except OperatorRefused as refused:
        return _page(refused)
    begin_session(console().operators.find(operator.username))
    return redirect(url_for("account", done="password"), 303)


@requires(OperatorRole.VIEWER)
def passkey_begin() -> Response:
    """What the browser needs to make a passkey."""
    if not is_fresh():
        abort(403)
    ceremony = console().passkeys.begin_adding(_me())
    browser()["new_challenge"] = ceremony.challenge
    return Response(ceremony.options, content_type="application/json")


@requires(OperatorRole.VIEWER)
def passkey_add() -> Response:
    """Keep the passkey that the browser made."""
    challenge = browser().pop("new_challenge", None)
    answer = request.get_json(silent=True)
    if not challenge or not isinstance(answer, dict) or not is_fresh():
        abort(400)
    try:
        console().passkeys.add(
            _me(), json.dumps(answer.get("credential")), challenge, str(answer.get("name", ""))
        )
    except OperatorRefused:
        abort(422)
    return jsonify(next=url_for("account", done="passkey"))


@requires(OperatorRole.VIEWER, fresh=True)
def passkey_remove() -> Response:
    """Forget one of one's passkeys."""
    console().passkeys.remove(_me(), request.form.get("id", ""))
    return redirect(url_for("account"), 303)


def _me() -> Operator:
    operator = current_operator()
    if operator is None:
        abort(403)
    return operator


def _page(error: OperatorRefused | None = None) -> Response:
    page = render_template(
        "account.html",
        error=error,
        passkeys=console().passkeys.of(_me()),
        done=request.args.get("done") if request.args.get("done") in ("password", "passkey") else None,
    )
    return with_script(make_response(page, 422 if error else 200))
