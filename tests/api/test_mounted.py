"""The API beside the console, in one process."""

from broker.assembly.party import Assembled
from broker.cli.console_serve import console_and_api


def test_what_begins_with_v1_is_the_api_and_all_else_the_console(makelaar: Assembled) -> None:
    client = console_and_api(makelaar).test_client()

    assert client.get("/v1/health").get_json() == {"status": "ok"}
    assert client.get("/v1/partners").content_type == "application/problem+json"
    assert client.get("/v1/nothing").status_code == 404
    login = client.get("/partners")
    assert (login.status_code, login.content_type) == (303, "text/html; charset=utf-8")
    assert client.get("/v1x").content_type.startswith("text/html")


def test_a_session_of_the_console_is_nothing_to_the_api(makelaar: Assembled) -> None:
    client = console_and_api(makelaar).test_client()
    page = client.get("/login")
    assert "Set-Cookie" in page.headers

    refused = client.get("/v1/partners")

    assert refused.status_code == 401
    assert "Set-Cookie" not in refused.headers
