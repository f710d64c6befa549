"""How long it takes to connect django-digid-eherkenning to a makelaar that did not exist yet, and to log in."""

import time

import pytest

from broker.network.cast import BAKKERIJ
from tests.box import run_command
from tests.box import running_box
from tests.interop import site
from tests.interop.snippet_files import commands
from tests.reporting import Report
from tests.walker import Walker

pytestmark = [pytest.mark.interop, pytest.mark.slow]

_TITLE = "From an empty database to a login of django-digid-eherkenning"


class _Stopwatch:
    """Seconds of each step, one after the other."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, step: str) -> None:
        """The step that ends now."""
        now = time.perf_counter()
        self.laps[step] = now - self._since
        self._since = now


@pytest.mark.timeout(300)
def test_from_an_empty_database_it_is_checked_connected_and_logged_in_with_the_files_as_printed(
    report: Report,
) -> None:
    watch = _Stopwatch()
    with running_box() as box:
        watch.lap("1 makelaar run, from nothing")
        with site.running_site(box, "00000099000000005000", site.STOCK, site.from_snippet) as running:
            watch.lap("2 dv snippets, configure and start the site")
            check, add = commands(running.output.parent)

            checked = run_command(box.environment, *check)
            watch.lap("3 dv check")
            added = run_command(box.environment, *add)
            watch.lap("4 dv add")
            walker = Walker(box).open(running.login).relay()
            walker.choose_ad("werknemer").authenticate("werknemer")
            watch.lap("5 a test login")

            assert checked.returncode == 0, checked.stdout
            assert added.returncode == 0, added.stderr
            assert f"connected: {running.entity_id}" in added.stdout
            assert walker.url == f"{running.url}/"
            assert f"Logged in: RSIN {BAKKERIJ.rsin}" in walker.text
    for step, seconds in watch.laps.items():
        report(_TITLE, step=step, seconds=seconds)
    report(_TITLE, step="6 check, add and login together", seconds=sum(list(watch.laps.values())[2:5]))
