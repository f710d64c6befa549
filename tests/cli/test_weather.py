"""`makelaar weather`."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

from icalendar import Calendar

from broker.assembly.party import assemble
from broker.onboarding.jobs import remind_of_ends
from broker.ports.partner_index import IndexedExpiry
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from broker.storage.expiries import SqlExpiries
from broker.storage.outbox import SqlOutbox
from tests.cli.conftest import Installation


def spoiled(installation: Installation, days: int) -> None:
    """A certificate of the gemeente ends in so many days."""
    ends = datetime.now(UTC) + timedelta(days=days, hours=1)
    engine = make_engine(installation.settings.database(MAKELAAR))
    SqlExpiries(engine).replace(GEMEENTE.entity_id, [IndexedExpiry("signing", "1" * 64, "de naam", ends)])


def test_in_good_weather_nothing_ends(installation: Installation) -> None:
    result = installation.run("weather")

    assert result.exit_code == 0
    assert "Nothing ends within 90 days" in result.stdout


def test_ours_and_those_of_partners_are_shown(installation: Installation) -> None:
    spoiled(installation, 12)
    result = installation.run("weather", "--days", "2000")

    assert result.exit_code == 0
    assert "our key" in result.stdout
    assert "the certificate of the back channel" in result.stdout
    assert "Gemeente Voorbeeld" in result.stdout
    assert "de naam" in result.stdout


def test_what_has_ended_ends_the_command_with_one(installation: Installation) -> None:
    spoiled(installation, -2)
    result = installation.run("weather")

    assert result.exit_code == 1
    assert "-2" in result.stdout


def test_it_comes_as_a_calendar_and_as_a_metric(installation: Installation) -> None:
    spoiled(installation, 12)
    file = installation.data / "weather.ics"

    assert installation.run("weather", "--calendar", str(file)).exit_code == 0
    assert len(Calendar.from_ical(file.read_bytes()).walk("VEVENT")) == 1
    assert "makelaar_expires_days{" in installation.run("weather", "--metrics").stdout


def test_the_worker_thinks_of_each_mail_once(installation: Installation) -> None:
    spoiled(installation, 12)
    makelaar = assemble(installation.settings, MAKELAAR)
    outbox = SqlOutbox(makelaar.engine)
    now = datetime.now(UTC)

    remind_of_ends(makelaar, now)
    remind_of_ends(makelaar, now + timedelta(hours=1))
    assert [each.mail.subject.partition(":")[0] for each in outbox.latest()] == ["Gemeente Voorbeeld"]

    remind_of_ends(makelaar, now + timedelta(days=6))
    assert [each.mail.key.split(":")[1] for each in outbox.latest()] == ["7", "30"]
