"""The behaviour test with our next key over HTTP: who has our new metadata lets people in."""

from broker.settings import GEMEENTE
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


def test_who_has_our_new_metadata_lets_people_in_with_the_key_that_we_announced(box: Box) -> None:
    nothing_yet = box.command("dv", "rehearse", GEMEENTE.entity_id, KIND)
    assert (nothing_yet.returncode, "makelaar keys announce" in nothing_yet.stderr) == (1, True)

    both = [*published(box), certificate(NEXT).key_name]
    with next_key(box, NEXT):
        keys(box, "announce", NEXT)
        wait_until(lambda: published(box) == both and everybody_has(box, both), "both keys everywhere")
        started = box.command("dv", "rehearse", GEMEENTE.entity_id, KIND)
        assert started.returncode == 0, started.stderr
        walker = Walker(box).take_part(started.stdout.strip())
        assert "U bent ingelogd" in walker.log_in("werknemer", 1).text
        page = walker.open(started.stdout.strip()).press("saw", seen="logged-in").text
        assert "Goed: zo hoort het." in page
