"""Starting, as far as it goes without starting anything; tests/journeys start a whole box."""

import io
import json
import socket
from ipaddress import IPv4Address

import pytest

from broker.cli.misbehaving import told_to_misbehave
from broker.cli.setup import acquaintances
from broker.cli.supervisor import PortTaken
from broker.cli.supervisor import launch
from broker.cli.supervisor import require_free_ports
from broker.cli.supervisor import services
from broker.network.nasty.catalogue import MISBEHAVIOURS
from broker.ports import Role
from broker.settings import BACK_CHANNEL_OFFSET
from broker.settings import CONSOLE_OFFSET
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from tests.cli.conftest import Installation

PORTS = {party.port_offset: party.display_name("en") for party in PARTIES} | {
    CONSOLE_OFFSET: "console",
    BACK_CHANNEL_OFFSET: "back-channel",
}


@pytest.mark.parametrize("offset", PORTS, ids=PORTS.get)
def test_a_taken_port_says_which_one_and_the_way_out(nothing: Installation, offset: int) -> None:
    port = nothing.port + offset
    with socket.create_server(("127.0.0.1", port)):
        result = nothing.run("run")

    assert result.exit_code == 1
    assert f"port {port} ({PORTS[offset]}) is taken" in result.stderr
    assert f"MAKELAAR_PORT={nothing.port + 100}" in result.stderr
    assert not nothing.data.exists()


def test_free_ports_are_not_taken(nothing: Installation) -> None:
    require_free_ports(nothing.settings)


def test_a_port_is_judged_on_the_address_that_will_be_listened_on(nothing: Installation) -> None:
    with socket.create_server(("127.0.0.1", nothing.port)), pytest.raises(PortTaken):
        require_free_ports(nothing.settings.model_copy(update={"host": IPv4Address("0.0.0.0")}))  # noqa: S104  # nothing listens


def test_nobody_knows_more_partners_than_its_role_needs() -> None:
    known = {party: {(other.role, path) for other, path in acquaintances(party)} for party in PARTIES}

    for party, others in known.items():
        roles = {role for role, _ in others}
        assert party.role not in roles or party.role is Role.MR
        if party.role is Role.DV:
            assert others == {(Role.HM, "/metadata")}
        elif party is not MAKELAAR:
            assert (Role.HM, "/metadata/network") in others
            assert Role.DV not in roles
    assert {role for role, _ in known[MAKELAAR]} == {Role.AD, Role.MR, Role.DV, Role.EB}


def test_the_list_of_misbehaviours_starts_nothing(nothing: Installation) -> None:
    result = nothing.run("run", "--nasty", "list")

    assert result.exit_code == 0
    assert all(name in result.output for name in MISBEHAVIOURS)
    assert not nothing.data.exists()


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        (("--misbehave", "mr2=stolen"), "mr-twee can do slow"),
        (("--misbehave", "nobody=silent"), "none of the parties: ad1 (ad-sleutel)"),
    ],
)
def test_what_no_party_can_do_says_what_it_can(
    nothing: Installation, told: tuple[str, ...], answer: str
) -> None:
    result = nothing.run("run", *told)

    assert result.exit_code == 1
    assert answer in result.stderr
    assert not nothing.data.exists()


@pytest.mark.parametrize("told", [("--nasty", "1"), ("--misbehave", "mr2=silent")])
def test_nobody_misbehaves_on_a_public_address(
    nothing: Installation, monkeypatch: pytest.MonkeyPatch, told: tuple[str, ...]
) -> None:
    monkeypatch.setenv("MAKELAAR_PUBLIC_URL", "https://makelaar.example.nl")

    result = nothing.run("run", *told)

    assert result.exit_code == 1
    assert "https://makelaar.example.nl is not an address of this machine" in result.stderr
    assert not nothing.data.exists()


def test_the_processes_are_told_what_the_options_say(
    nothing: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, str]] = []
    monkeypatch.setattr("subprocess.Popen", lambda _command, *, env, **_rest: started.append(env))
    settings = told_to_misbehave(nothing.settings, "some seed", ("mr2=silent", "dv=stolen"))

    for service in services(settings):
        launch(settings, service, io.BytesIO())

    assert len(started) == len(PARTIES) + len(("back channel", "console", "worker"))
    for environment in started:
        assert environment["MAKELAAR_NASTY"] == "some seed"
        assert environment["MAKELAAR_NASTY_ONE_IN"] == "3"
        assert json.loads(environment["MAKELAAR_MISBEHAVE"]) == ["mr2=silent", "dv=stolen"]


def test_a_list_in_the_environment_that_is_no_json_is_told_with_how_to_write_it(
    nothing: Installation,
) -> None:
    told = nothing.run("run", MAKELAAR_MISBEHAVE="mr2=silent")

    assert told.exit_code == 1
    assert '"misbehave"' in told.output
    assert """MAKELAAR_MISBEHAVE='["mr2=lower-level"]'""" in told.output
