"""The catalogue that the makelaar publishes, over HTTP."""

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from broker.makelaar import publishing
from broker.makelaar.app import serve_catalogue
from broker.makelaar.context import Makelaar
from broker.makelaar.publishing import Catalogue
from broker.onboarding import catalogue_editions
from broker.saml.policy import LIMITS
from broker.storage.registry import SqlRegistry
from tests.exchange.builders import ENTITY_IDS
from tests.exchange.builders import Network
from tests.onboarding.conftest import engine
from tests.onboarding.conftest import registry

__all__ = ["engine", "registry"]


@pytest.fixture
def client(engine: Engine, registry: SqlRegistry, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(publishing, "error_page", lambda status, _: (b"", status))
    assembled = SimpleNamespace(registry=registry, engine=engine)
    app = Flask("catalogue")
    serve_catalogue(
        app, Catalogue(cast(Makelaar, SimpleNamespace(assembled=assembled, station=Network()["hm"])))
    )
    return app.test_client()


def test_who_has_the_edition_already_is_told_that_nothing_changed(
    client: FlaskClient, registry: SqlRegistry
) -> None:
    first = client.get("/catalogue")
    etag = {"If-None-Match": first.headers["ETag"]}
    assert client.get("/catalogue", headers=etag).status_code == 304
    assert client.get("/catalogue", headers=etag).data == b""

    registry.remove(ENTITY_IDS["dv"])

    assert client.get("/catalogue", headers=etag).status_code == 200


def test_an_edition_stays_at_its_address_when_a_newer_one_comes(
    client: FlaskClient, registry: SqlRegistry
) -> None:
    first = client.get("/catalogue")
    registry.remove(ENTITY_IDS["dv"])
    assert client.get("/catalogue").data != first.data

    again = client.get(first.headers["Content-Location"])

    assert first.headers["Content-Location"] == "/catalogue/editions/1"
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])


@pytest.mark.parametrize(
    "path",
    [
        "/catalogue/editions/9",
        "/catalogue/00000000000000000000",
        "/catalogue/00000000000000000000/editions/1",
    ],
)
def test_what_was_never_published_is_not_there(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_what_does_not_fit_together_says_where_the_parts_are(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_editions, "LIMITS", replace(LIMITS, network_catalogue_bytes=1))

    answer = client.get("/catalogue")

    assert answer.status_code == 503
    assert "/catalogue/<OIN>" in answer.text
    assert client.get(f"/catalogue/{ENTITY_IDS['dv'].split(':')[3]}").status_code == 200
