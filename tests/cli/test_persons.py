"""Listing whom one can log in as."""

import json

import pyotp

from tests.cli.conftest import Installation

FIELDS = {"username", "password", "totp_secret", "ad", "companies", "shows"}


def test_before_the_first_start_there_are_none(nothing: Installation) -> None:
    for arguments in (["persons"], ["persons", "--json"]):
        result = nothing.run(*arguments)

        assert result.exit_code == 1
        assert result.stdout == ""
        assert "Start once: makelaar run" in result.stderr


def test_scripts_get_everything_that_a_login_needs(installation: Installation) -> None:
    result = installation.run("persons", "--json")

    assert result.exit_code == 0
    known = {person["username"]: person for person in json.loads(result.stdout)}
    assert {"werknemer", "eigenaar", "zonder", "verlopen", "accountant"} <= set(known)
    from_abroad = {name: person for name, person in known.items() if ":EB:" in person["ad"]}
    assert {"prokurist", "burger", "grensarbeider", "toerist"} == set(from_abroad)
    assert not any(person["password"] or person["totp_secret"] for person in from_abroad.values())
    for person in known.values():
        assert set(person) >= FIELDS
        assert person["shows"]
    for person in (person for name, person in known.items() if name not in from_abroad):
        assert len(person["password"]) >= 12
        assert person["totp_secret"] is None or len(pyotp.TOTP(person["totp_secret"]).now()) == 6
        assert person["ad"].startswith("urn:etoegang:AD:")
    assert [len(known[name]["companies"]) for name in ("zonder", "werknemer", "eigenaar")] == [0, 1, 3]


def test_passwords_stay_the_same_and_differ_between_installations(installation: Installation) -> None:
    first, second = (json.loads(installation.run("persons", "--json").stdout) for _ in range(2))

    assert first == second
    passwords = [person["password"] for person in first if person["password"]]
    assert len(set(passwords)) == len(passwords) > 10


def test_people_get_it_in_lines_that_can_be_copied(installation: Installation) -> None:
    result = installation.run("persons")

    assert result.exit_code == 0
    for word in ("username", "werknemer", "Sleutel Voorbeeld", "Bakkerij De Proef"):
        assert word in result.output
    for person in json.loads(installation.run("persons", "--json").stdout):
        assert person["password"] in result.output
        assert (person["totp_secret"] or "") in result.output
