"""The first page, which says what needs attention, and the history of everything."""

from datetime import timedelta

from flask import Flask
from flask import render_template
from werkzeug.wrappers import Response

from broker.console.access import requires
from broker.console.context import console
from broker.console.context import now
from broker.onboarding.attention import Attention
from broker.ports.changes import OperatorRole
from broker.storage.outcomes import SqlCounts
from broker.storage.overview import SqlOverview

_SOON = timedelta(days=30)
_HISTORY = 100


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/", "dashboard", dashboard)
    app.add_url_rule("/history", "history", history)


@requires(OperatorRole.VIEWER)
def dashboard() -> str | Response:
    """What needs attention, and how many partners there are."""
    engine = console().assembled.engine
    attention, latest = Attention(engine).now(now(), _SOON), console().changes.latest(limit=8)
    about = [ending.entity_id for ending in attention.endings]
    about += [fetch.entity_id for fetch in attention.failing]
    return render_template(
        "dashboard.html",
        attention=attention,
        counts=SqlCounts(engine).partners(),
        latest=latest,
        names=SqlOverview(engine).names([*about, *(each.subject for each in latest)]),
    )


@requires(OperatorRole.VIEWER)
def history() -> str | Response:
    """The latest changes of everything."""
    changes = console().changes.latest(limit=_HISTORY)
    names = SqlOverview(console().assembled.engine).names(each.subject for each in changes)
    return render_template("history.html", changes=changes, names=names)
