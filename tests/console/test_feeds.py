"""Certificate weather for programs, which cannot log in."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from broker.assembly.party import Assembled
from broker.onboarding.tokens import Tokens
from broker.onboarding.weather import addresses
from broker.onboarding.weather import weather
from broker.ports.partner_index import IndexedExpiry
from broker.ports.tokens import Scope
from broker.storage.expiries import SqlExpiries
from tests.console.conftest import CHIEF
from tests.console.conftest import Site


def test_the_calendar_is_served_at_its_address_and_the_metric_to_who_brings_a_token(
    site: Site, makelaar: Assembled
) -> None:
    ends = site.clock() + timedelta(days=12)
    SqlExpiries(makelaar.engine).replace("urn:x", [IndexedExpiry("signing", "1" * 64, "a", ends)])
    of_calendar, of_metric = (urlsplit(each).path for each in addresses(makelaar.settings))
    feed, metric = (
        site.client.get(of_calendar),
        site.client.get(of_metric, headers=bearer(site, Scope.WEATHER_READ)),
    )
    shown = weather(makelaar.engine, site.clock())
    SqlExpiries(makelaar.engine).replace("urn:x", [])  # other tests of the console share this makelaar

    assert feed.content_type == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(feed.data).walk("VEVENT")
    assert len(events) == len(shown)
    assert 'makelaar_expires_days{entity_id="urn:x",use="signing"} 12' in metric.text


def bearer(site: Site, scope: Scope) -> dict[str, str]:
    tokens = Tokens(site.assembled.engine, site.clock)
    _, text = tokens.make(f"test {len(tokens.list())}", [scope], CHIEF)
    return {"Authorization": f"Bearer {text}"}


def test_who_brings_no_token_of_that_scope_reads_no_metric(site: Site) -> None:
    site.log_in("anna")
    wrong = bearer(site, Scope.KEYS_READ)
    found = [site.client.get("/metrics", headers=each) for each in ({}, {"Authorization": "Bearer é"}, wrong)]

    assert [each.status_code for each in found] == [401, 401, 403]
    assert all("makelaar_expires_days" not in each.text for each in found)
    tokens = Tokens(site.assembled.engine, site.clock)
    made, text = tokens.make("prometheus", [Scope.WEATHER_READ], CHIEF)
    good = {"Authorization": f"Bearer {text}"}
    assert site.client.get("/metrics", headers=good).status_code == 200
    tokens.revoke(made.id, CHIEF)
    assert site.client.get("/metrics", headers=good).status_code == 401


@pytest.mark.parametrize(
    "path", ["/metrics/0", "/weather/calendar/é.ics", f"/weather/calendar/{'0' * 32}.ics"]
)
def test_who_guesses_finds_nothing(site: Site, path: str) -> None:
    assert site.client.get(path).status_code == 404
