"""Our keys over the API: what cannot be is refused with the reason."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Response

from broker.api.app import create_api
from broker.assembly.own_keys import open_key_ring
from broker.ports.tokens import Scope
from broker.settings import MAKELAAR
from tests.api.conftest import DV
from tests.api.conftest import Api
from tests.keys import key_stem

NEXT = "signing-2027"


def folder(api: Api) -> Path:
    return api.makelaar.settings.key_stem(MAKELAAR).parent


@pytest.fixture
def rolling(fresh: Api, tmp_path: Path) -> Api:
    """The same with files of keys of its own."""
    before = fresh.makelaar
    settings = before.settings.model_copy(update={"data": tmp_path / "data"})
    shutil.copytree(
        before.settings.data, settings.data, ignore=shutil.ignore_patterns("party.db*", "published")
    )
    open_key_ring(settings, before.engine, before.station.own.clock())
    makelaar = replace(before, settings=settings)
    return Api(
        makelaar, DispatcherMiddleware(Response("not here", 404), {"/v1": create_api(makelaar)})
    ).allowed(*Scope)


def test_the_key_that_signs_is_listed(fresh: Api) -> None:
    answer = fresh.get("/keys")

    assert answer.status_code == 200
    assert all(
        each["state"] in {"announced", "active", "retiring", "retired"} for each in answer.json["items"]
    )


def test_a_key_whose_files_are_not_there_is_not_announced(fresh: Api) -> None:
    refused = fresh.post("/keys", json={"name": "nowhere"})

    assert (refused.status_code, refused.json["type"]) == (409, "urn:openmakelaar:problem:key-files")
    assert str(fresh.makelaar.settings.data) not in refused.text
    assert fresh.post("/keys", json={"name": "listener"}).status_code == 422
    for step in ("activation", "retirement", "confirmations"):
        answer = fresh.post(f"/keys/nowhere/{step}", json={})
        assert (answer.status_code, "there is no key nowhere" in answer.json["detail"]) == (404, True)
    assert fresh.get("/keys/nowhere/adoption").status_code == 404


def test_a_key_is_rolled_and_who_asks_twice_with_one_key_does_it_once(rolling: Api) -> None:
    for each in (".key", ".crt"):
        shutil.copy(key_stem("next").with_suffix(each), folder(rolling) / f"{NEXT}{each}")
    assert rolling.get("/key-files").json["items"] == [
        {"name": NEXT, "key": True, "certificate": True, "request": False}
    ]
    once = {"headers": {"Idempotency-Key": "roll-1"}, "json": {"name": NEXT, "reason": "plan"}}
    first, again = rolling.post("/keys", **once), rolling.post("/keys", **once)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert rolling.post("/keys", json={"name": NEXT}).json["type"].endswith(":key-taken")
    assert rolling.get("/key-files").json["items"] == []

    before = rolling.get(f"/keys/{NEXT}/adoption").json
    assert (before["unseen"], [each["entity_id"] for each in before["items"]]) == (1, [DV])
    confirming = f"/keys/{NEXT}/confirmations"
    assert rolling.post(confirming, json={"entity_ids": ["urn:x"]}).status_code == 422
    assert rolling.post(confirming, json={"entity_ids": [DV]}).json == {"confirmed": 1}
    after = rolling.get(f"/keys/{NEXT}/adoption").json
    assert (after["unseen"], after["items"], after["seen"]["confirmed"], after["after"]) == (0, [], 1, None)

    early = rolling.post(f"/keys/{NEXT}/activation", json={})
    assert (early.status_code, early.json["type"]) == (409, "urn:openmakelaar:problem:key-early")
    assert '"anyway": true' in early.json["detail"]
    assert "--now-anyway" not in early.text
    beyond = {"at": "9999-12-31T23:59:00-14:00", "anyway": True}
    assert rolling.post(f"/keys/{NEXT}/activation", json=beyond).status_code == 422
    done = rolling.post(f"/keys/{NEXT}/activation", json={"anyway": True})
    assert (done.status_code, done.json["state"], done.json["active_at"] is None) == (200, "announced", False)
    history = [each["what"] for each in rolling.get("/changes?subject=" + NEXT).json["items"]]
    assert history == ["key-activated", "key-announced"]


def test_looking_at_keys_rolls_none(rolling: Api) -> None:
    looking = rolling.allowed(Scope.KEYS_READ)
    assert looking.get("/keys/signing/adoption").status_code == 200
    for path in ("/keys", "/keys/signing/retirement", "/keys/signing/confirmations"):
        assert looking.post(path, json={}).status_code == 403


def test_a_token_that_ended_is_of_no_use(fresh: Api) -> None:
    short = fresh.allowed(Scope.KEYS_READ)
    assert short.get("/keys").status_code == 200
    for headers in ({"Authorization": "Bearer makelaar_nothing"}, {"Authorization": "Basic eDp5"}):
        assert short.get("/keys", headers=headers).status_code == 401
