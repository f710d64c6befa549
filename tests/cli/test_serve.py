"""`makelaar serve` as operators run it: a process that is started, reloaded, drained and ended."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from broker.cli.serve import chosen_services
from broker.settings import BACK_CHANNEL_OFFSET
from tests.box import free_box_ports
from tests.cli.conftest import Installation
from tests.nodes import PATIENCE
from tests.nodes import Node
from tests.nodes import serving as a_node
from tests.nodes import until

pytestmark = pytest.mark.slow


@contextmanager
def serving(installation: Installation, *parts: str, **environment: str) -> Iterator[Node]:
    """`makelaar serve` of an installation, on free ports."""
    with a_node(installation.data, free_box_ports(), *parts, **environment) as node:
        yield node


@pytest.fixture
def node(installation: Installation) -> Iterator[Node]:
    with serving(installation, MAKELAAR_WORKERS="2") as node:
        yield node


def test_it_serves_the_makelaar_and_its_back_channel_and_ends_when_asked(node: Node) -> None:
    assert node.get("/readyz").json()["ready"]
    assert b"EntityDescriptor" in node.get("/metadata").content
    port = int(node.address.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port + BACK_CHANNEL_OFFSET), timeout=5):
        assert "serving back-channel" in node.said
    node.process.send_signal(signal.SIGTERM)
    assert node.process.wait(PATIENCE) == 0
    with pytest.raises(requests.ConnectionError):
        node.get("/readyz")


def test_a_reload_refuses_nobody(node: Node) -> None:
    failed: list[str] = []
    served = [0]
    stop = threading.Event()

    def visit() -> None:
        while not stop.is_set():
            try:
                assert node.get("/metadata").status_code == 200
                served[0] += 1
            except (requests.RequestException, AssertionError) as error:
                failed.append(repr(error))

    visitors = [threading.Thread(target=visit) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    before = node.parts()
    try:
        node.reload()
    finally:
        stop.set()
        for visitor in visitors:
            visitor.join(PATIENCE)
    assert failed == []
    assert served[0] > 10
    assert len(node.parts()) == len(before) == 2
    assert node.get("/readyz").json()["ready"]


def test_a_setting_that_is_wrong_at_a_reload_leaves_all_as_it_was(
    installation: Installation, tmp_path: Path
) -> None:
    config = tmp_path / "makelaar.toml"
    config.write_text("workers = 1\n", "utf-8")
    with serving(installation, "front", MAKELAAR_CONFIG=str(config)) as node:
        before = node.parts()
        config.write_text("workers = 0\n", "utf-8")
        node.process.send_signal(signal.SIGHUP)
        until(lambda: "reload_failed" in node.said, "it says that it could not")
        assert f"workers, {config} line 1" in node.said
        assert node.get("/readyz").json()["ready"]
        assert node.parts() == before


def test_a_drained_node_serves_on_and_says_that_no_more_should_come(installation: Installation) -> None:
    assert installation.run("drain", "--seconds", "0").exit_code == 0
    with serving(installation, "front") as node:
        assert node.get("/readyz").status_code == 200, "a node begins undrained"
        assert installation.run("drain", "--seconds", "2").exit_code == 0
        answer = node.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["draining"]) == (503, "failed")
        assert node.get("/metadata").status_code == 200
        assert installation.run("drain", "--back").exit_code == 0
        until(lambda: node.get("/readyz").status_code == 200, "it is ready again")


def test_the_back_channel_may_be_a_unix_socket_that_survives_a_reload(
    installation: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "back.sock"
    with serving(
        installation,
        "back-channel",
        MAKELAAR_BACK_CHANNEL="proxy",
        MAKELAAR_BACK_CHANNEL_SOCKET=str(path),
        MAKELAAR_WORKERS="1",
    ) as node:
        node.reload()
        assert path.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(20)
            asked.connect(str(path))
            asked.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert asked.recv(4096).startswith(b"HTTP/1.1 200 ")


def test_it_ends_when_a_part_ends_by_itself(installation: Installation) -> None:
    with serving(installation, "front") as node:
        os.kill(min(node.parts()), signal.SIGKILL)
        assert node.process.wait(PATIENCE) == 1
        assert "ended by itself" in node.said


def test_systemd_is_told_what_happens(installation: Installation, tmp_path: Path) -> None:
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        with serving(installation, "front", NOTIFY_SOCKET=str(tmp_path / "notify")) as node:
            heard.append(systemd.recv(1024))
            assert heard[0] == f"READY=1\nMAINPID={node.process.pid}".encode()
            node.process.send_signal(signal.SIGHUP)
            heard += [systemd.recv(1024), systemd.recv(1024)]
        heard.append(systemd.recv(1024))
    assert [line.split(b"\n")[0] for line in heard] == [b"READY=1", b"RELOADING=1", b"READY=1", b"STOPPING=1"]


def test_a_port_that_is_taken_is_told(installation: Installation) -> None:
    port = free_box_ports()
    with socket.create_server(("127.0.0.1", port)):
        told = installation.run("serve", "front", MAKELAAR_PORT=str(port))
    assert told.exit_code == 1
    assert f"cannot listen on ('127.0.0.1', {port})" in told.stderr


def test_without_keys_it_says_what_is_missing(nothing: Installation) -> None:
    told = nothing.run("serve")
    assert told.exit_code == 1
    assert "there is no makelaar in" in told.stderr


def test_a_back_channel_that_is_off_cannot_be_served(nothing: Installation) -> None:
    told = nothing.run("serve", "back-channel", MAKELAAR_BACK_CHANNEL="off")
    assert told.exit_code == 2
    assert 'back_channel = "off"' in told.stderr
    settings = nothing.settings.model_copy(update={"back_channel": "off"})
    assert [each.name for each in chosen_services(settings, ("front", "back-channel"))] == ["makelaar"]
