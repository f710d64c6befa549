"""One login for several services of one dienstverlener, from Gemeente Voorbeeld and back."""

import pytest

from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import GEMEENTE
from tests.box import Box
from tests.walker import Walker

CASES, TAXES, WITHOUT = 11, 12, 3


def stay(walker: Walker, username: str = "werknemer", service: int = CASES) -> Walker:
    """Log in, and choose to stay logged in."""
    walker.start(service).choose_ad(username)
    assert "stay" in walker.fields()
    return walker.authenticate(username, stay="1")


def is_logged_in(walker: Walker) -> bool:
    return walker.url.startswith(walker.box.url(GEMEENTE)) and "U bent ingelogd" in walker.text


@pytest.mark.rule("1.6.01", "10.01")
def test_the_second_service_asks_nothing(walker: Walker) -> None:
    assert is_logged_in(stay(walker))
    walker.start(TAXES).choose_ad("werknemer")
    assert is_logged_in(walker)
    assert "Belastingaanslag bekijken" in walker.text


def test_a_service_that_has_not_joined_asks_anew(walker: Walker, box: Box) -> None:
    stay(walker)
    walker.start(WITHOUT).choose_ad("werknemer")
    assert walker.url.startswith(box.url(AD_SLEUTEL))
    assert "password" in walker.fields()


def test_who_stops_at_the_list_and_chooses_again_may_be_somebody_else(walker: Walker, box: Box) -> None:
    stay(walker, "eigenaar")
    assert walker.fields() >= {"company"}
    walker.press("cancel").relay()
    assert "ad" in walker.fields(), "back at the list of the makelaar"
    walker.choose_ad("werknemer")
    assert walker.url.startswith(box.url(AD_SLEUTEL)), "not back at the same companies without a word"
    assert is_logged_in(walker.authenticate("werknemer"))


def test_another_authenticatiedienst_knows_nothing_of_it(walker: Walker, box: Box) -> None:
    stay(walker)
    walker.start(TAXES).choose_ad("medewerker")
    assert walker.url.startswith(box.url(AD_TOEGANG))
