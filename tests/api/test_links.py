"""Setup links over the API: the address is told once, works at the console, and ends when it is revoked."""

from typing import Any

import pytest

from broker.onboarding.setup_links import SetupLinks
from broker.ports.tokens import Scope
from tests.api.conftest import DV
from tests.api.conftest import Api


def opens(api: Api, url: str) -> bool:
    return SetupLinks(api.makelaar.engine).find(url.rpartition("/")[2]) is not None


def test_a_link_is_made_listed_without_its_token_and_revoked(fresh: Api) -> None:
    made = fresh.post("/setup-links", json={"name": "Gemeente Voorbeeld", "entity_id": DV, "days": 30})
    assert made.status_code == 201
    url, link = made.json["url"], made.json["link"]
    assert url.startswith(fresh.makelaar.settings.console_address + "/setup/")
    assert opens(fresh, url)
    assert (link["state"], link["entity_id"]) == ("good", DV)
    assert link["created_by"].startswith("token:test")

    listed = fresh.get("/setup-links")
    assert [each["id"] for each in listed.json["items"]] == [link["id"]]
    assert url.rpartition("/")[2] not in listed.text
    assert fresh.get("/setup-links?entity_id=urn:nobody").json["items"] == []

    ended = fresh.post(f"/setup-links/{link['id']}/revocation", json={"reason": "wrong person"})

    assert (ended.status_code, ended.json["state"]) == (200, "revoked")
    assert not opens(fresh, url)
    assert fresh.post(f"/setup-links/{link['id']}/revocation", json={}).status_code == 404
    history = fresh.get(f"/changes?subject={DV}").json["items"]
    assert {"setup-link-made", "setup-link-revoked"} <= {each["what"] for each in history}


def test_a_link_that_is_asked_twice_is_made_once_and_its_address_is_not_told_again(fresh: Api) -> None:
    asked: dict[str, Any] = {"json": {"name": "Wij"}, "headers": {"Idempotency-Key": "one"}}
    first = fresh.post("/setup-links", **asked)
    again = fresh.post("/setup-links", **asked)

    assert (first.status_code, again.status_code) == (201, 409)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json["url"] not in again.text
    assert len(fresh.get("/setup-links").json["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "Wij", "entity_id": "urn:nobody"}, 404),
        ({"name": " "}, 422),
        ({"name": "onzichtbaar\u200b"}, 422),
        ({"name": "Wij", "days": 91}, 422),
        ({"name": "Wij", "days": 0}, 422),
        ({}, 422),
    ],
)
def test_a_link_for_nobody_or_for_too_long_is_not_made(fresh: Api, body: dict[str, Any], status: int) -> None:
    refused = fresh.post("/setup-links", json=body)

    assert (refused.status_code, refused.content_type) == (status, "application/problem+json")
    assert fresh.get("/setup-links").json["items"] == []


def test_who_may_look_may_not_make_or_revoke(fresh: Api) -> None:
    made = fresh.post("/setup-links", json={"name": "Wij"}).json["link"]
    looking = fresh.allowed(Scope.LINKS_READ)

    assert looking.get("/setup-links").status_code == 200
    assert looking.post("/setup-links", json={"name": "Wij"}).status_code == 403
    assert looking.post(f"/setup-links/{made['id']}/revocation", json={}).status_code == 403
