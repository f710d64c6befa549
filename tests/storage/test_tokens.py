"""Tokens, what was answered under an Idempotency-Key, and why services have their level: on both databases."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from broker.ports.changes import Change
from broker.ports.changes import OperatorRole
from broker.ports.tokens import Answered
from broker.ports.tokens import ApiToken
from broker.ports.tokens import Scope
from broker.ports.tokens import TokenTaken
from broker.storage.changes import SqlChangeLog
from broker.storage.rationales import SqlRationales
from broker.storage.tokens import SqlIdempotency
from broker.storage.tokens import SqlTokens

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TOKEN = ApiToken("1", "deploy", frozenset({Scope.CHECKS_WRITE}), "cli:a", NOW, NOW + timedelta(days=1))
MADE = Change(NOW, "cli:a", "token-made", "token:deploy")


def test_a_token_is_found_by_its_hash_and_made_revoked_and_noted_with_history(engine: Engine) -> None:
    store = SqlTokens(engine)
    store.add(TOKEN, "hash", MADE)
    assert store.by_hash("hash") == TOKEN
    assert store.by_hash("another") is None

    store.note_use("1", LATER)
    assert store.revoke("1", replace(MADE, at=LATER, what="token-revoked"))
    assert not store.revoke("1", MADE)

    (kept,) = store.list()
    assert (kept.last_used_at, kept.revoked_at) == (LATER, LATER)
    assert [each.what for each in SqlChangeLog(engine).of("token:deploy")] == ["token-revoked", "token-made"]


def test_a_name_is_of_one_token_at_a_time(engine: Engine) -> None:
    store = SqlTokens(engine)
    store.add(TOKEN, "hash", MADE)
    with pytest.raises(TokenTaken):
        store.add(replace(TOKEN, id="2"), "other", MADE)

    after = replace(TOKEN, id="3", created_at=TOKEN.expires_at, expires_at=TOKEN.expires_at + timedelta(1))
    store.add(after, "third", MADE)

    assert [each.id for each in store.list()] == ["3", "1"]


@pytest.mark.parametrize(
    ("scopes", "role"),
    [
        ({Scope.PARTNERS_READ}, OperatorRole.VIEWER),
        ({Scope.PARTNERS_READ, Scope.CATALOGUE_WRITE}, OperatorRole.OPERATOR),
        ({Scope.APPROVALS_WRITE}, OperatorRole.APPROVER),
    ],
)
def test_the_role_of_a_token_follows_from_its_scopes(scopes: set[Scope], role: OperatorRole) -> None:
    assert replace(TOKEN, scopes=frozenset(scopes)).actor.role is role
    assert TOKEN.actor.name == "token:deploy"


def test_the_first_with_a_key_does_it_and_others_get_its_answer(engine: Engine) -> None:
    store = SqlIdempotency(engine)
    old = NOW - timedelta(days=1)
    assert store.begin("1", "k", "h", NOW, old, old) is None
    assert store.begin("1", "k", "h2", NOW, old, old) == Answered("h", None, None)
    assert store.begin("2", "k", "h", NOW, old, old) is None

    store.finish("1", "k", 201, "body")
    assert store.begin("1", "k", "h", NOW, old, NOW) == Answered("h", 201, "body")

    store.forget("1", "k")
    assert store.begin("1", "k", "h3", NOW, old, old) is None


def test_what_is_long_past_or_was_never_finished_is_forgotten(engine: Engine) -> None:
    store = SqlIdempotency(engine)
    old = NOW - timedelta(days=1)
    for key in ("done", "begun"):
        assert store.begin("1", key, "h", NOW, old, old) is None
    store.finish("1", "done", 200, "")

    assert store.begin("1", "begun", "h", LATER, old, LATER) is None
    assert store.begin("1", "done", "h", LATER, old, LATER) == Answered("h", 200, "")
    assert store.begin("1", "done", "h", LATER, LATER, LATER) is None


def test_a_rationale_is_of_a_level_and_stays_when_the_level_changes(engine: Engine) -> None:
    store = SqlRationales(engine)
    store.save("dv", {}, "a", NOW)
    store.save("dv", {("u", "loa3"): "first", ("u", "loa4"): "other"}, "a", NOW)
    store.save("dv", {("u", "loa3"): "second"}, "b", LATER)

    assert store.of("dv") == {("u", "loa3"): "second", ("u", "loa4"): "other"}
    assert store.of("another") == {}
