"""What holds for every operation, taken from the OpenAPI document itself: a new one cannot be forgotten."""

import re
from typing import Any

import pytest

from broker.api.app import OPERATIONS
from broker.api.openapi import describe
from broker.api.operations import Operation
from broker.ports.tokens import Scope
from tests.api.conftest import DV_ID
from tests.api.conftest import Api

DOCUMENT = describe(OPERATIONS)
EXAMPLES = {"partner_id": DV_ID, "version_id": "0" * 32, "key_name": "next", "link_id": "0", "sequence": "1"}

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)


def path_of(operation: Operation) -> str:
    return re.sub(r"{(\w+)}", lambda found: EXAMPLES[found.group(1)], operation.path)


def is_problem(answer: Any, status: int) -> bool:
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    return True


@every_operation
def test_who_has_every_scope_but_the_one_it_needs_is_refused(api: Api, operation: Operation) -> None:
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]
    needed = Scope(described["x-scope"])
    others = api.allowed(*(set(Scope) - {needed}))

    answer = others.call(operation.method, path_of(operation), json={})

    assert is_problem(answer, 403)
    assert needed in answer.json["detail"]


@every_operation
def test_who_brings_no_token_is_refused(api: Api, operation: Operation) -> None:
    answer = api.call(operation.method, path_of(operation), headers={"Authorization": ""})

    assert is_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@every_operation
def test_another_method_is_refused_with_those_that_are_there(api: Api, operation: Operation) -> None:
    answer = api.call("TRACE", path_of(operation))

    assert is_problem(answer, 405)
    assert operation.method in answer.headers["Allow"]


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.body], ids=lambda each: each.name)
def test_what_is_no_json_or_too_large_or_has_unknown_fields_is_refused(
    api: Api, operation: Operation
) -> None:
    def answer(data: bytes, kind: str = "application/json") -> Any:
        return api.call(operation.method, path_of(operation), data=data, content_type=kind)

    assert is_problem(answer(b"{", "application/json"), 400)
    assert is_problem(answer(b"{}", "text/plain"), 415)
    assert is_problem(answer(b"{}", "application/x-www-form-urlencoded"), 415)
    assert is_problem(answer(b" " * (operation.maximum + 1)), 413)
    unknown = answer(b'{"nothing_of_ours": 1}')
    assert is_problem(unknown, 422)
    assert "nothing_of_ours" in {each["where"] for each in unknown.json["errors"]}


def test_every_scope_is_needed_somewhere() -> None:
    assert {operation.scope for operation in OPERATIONS} == set(Scope)


def test_the_description_is_of_openapi_3_0_and_open_to_all(api: Api) -> None:
    answer = api.get("/openapi.json", headers={"Authorization": ""})

    assert answer.json == DOCUMENT
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json["openapi"].startswith("3.0.")
    assert "null" not in re.findall(r'"type": ?"(\w+)"', answer.text)


def test_paths_follow_the_design_rules() -> None:
    for operation in OPERATIONS:
        assert re.fullmatch(r"(/[a-z]+(-[a-z]+)*|/{\w+})+", operation.path), operation.path
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)


def test_every_answer_says_its_version_and_sets_no_cookie(api: Api) -> None:
    for path in ("/partners", "/nothing", "/health", "/openapi.json"):
        answer = api.get(path)
        assert answer.headers["API-Version"] == "1.0.0"
        assert "Set-Cookie" not in answer.headers
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/nothing", "/partners/", f"/partners/{'z' * 40}", "/"])
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    assert is_problem(api.get(path), 404)


@pytest.mark.parametrize("query", ["?size=0", "?size=many", "?nothing=1", "?size=1&size=2", "?role=XX"])
def test_a_parameter_that_is_not_as_it_should_be_is_refused(api: Api, query: str) -> None:
    assert is_problem(api.get("/partners" + query), 400)


def test_who_has_an_answer_already_is_told_that_nothing_changed(api: Api) -> None:
    first = api.get("/partners")

    again = api.get("/partners", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
