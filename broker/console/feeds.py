"""Certificate weather for programs: a calendar and a metric, at addresses that only who was given them knows.

A calendar cannot log in. What it shows is when things end, and of whom; nothing of people.
"""

import hmac

from flask import Flask
from flask import Response
from flask import abort

from broker.console.context import console
from broker.console.context import now
from broker.onboarding.weather import CALENDAR
from broker.onboarding.weather import METRICS
from broker.onboarding.weather import calendar
from broker.onboarding.weather import code_of
from broker.onboarding.weather import metrics
from broker.onboarding.weather import weather


def add_to(app: Flask) -> None:
    """Give the application these addresses."""
    app.add_url_rule(f"{CALENDAR}/<code>.ics", "weather_calendar", weather_calendar)
    app.add_url_rule(f"{METRICS}/<code>", "weather_metrics", weather_metrics)


def weather_calendar(code: str) -> Response:
    """What ends soon, as an iCalendar feed."""
    _require(CALENDAR, code)
    data = calendar(weather(console().assembled.engine, now()), now())
    return Response(data, content_type="text/calendar; charset=utf-8")


def weather_metrics(code: str) -> Response:
    """What ends soon, for Prometheus."""
    _require(METRICS, code)
    data = metrics(console().assembled.engine, now())
    return Response(data, content_type="text/plain; version=0.0.4; charset=utf-8")


def _require(purpose: str, code: str) -> None:
    expected = code_of(console().assembled.settings, purpose)
    if not hmac.compare_digest(expected.encode(), code.encode()):
        abort(404)
