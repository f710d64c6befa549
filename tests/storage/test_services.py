"""The servers that tests start end with the test that started them."""

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests import services
from tests.ports import free_port

pytestmark = pytest.mark.production


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("start", [services.postgresql, services.valkey])
def test_a_server_ends_also_when_the_test_failed(start: Callable[[int], AbstractContextManager[str]]) -> None:
    port = free_port()
    server = start(port)
    server.__enter__()
    assert _listens(port)
    failure = AssertionError()
    assert not server.__exit__(AssertionError, failure, None)
    assert not _listens(port)


def test_a_missing_postgresql_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_postgresql_folders", list)
    with pytest.raises(services.ServiceMissing, match="install"), services.postgresql():
        pass
