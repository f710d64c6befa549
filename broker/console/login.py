"""Logging in and out: by password and code, by passkey, and for the first time with an enrolment link."""

import json

import segno
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
from broker.console.access import wanted_page
from broker.console.context import begin_session
from broker.console.context import browser
from broker.console.context import console
from broker.console.context import current_operator
from broker.console.context import end_session
from broker.console.context import proof_of
from broker.console.context import prove_again
from broker.console.scripts import with_script
from broker.onboarding.operator_login import LoginRefused
from broker.onboarding.operator_login import NotLoggedIn
from broker.onboarding.operators import OperatorRefused
from broker.onboarding.operators import UnknownOperator
from broker.onboarding.operators import new_second_factor
from broker.onboarding.operators import provisioning
from broker.ports.changes import OperatorRole
from broker.ports.operators import Operator


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    both = ["GET", "POST"]
    app.add_url_rule("/login", "login", login, methods=both)
    app.add_url_rule("/login/code", "login_code", login_code, methods=both)
    app.add_url_rule("/login/second-factor", "second_factor", second_factor, methods=both)
    app.add_url_rule("/login/passkey", "login_passkey", login_passkey, methods=["POST"])
    app.add_url_rule("/login/passkey/options", "login_passkey_options", passkey_options, methods=["POST"])
    app.add_url_rule("/enrol/<token>", "enrol", enrol, methods=both)
    app.add_url_rule("/confirm", "confirm", confirm, methods=both)
    app.add_url_rule("/logout", "logout", logout, methods=["POST"])


def login() -> str | Response:
    """Ask for username and password."""
    if request.method == "GET":
        return redirect(wanted_page(), 303) if current_operator() else _login_page()
    username, password = request.form.get("username", ""), request.form.get("password", "")
    try:
        operator = console().login.by_password(username, password)
    except NotLoggedIn as refused:
        page = _login_page(f"console.error.{refused.why}", username)
        page.status_code = _status(refused)
        return page
    return _half_way(operator, wanted_page())


def login_code() -> str | Response:
    """Ask for the code that goes with the password."""
    operator = _who_is_half_way()
    if operator is None or operator.totp_secret is None:
        return redirect(url_for("login"), 303)
    if request.method == "GET":
        return render_template("code.html", error=None)
    try:
        console().login.by_code(operator, request.form.get("code", ""))
    except NotLoggedIn as refused:
        page = render_template("code.html", error=f"console.error.{refused.why}")
        return make_response(page, _status(refused))
    return _let_in(operator)


def second_factor() -> str | Response:
    """Set up an authenticator: show its secret, and keep it once its first code was right."""
    operator = _who_is_half_way()
    if operator is None or operator.totp_secret is not None:
        return redirect(url_for("login"), 303)
    here = browser()
    if "new_secret" not in here:
        here["new_secret"] = new_second_factor(operator)[0]
    secret: str = here["new_secret"]
    if request.method == "GET":
        return _second_factor_page(operator, secret)
    try:
        console().login.new_code(operator, secret, request.form.get("code", ""))
    except NotLoggedIn as refused:
        page = _second_factor_page(operator, secret, f"console.error.{refused.why}")
        return make_response(page, _status(refused))
    console().operators.set_second_factor(operator.username, secret)
    return _let_in(console().operators.find(operator.username))


def enrol(token: str) -> str | Response:
    """Choose the first password, by a link that works once."""
    try:
        operator = console().operators.of_link(token)
        if request.method == "GET":
            return render_template("enrol.html", invited=operator, error=None)
        if request.form.get("password") != request.form.get("again"):
            raise OperatorRefused("differs", "again")
        enrolled = console().operators.enrol(token, request.form.get("password", ""))
    except UnknownOperator:
        return make_response(render_template("link_gone.html"), 410)
    except OperatorRefused as refused:
        page = render_template("enrol.html", invited=operator, error=refused)
        return make_response(page, 422)
    return _half_way(enrolled, url_for("dashboard"))


def passkey_options() -> Response:
    """What the browser needs to use a passkey, for whoever may have one."""
    ceremony = console().passkeys.begin_login()
    browser()["challenge"] = ceremony.challenge
    return _json(ceremony.options)


def login_passkey() -> Response:
    """Log in, or prove oneself again, with the answer of a passkey."""
    challenge = browser().pop("challenge", None)
    answer = request.get_json(silent=True)
    if not challenge or not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
        abort(400)
    try:
        operator = console().passkeys.log_in(answer["id"], json.dumps(answer), challenge)
    except OperatorRefused:
        abort(403)
    here = current_operator()
    if here is None:
        begin_session(operator, passkey=answer["id"])
    elif here.username == operator.username:
        prove_again()
    else:
        abort(403)
    return jsonify(next=wanted_page())


@requires(OperatorRole.VIEWER)
def confirm() -> str | Response:
    """Ask who is here for a new proof, before something that cannot be undone."""
    operator = current_operator()
    if operator is None:
        abort(403)
    error = None
    if request.method == "POST":
        try:
            console().login.by_code(operator, request.form.get("code", ""))
        except NotLoggedIn as refused:
            error = refused
        else:
            prove_again()
            return redirect(wanted_page(), 303)
    page = render_template(
        "confirm.html",
        error=error and f"console.error.{error.why}",
        next=wanted_page(),
        posted="posted" in request.args,
        has_code=operator.totp_secret is not None,
        has_passkey=bool(console().passkeys.of(operator)),
    )
    return with_script(make_response(page, _status(error) if error else 200))


def logout() -> Response:
    """End the session, here and in the store."""
    end_session()
    return redirect(url_for("login", left=1), 303)


def _login_page(error: str | None = None, username: str = "") -> Response:
    page = render_template(
        "login.html", error=error, username=username, next=wanted_page(), left="left" in request.args
    )
    return with_script(make_response(page))


def _half_way(operator: Operator, next_page: str) -> Response:
    """The password was right; what comes next is the second factor. Under a new session id from here on."""
    here = browser()
    here.renew()
    here["half_way"] = operator.username
    here["proof"] = proof_of(operator)
    here["next"] = next_page
    return redirect(url_for("login_code" if operator.totp_secret else "second_factor"), 303)


def _who_is_half_way() -> Operator | None:
    """Whose password was right, as long as it is still the password, and the second factor is what it was."""
    username = browser().get("half_way")
    operator = None if username is None else console().operators.store.find(username)
    if operator is None or operator.disabled_at is not None or browser().get("proof") != proof_of(operator):
        return None
    return operator


def _let_in(operator: Operator) -> Response:
    next_page = str(browser().get("next") or url_for("dashboard"))
    begin_session(operator)
    return redirect(next_page, 303)


def _second_factor_page(operator: Operator, secret: str, error: str | None = None) -> str:
    code = segno.make(provisioning(operator, secret), micro=False)
    drawing = code.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True)
    in_fours = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return render_template("second_factor.html", drawing=drawing, secret=in_fours, error=error)


def _status(refused: NotLoggedIn) -> int:
    return 429 if refused.why is LoginRefused.LOCKED else 422


def _json(text: str) -> Response:
    return Response(text, content_type="application/json")
