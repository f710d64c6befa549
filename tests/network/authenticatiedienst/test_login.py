from datetime import UTC
from datetime import datetime

import pyotp
import pytest

from broker.assembly.attempts import ALLOWED
from broker.assembly.attempts import Attempts
from broker.assembly.codes import Codes
from broker.assembly.name_hasher import NameHasher
from broker.assembly.passwords import PasswordCheck
from broker.assembly.passwords import hash_password
from broker.domain.identifiers import InternalPseudonym
from broker.domain.levels import LevelOfAssurance
from broker.network.authenticatiedienst.login import Login
from broker.network.authenticatiedienst.requests import LoginFlow
from broker.ports import Middel
from broker.storage.memory_state import MemoryStateStore

NOW = datetime(2026, 11, 22, 12, 0, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HASH = hash_password("appel-fiets-wolk")
FLOW = LoginFlow("hm", "_id", 1, None, "loa3", None, "dv", None)


class Middelen:
    """Middelen in memory."""

    def __init__(self, *middelen: Middel) -> None:
        self._kept = {middel.username: middel for middel in middelen}

    def save(self, middel: Middel) -> None:
        self._kept[middel.username] = middel

    def find(self, username: str) -> Middel | None:
        return self._kept.get(username.casefold())


def middel(username: str, level: LevelOfAssurance, secret: str | None) -> Middel:
    return Middel(username, HASH, secret, InternalPseudonym(username), level, "mr")


@pytest.fixture
def login() -> Login:
    state, names = MemoryStateStore(), NameHasher(b"secret")
    middelen = Middelen(
        middel("strong", LevelOfAssurance.LOA3, SECRET),
        middel("weak", LevelOfAssurance.LOA2, None),
        middel("broken", LevelOfAssurance.LOA3, None),
    )
    return Login(middelen, PasswordCheck(), Codes(state, names, lambda _: False), Attempts(state, names))


def code() -> str:
    return pyotp.TOTP(SECRET).at(NOW)


def notice(result: LoginFlow | Middel) -> str | None:
    assert isinstance(result, LoginFlow)
    return result.notice


def test_password_and_code_together_prove_the_middel(login: Login) -> None:
    result = login.try_password(FLOW, "strong", "appel-fiets-wolk", code(), NOW)
    assert isinstance(result, Middel)
    assert result.username == "strong"


def test_after_the_password_the_code_is_asked(login: Login) -> None:
    asked = login.try_password(FLOW, "Strong", "appel-fiets-wolk", "", NOW)
    assert isinstance(asked, LoginFlow)
    assert asked.proven == "strong"
    assert isinstance(login.try_code(asked, code(), NOW), Middel)


def test_a_wrong_password_and_an_unknown_username_look_the_same(login: Login) -> None:
    assert notice(login.try_password(FLOW, "strong", "wrong", "", NOW)) == "ad.error.credentials"
    assert notice(login.try_password(FLOW, "nobody", "wrong", "", NOW)) == "ad.error.credentials"


def test_a_code_without_a_proven_password_gets_nobody_in(login: Login) -> None:
    assert notice(login.try_code(FLOW, code(), NOW)) == "ad.error.form_expired"


def test_empty_fields_are_named(login: Login) -> None:
    assert notice(login.try_password(FLOW, "", "", "", NOW)) == "ad.error.missing"
    asked = login.try_password(FLOW, "strong", "appel-fiets-wolk", "", NOW)
    assert isinstance(asked, LoginFlow)
    assert notice(login.try_code(asked, "", NOW)) == "ad.error.otp_missing"


def test_a_middel_below_the_level_asked_is_told_so_after_it_was_proven(login: Login) -> None:
    result = login.try_password(FLOW, "weak", "appel-fiets-wolk", "", NOW)
    assert isinstance(result, LoginFlow)
    assert result.too_low == "loa2"


def test_a_middel_that_needs_a_code_but_has_no_secret_lets_nobody_in(login: Login) -> None:
    asked = login.try_password(FLOW, "broken", "appel-fiets-wolk", "", NOW)
    assert isinstance(asked, LoginFlow)
    assert notice(login.try_code(asked, code(), NOW)) == "ad.error.otp"


@pytest.mark.limit("attempts.ALLOWED")
def test_after_too_many_wrong_passwords_the_right_one_does_not_help(login: Login) -> None:
    for _ in range(ALLOWED):
        assert notice(login.try_password(FLOW, "strong", "wrong", "", NOW)) == "ad.error.credentials"
    assert notice(login.try_password(FLOW, "STRONG", "appel-fiets-wolk", code(), NOW)) == "ad.error.locked"


@pytest.mark.limit("attempts.ALLOWED")
def test_after_too_many_wrong_codes_the_right_one_does_not_help(login: Login) -> None:
    asked = login.try_password(FLOW, "strong", "appel-fiets-wolk", "", NOW)
    assert isinstance(asked, LoginFlow)
    for _ in range(ALLOWED):
        assert notice(login.try_code(asked, "000000", NOW)) == "ad.error.otp"
    assert notice(login.try_code(asked, code(), NOW)) == "ad.error.locked"


@pytest.mark.limit("attempts.ALLOWED")
def test_a_right_password_wipes_the_count(login: Login) -> None:
    for _ in range(2):
        for _ in range(ALLOWED - 1):
            login.try_password(FLOW, "weak", "wrong", "", NOW)
        assert notice(login.try_password(FLOW, "weak", "appel-fiets-wolk", "", NOW)) is None


def test_a_password_of_absurd_length_is_wrong_and_not_hashed_whole(login: Login) -> None:
    assert notice(login.try_password(FLOW, "strong", "a" * 2000, "", NOW)) == "ad.error.credentials"
