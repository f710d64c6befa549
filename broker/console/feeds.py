"""Certificate weather for programs: a calendar and a metric.

A calendar cannot log in, so it has an address that only who was given it knows; Prometheus can, so it brings a token.
What both show is when things end, and of whom; nothing of people (docs/decisions/0041-who-reads-the-weather.md).
"""

import hmac

from flask import Flask
from flask import Response
from flask import abort
from flask import request

from broker.console.context import console
from broker.console.context import now
from broker.onboarding.tokens import Tokens
from broker.onboarding.weather import CALENDAR
from broker.onboarding.weather import METRICS
from broker.onboarding.weather import calendar
from broker.onboarding.weather import code_of
from broker.onboarding.weather import metrics
from broker.onboarding.weather import weather
from broker.ports.tokens import Scope


def add_to(app: Flask) -> None:
    """Give the application these addresses."""
    app.add_url_rule(f"{CALENDAR}/<code>.ics", "weather_calendar", weather_calendar)
    app.add_url_rule(METRICS, "weather_metrics", weather_metrics)


def weather_calendar(code: str) -> Response:
    """What ends soon, as an iCalendar feed."""
    expected = code_of(console().assembled.settings, CALENDAR)
    if not hmac.compare_digest(expected.encode(), code.encode()):
        abort(404)
    data = calendar(weather(console().assembled.engine, now()), now())
    return Response(data, content_type="text/calendar; charset=utf-8")


def weather_metrics() -> Response:
    """What ends soon, for Prometheus, which brings a token of the API with this scope."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    tokens = Tokens(console().assembled.engine, console().clock)
    token = tokens.find(text.strip()) if kind.lower() == "bearer" and text.isascii() else None
    if token is None or Scope.WEATHER_READ not in token.scopes:
        hint = "a token with this scope: makelaar token make prometheus --scope weather:read\n"
        status, challenge = (401, "Bearer") if token is None else (403, 'Bearer error="insufficient_scope"')
        return Response(hint, status, {"WWW-Authenticate": challenge}, content_type="text/plain")
    data = metrics(console().assembled.engine, now())
    return Response(data, content_type="text/plain; version=0.0.4; charset=utf-8")
