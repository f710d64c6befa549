"""The operators: who they are, what they may do, and inviting new ones."""

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
from broker.onboarding.operators import OperatorRefused
from broker.onboarding.operators import UnknownOperator
from broker.ports.changes import OperatorRole
from broker.ports.operators import Operator


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/operators", "operators", operators)
    app.add_url_rule("/operators", "operator_add", add, methods=["POST"])
    app.add_url_rule("/operators/<username>", "operator_change", change, methods=["POST"])


@requires(OperatorRole.VIEWER)
def operators() -> str | Response:
    """Who may operate the makelaar."""
    return _page()


@requires(OperatorRole.APPROVER, fresh=True)
def add() -> str | Response:
    """Add an operator, and show the link to hand over."""
    try:
        role = OperatorRole(request.form.get("role", ""))
        added, token = console().operators.add(
            request.form.get("username", ""), request.form.get("name", ""), role, actor()
        )
    except ValueError:
        return _page(OperatorRefused("role", "role"))
    except OperatorRefused as refused:
        return _page(refused)
    return _page(invited=added, token=token)


@requires(OperatorRole.APPROVER, fresh=True)
def change(username: str) -> str | Response:
    """Disable somebody, give them another role, or invite them again."""
    service, asked = console().operators, request.form.get("do")
    try:
        if asked == "disable":
            service.disable(username, actor())
        elif asked == "invite":
            token = service.invite_again(username, actor())
            return _page(invited=service.find(username), token=token)
        elif asked == "role":
            service.give_role(username, OperatorRole(request.form.get("role", "")), actor())
        else:
            abort(400)
    except UnknownOperator:
        abort(404)
    except ValueError:
        abort(400)
    except OperatorRefused as refused:
        return _page(refused)
    return redirect(url_for("operators"), 303)


def _page(
    error: OperatorRefused | None = None, invited: Operator | None = None, token: str | None = None
) -> Response:
    page = render_template(
        "operators.html",
        operators=console().operators.all(),
        roles=list(OperatorRole),
        error=error,
        typed=request.form,
        invited=invited,
        link=console().assembled.settings.console_address + url_for("enrol", token=token) if token else None,
    )
    return make_response(page, 422 if error else 200)
