"""What an operator chose for a partner survives being kept."""

import json

import pytest

from broker.domain.connection import EVERY_TOLERANCE
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.domain.connection import Tolerance
from broker.domain.levels import LevelOfAssurance

CHOSEN = Connection(
    profile=Profile.SAML,
    tolerances=EVERY_TOLERANCE - {Tolerance.ACS_URL},
    mutual_tls=True,
    encrypt_assertion=False,
    attribute_names={"KvKnr": "kvk"},
    contexts={"urn:example:strong": LevelOfAssurance.LOA3},
    subject="uid",
    register="urn:etoegang:MR:00000099000000003000:entities:9001",
    name="Onze organisatie",
)


@pytest.mark.parametrize("connection", [STANDARD, CHOSEN])
def test_what_was_chosen_is_read_back(connection: Connection) -> None:
    assert Connection.from_json(connection.to_json()) == connection


def test_the_standard_is_kept_as_nothing() -> None:
    assert STANDARD.to_json() == "{}"


def test_what_a_newer_version_chose_is_ignored() -> None:
    text = json.dumps({"tolerances": ["of-a-newer-version", "acs-url"], "unheard": 1})
    assert Connection.from_json(text) == Connection(tolerances=EVERY_TOLERANCE - {Tolerance.ACS_URL})


def test_a_tolerance_that_is_added_later_is_let_through() -> None:
    assert "acs-url" not in STANDARD.to_json()
    assert all(STANDARD.tolerates(tolerance) for tolerance in Tolerance)


@pytest.mark.parametrize("text", ['{"profile": "2.0"}', '{"contexts": {"urn:x": "loa9"}}', "not json"])
def test_nonsense_is_an_error(text: str) -> None:
    with pytest.raises(ValueError):
        Connection.from_json(text)
