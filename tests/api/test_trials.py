"""Test logins by a version in test, over the API."""

from typing import Any

from broker.onboarding.tickets import Tickets
from broker.ports.tokens import Scope
from tests.api.conftest import Api
from tests.exchange.builders import catalogue_of
from tests.exchange.builders import metadata_of

DOCUMENTS = {"metadata": metadata_of("dv2").decode(), "catalogue": catalogue_of("dv2").decode()}


def test_a_test_login_is_started_of_a_version_in_test_and_its_address_is_told_once(fresh: Api) -> None:
    submitted = fresh.post("/versions", json={**DOCUMENTS, "profile": "1.13"})
    assert submitted.status_code == 201, submitted.text
    version = submitted.json["version"]["id"]
    trials = f"/versions/{version}/test-logins"
    assert fresh.post(trials, json={}).status_code == 409
    assert fresh.post(f"/versions/{version}/test", json={}).json["state"] == "test"

    asked: dict[str, Any] = {"json": {"kind": "expired"}, "headers": {"Idempotency-Key": "trial"}}
    started = fresh.post(trials, **asked)
    assert started.status_code == 201
    assert (started.json["version_id"], started.json["kind"]) == (version, "expired")
    ticket = Tickets(fresh.makelaar.state).find(started.json["url"].rpartition("/")[2])
    assert ticket is not None
    assert (ticket.version_id, ticket.kind, ticket.rehearsal) == (version, "expired", started.json["id"])
    assert ticket.started_by.startswith("token:test")
    again = fresh.post(trials, **asked)
    assert again.status_code == 409
    assert started.json["url"] not in again.text

    assert fresh.post(trials, json={}).json["kind"] == "right"
    for wrong in ({"kind": "nonsense"}, {"service_id": "urn:no"}, {"login_url": "http://example.nl"}):
        assert fresh.post(trials, json=wrong).status_code == 422
    assert fresh.allowed(Scope.PARTNERS_READ).post(trials, json={}).status_code == 403
    fresh.post(f"/versions/{version}/withdrawal", json={})
    assert fresh.post(trials, json={}).status_code == 409
    assert fresh.post("/versions/00/test-logins", json={}).status_code == 404
