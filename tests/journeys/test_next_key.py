"""The behaviour test with our next key over HTTP: who has our new metadata lets people in, who has not is found out."""

from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.storage.engine import make_engine
from broker.storage.registry import SqlRegistry
from tests.box import Box
from tests.journeys.own_keys import everybody_has
from tests.journeys.own_keys import keys
from tests.journeys.own_keys import next_key
from tests.journeys.own_keys import published
from tests.journeys.own_keys import wait_until
from tests.keys import certificate
from tests.walker import Walker

NEXT = "signing-tried"
KIND = "next-key"


def judged(box: Box, seen: str) -> tuple[str, str]:
    """What a person who logs in during the test is shown, and what the page of the test says of what they saw."""
    started = box.command("dv", "rehearse", GEMEENTE.entity_id, KIND)
    assert started.returncode == 0, started.stderr
    walker = Walker(box).open(started.stdout.strip())
    shown = walker.log_in("werknemer", 1).text
    return shown, walker.open(started.stdout.strip()).press("saw", seen=seen).text


def test_who_does_not_know_the_key_that_we_announced_is_found_out_before_the_switch(box: Box) -> None:
    nothing_yet = box.command("dv", "rehearse", GEMEENTE.entity_id, KIND)
    assert (nothing_yet.returncode, "makelaar keys announce" in nothing_yet.stderr) == (1, True)

    engine = make_engine(box.settings.database(GEMEENTE))
    registry = SqlRegistry(engine)
    before = registry.find(MAKELAAR.entity_id)
    assert before is not None
    both = [*published(box), certificate(NEXT).key_name]
    with next_key(box, NEXT):
        keys(box, "announce", NEXT)
        wait_until(lambda: published(box) == both and everybody_has(box, both), "both keys everywhere")
        after = registry.find(MAKELAAR.entity_id)
        assert after is not None

        registry.save(before)  # as one that reads our metadata seldom
        page, verdict = judged(box, "error-page")
        assert "Het antwoord kan niet worden gebruikt" in page
        assert "Fout: dit moet" in verdict
        assert "U bent ingelogd" in Walker(box).log_in("werknemer", 1).text, "an ordinary login does"

        registry.save(after)
        page, verdict = judged(box, "logged-in")
        assert "U bent ingelogd" in page
        assert "Goed: zo hoort het." in verdict
    engine.dispose()
