"""When an earlier login may stand for a new one: every level, dienstverlener, age and wish, as a table."""

from datetime import timedelta
from itertools import product

import pytest

from broker.domain.levels import LevelOfAssurance
from broker.domain.sessions import SignedOn
from broker.domain.sessions import Wanted
from broker.domain.sessions import may_be_kept
from broker.domain.sessions import may_serve
from tests.domain.builders import GEMEENTE
from tests.domain.builders import NOW
from tests.domain.builders import SECOND
from tests.domain.builders import WATERSCHAP

LOA1, LOA2, LOA2PLUS, LOA3, LOA4 = LevelOfAssurance
SAME = {(LOA1, LOA1), (LOA2, LOA1), (LOA2, LOA2)} | set(product((LOA2PLUS,), (LOA1, LOA2, LOA2PLUS)))
WITHIN_ONE = set(product((LOA3,), (LOA1, LOA2, LOA2PLUS, LOA3)))
"""(level of the session, level that is asked): what may be served anywhere, and at its own dienstverlener only."""

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("held", "asked"), list(product(LevelOfAssurance, repeat=2)))
@pytest.mark.parametrize("same_dienstverlener", [True, False], ids=["same DV", "other DV"])
@pytest.mark.parametrize("left", [2 * HOUR, SECOND, timedelta(0), -HOUR], ids=str)
@pytest.mark.parametrize("force_authn", [False, True], ids=["", "ForceAuthn"])
@pytest.mark.parametrize("sso_support", [True, False], ids=["SSOSupport", ""])
def test_the_table_of_single_sign_on(
    held: LevelOfAssurance,
    asked: LevelOfAssurance,
    same_dienstverlener: bool,
    left: timedelta,
    force_authn: bool,
    sso_support: bool,
) -> None:
    signed_on = SignedOn(held, GEMEENTE, NOW + left)
    wanted = Wanted(asked, GEMEENTE if same_dienstverlener else WATERSCHAP, force_authn, sso_support)

    allowed = SAME | WITHIN_ONE if same_dienstverlener else SAME
    expected = (held, asked) in allowed and left > timedelta(0) and not force_authn and sso_support
    assert may_serve(signed_on, wanted, NOW) is expected


@pytest.mark.parametrize(
    ("held", "asked", "served"),
    [(LOA4, LOA2, False), (LOA4, LOA4, False), (LOA3, LOA4, False), (LOA3, LOA3, True), (LOA2, LOA3, False)],
)
def test_the_highest_level_is_never_served_and_less_than_was_asked_neither(
    held: LevelOfAssurance, asked: LevelOfAssurance, served: bool
) -> None:
    wanted = Wanted(asked, GEMEENTE, force_authn=False, sso_support=True)
    assert may_serve(SignedOn(held, GEMEENTE, NOW + HOUR), wanted, NOW) is served


@pytest.mark.parametrize("level", list(LevelOfAssurance))
@pytest.mark.parametrize("sso_support", [True, False])
def test_a_login_is_kept_below_loa4_at_a_service_that_joined(
    level: LevelOfAssurance, sso_support: bool
) -> None:
    assert may_be_kept(level, sso_support=sso_support) is (sso_support and level is not LOA4)
