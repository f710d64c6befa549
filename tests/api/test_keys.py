"""Our keys over the API: what cannot be is refused with the reason."""

from broker.ports.tokens import Scope
from tests.api.conftest import Api


def test_the_key_that_signs_is_listed(fresh: Api) -> None:
    answer = fresh.get("/keys")

    assert answer.status_code == 200
    assert all(
        each["state"] in {"announced", "active", "retiring", "retired"} for each in answer.json["items"]
    )


def test_a_key_whose_files_are_not_there_is_not_announced(fresh: Api) -> None:
    refused = fresh.post("/keys", json={"name": "nowhere"})

    assert refused.status_code == 409
    for step in ("activation", "retirement"):
        answer = fresh.post(f"/keys/nowhere/{step}", json={"anyway": True})
        assert (answer.status_code, "there is no key nowhere" in answer.json["detail"]) == (409, True)


def test_a_token_that_ended_is_of_no_use(fresh: Api) -> None:
    short = fresh.allowed(Scope.KEYS_READ)
    assert short.get("/keys").status_code == 200
    for headers in ({"Authorization": "Bearer makelaar_nothing"}, {"Authorization": "Basic eDp5"}):
        assert short.get("/keys", headers=headers).status_code == 401
