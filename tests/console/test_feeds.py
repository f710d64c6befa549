"""Certificate weather for programs, which cannot log in."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from broker.assembly.party import Assembled
from broker.onboarding.weather import addresses
from broker.onboarding.weather import weather
from broker.ports.partner_index import IndexedExpiry
from broker.storage.expiries import SqlExpiries
from tests.console.conftest import Site


def test_the_calendar_and_the_metric_are_served_at_their_addresses(site: Site, makelaar: Assembled) -> None:
    ends = site.clock() + timedelta(days=12)
    SqlExpiries(makelaar.engine).replace("urn:x", [IndexedExpiry("signing", "1" * 64, "a", ends)])
    feed, metric = (site.client.get(urlsplit(each).path) for each in addresses(makelaar.settings))
    shown = weather(makelaar.engine, site.clock())
    SqlExpiries(makelaar.engine).replace("urn:x", [])  # other tests of the console share this makelaar

    assert feed.content_type == "text/calendar; charset=utf-8"
    events = Calendar.from_ical(feed.data).walk("VEVENT")
    assert len(events) == len(shown)
    assert 'makelaar_expires_days{entity_id="urn:x",use="signing"} 12' in metric.text


@pytest.mark.parametrize("path", ["/metrics/0", "/metrics/é", f"/weather/calendar/{'0' * 32}.ics"])
def test_who_guesses_finds_nothing(site: Site, path: str) -> None:
    assert site.client.get(path).status_code == 404
