from broker.assembly.passwords import PasswordCheck
from broker.assembly.passwords import hash_password


def test_the_right_password_fits_and_another_does_not() -> None:
    known = hash_password("appel-fiets-wolk")
    assert PasswordCheck().fits("appel-fiets-wolk", known)
    assert not PasswordCheck().fits("appel-fiets-wolf", known)


def test_hashes_are_argon2id_with_a_salt_of_their_own() -> None:
    first, second = hash_password("appel"), hash_password("appel")
    assert first.startswith("$argon2id$")
    assert first != second


def test_nobodys_password_never_fits() -> None:
    assert not PasswordCheck().fits("", None)
    assert not PasswordCheck().fits("appel", None)


def test_a_hash_that_is_none_never_fits() -> None:
    assert not PasswordCheck().fits("appel", "not a hash")
