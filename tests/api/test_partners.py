"""From documents to logins, over the API: handed in, compared, approved, put in force, stopped."""

import re
from pathlib import Path
from typing import Any

from broker.ports.tokens import Scope
from tests.api.conftest import DV
from tests.api.conftest import DV_ID
from tests.api.conftest import Api

Documents = tuple[Path, bytes, bytes]


def handed_in(api: Api, documents: Documents, old: str = "", new: str = "", **more: Any) -> Any:
    _, metadata, catalogue = documents
    changed = re.sub(r"<ds:Signature>.*?</ds:Signature>", "", catalogue.decode(), flags=re.DOTALL)
    body = {"metadata": metadata.decode(), "catalogue": changed.replace(old, new), "reason": "nieuw"}
    return api.post("/versions", json={**body, **more})


def test_a_partner_is_found_by_the_hash_of_its_entity_id(fresh: Api) -> None:
    listed = fresh.get("/partners?search=voorbeeld&role=DV").json
    (partner,) = listed["items"]

    assert (partner["id"], partner["entity_id"]) == (DV_ID, DV)
    assert listed["after"] is None
    assert fresh.get(f"/partners/{DV_ID}").json == partner
    assert fresh.get("/partners?search=nobody").json["items"] == []


def test_a_version_is_handed_in_and_put_in_force(fresh: Api, documents: Documents) -> None:
    made = handed_in(fresh, documents, "Gemeente Voorbeeld", "Gemeente Elders")
    assert made.status_code == 201
    version = made.json["version"]
    assert any("Gemeente Elders" in sentence for sentence in made.json["difference"])
    assert version["state"] == "concept"
    where = made.headers["Location"].removeprefix("/v1")
    assert fresh.get(where).json == version

    again = handed_in(fresh, documents, "Gemeente Voorbeeld", "Gemeente Elders")
    assert (again.status_code, again.json["outcome"]) == (200, "known")

    done = fresh.post(f"{where}/activation", json={"reason": "klaar"})

    assert (done.status_code, done.json["state"]) == (200, "active")
    assert "Gemeente Elders" in fresh.get(f"/partners/{DV_ID}").text
    assert b"EntityDescriptor" in fresh.get(f"{where}/metadata").data
    english = fresh.get(f"{where}/difference?lang=en").json
    assert english["points"]
    assert english["sentences"] != made.json["difference"]
    versions = fresh.get(f"/versions?entity_id={DV}").json["items"]
    assert [each["state"] for each in versions] == ["active", "ended"]
    back = fresh.post(f"/versions/{versions[1]['id']}/rollback", json={"reason": "toch niet"})
    assert back.json["state"] == "active"
    assert "Gemeente Voorbeeld" in fresh.get(f"/partners/{DV_ID}").text


def test_a_version_waits_for_who_says_yes_or_no(fresh: Api, documents: Documents) -> None:
    version = handed_in(fresh, documents, "Gemeente Voorbeeld", "Gemeente Elders").json["version"]
    where = f"/versions/{version['id']}"
    assert fresh.post(f"{where}/test", json={}).json["state"] == "test"
    assert fresh.post(f"{where}/approval-request", json={}).json["state"] == "waiting"
    assert [each["id"] for each in fresh.get("/pending-versions").json["items"]] == [version["id"]]

    own = fresh.post(f"{where}/approval", json={})
    assert (own.status_code, "somebody else" in own.json["detail"]) == (403, True)
    same_person = fresh.allowed(Scope.APPROVALS_WRITE)
    assert same_person.post(f"{where}/approval", json={}).status_code == 403
    other = fresh.allowed(Scope.APPROVALS_WRITE, by="bram")
    assert other.post(f"{where}/approval", json={}).status_code == 200
    assert other.post(f"{where}/rejection", json={"reason": "toch niet"}).json["state"] == "rejected"
    assert fresh.post(f"{where}/withdrawal", json={}).status_code == 409


def test_documents_that_will_not_do_are_refused_with_every_finding(fresh: Api, documents: Documents) -> None:
    _, metadata, _ = documents

    refused = fresh.post("/versions", json={"metadata": metadata.decode()})

    assert refused.status_code == 422
    assert refused.json["type"] == "urn:openmakelaar:problem:refused"
    assert refused.json["errors"][0]["rule"]
    assert fresh.post("/versions", json={"metadata": "<a/>", "profile": "saml"}).status_code == 422


def test_logins_of_a_partner_are_stopped_and_let_through_again(fresh: Api) -> None:
    stop, go = f"/partners/{DV_ID}/suspension", f"/partners/{DV_ID}/resumption"

    assert fresh.post(stop, json={"reason": "gelekt"}).json["suspended_at"]
    assert fresh.post(stop, json={"reason": "gelekt"}).status_code == 409
    assert fresh.post(go, json={}).json["suspended_at"] is None
    assert fresh.post(go, json={}).status_code == 409
    assert fresh.post(stop, json={}).status_code == 422

    history = fresh.get(f"/changes?subject={DV}&limit=2").json["items"]
    assert [each["what"] for each in history] == ["partner-resumed", "partner-suspended"]
    assert {each["who"] for each in history} == {"token:test 0"}


def test_the_same_request_with_the_same_key_is_done_once(fresh: Api) -> None:
    stop = f"/partners/{DV_ID}/suspension"
    key = {"Idempotency-Key": "een"}

    first = fresh.post(stop, json={"reason": "gelekt"}, headers=key)
    again = fresh.post(stop, json={"reason": "gelekt"}, headers=key)
    other = fresh.post(stop, json={"reason": "iets anders"}, headers=key)

    assert (again.status_code, again.data) == (first.status_code, first.data) == (200, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json["type"]) == (422, "urn:openmakelaar:problem:key-used")
    assert fresh.post(stop, json={"reason": "x"}, headers={"Idempotency-Key": "een twee"}).status_code == 400


def test_what_was_refused_may_be_mended_and_sent_with_the_same_key(fresh: Api) -> None:
    key = {"Idempotency-Key": "twee"}
    go, stop = f"/partners/{DV_ID}/resumption", f"/partners/{DV_ID}/suspension"
    assert fresh.post(go, json={}, headers=key).status_code == 409

    assert fresh.post(stop, json={"reason": "nu wel"}, headers=key).status_code == 200


def test_documents_are_checked_without_being_kept(fresh: Api, documents: Documents) -> None:
    _, metadata, catalogue = documents

    report = fresh.post("/checks", json={"metadata": metadata.decode(), "catalogue": catalogue.decode()})

    assert report.status_code == 200
    assert report.json["schema"] == 1
    assert report.json["passed"]
    assert fresh.post("/checks", json={}).status_code == 422
    headers = {"Accept": "application/junit+xml", "Idempotency-Key": "junit"}
    junit, again = (fresh.post("/checks", json={"metadata": "<a/>"}, headers=headers) for _ in range(2))
    assert b"<testsuite" in junit.data
    assert b"<failure" in junit.data
    assert (again.data, again.content_type) == (junit.data, junit.content_type)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_what_ends_soon_is_told_as_far_ahead_as_one_asks(fresh: Api) -> None:
    near, far = (fresh.get(f"/weather?days={days}").json["items"] for days in (1, 3660))

    assert near == []
    assert {each["entity_id"] for each in far} >= {DV}
