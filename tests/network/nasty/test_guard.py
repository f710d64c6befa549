"""Who is told to misbehave does so at home, or does not start."""

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from typing import cast

import pytest

from broker.cli.setup import make_development_keys
from broker.exchange.http import SoapClient
from broker.network import serve
from broker.network.nasty.conduct import Conduct
from broker.network.nasty.fetching import NastyClient
from broker.network.nasty.guard import NotForProduction
from broker.network.nasty.guard import require_harmless
from broker.network.nasty.guard import require_local
from broker.settings import AD_SLEUTEL
from broker.settings import AD_TOEGANG
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.signers.development_ca import issue_development_certificate
from broker.signers.development_ca import make_development_ca
from broker.signers.files import make_development_key

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The keys of a box."""
    settings = Settings(data=tmp_path_factory.mktemp("box"))
    for party in (MAKELAAR, AD_SLEUTEL, AD_TOEGANG):
        make_development_keys(settings, party)
    return settings


@pytest.fixture
def replaced(made: Settings) -> Iterator[Any]:
    """Puts other files in the place of those of the box, until the test ends."""
    kept: dict[Path, bytes] = {}

    def replace(stem: Path, other: Path) -> None:
        for suffix in (".crt", ".key"):
            kept.setdefault(stem.with_suffix(suffix), stem.with_suffix(suffix).read_bytes())
            stem.with_suffix(suffix).write_bytes(other.with_suffix(suffix).read_bytes())

    yield replace
    for path, data in kept.items():
        path.write_bytes(data)


def test_a_box_on_this_machine_is_harmless(made: Settings) -> None:
    require_harmless(made, (AD_SLEUTEL, AD_TOEGANG))


def test_a_box_that_has_no_keys_yet_is_too(tmp_path: Path) -> None:
    require_harmless(Settings(data=tmp_path), (AD_SLEUTEL,))


@pytest.mark.parametrize(
    "changes",
    [
        {"public_url": "https://makelaar.example.nl"},
        {"public_url": "https://localhost.example.nl"},
        {"public_url": "https://10.0.0.5"},
        {"back_channel_url": "https://mtls.example.nl"},
        {"host": IPv4Address("0.0.0.0")},  # noqa: S104  # nothing listens
        {"host": IPv4Address("192.0.2.1")},
        {"network_url": "https://metadata.example.nl/network.xml"},
        {"client_authorities": Path("/etc/makelaar/client.pem")},
        {"server_authorities": Path("/etc/makelaar/server.pem")},
    ],
    ids=str,
)
def test_what_others_can_reach_is_not(made: Settings, changes: dict[str, Any]) -> None:
    with pytest.raises(NotForProduction):
        require_harmless(made.model_copy(update=changes), (AD_SLEUTEL,))


@pytest.mark.parametrize("url", ["http://localhost:8440/acs", "http://127.0.0.1/", "https://[::1]:8443/"])
def test_an_address_of_this_machine_is_local(url: str) -> None:
    require_local(url)


@pytest.mark.parametrize(
    "url", ["https://ad.example.nl/", "http://192.0.2.7/", "/acs", "", "http://127.0.0.1.example.nl"]
)
def test_any_other_is_not(url: str) -> None:
    with pytest.raises(NotForProduction):
        require_local(url)


def test_an_artifact_is_not_resolved_elsewhere() -> None:
    line = NastyClient(cast("SoapClient", None), cast("Conduct", None), cast("SoapClient", None))
    with pytest.raises(NotForProduction, match="not an address of this machine"):
        line.post("https://makelaar.example.nl/ars/1.13", b"")


def test_a_signing_key_that_somebody_else_vouches_for_is_of_production(
    made: Settings, replaced: Any, tmp_path: Path
) -> None:
    make_development_ca(tmp_path / "ca", now=NOW)
    issue_development_certificate(
        tmp_path / "own",
        ca=tmp_path / "ca",
        name=AD_SLEUTEL.display_name("nl"),
        oin=AD_SLEUTEL.oin,
        now=NOW,
    )
    replaced(made.key_stem(AD_SLEUTEL), tmp_path / "own")

    with pytest.raises(NotForProduction, match="is not a key that makelaar run made"):
        require_harmless(made, (AD_SLEUTEL,))


@pytest.mark.parametrize("who", [AD_SLEUTEL, MAKELAAR], ids=lambda party: party.name)
def test_a_signing_key_in_another_name_is_of_production(
    made: Settings, replaced: Any, tmp_path: Path, who: Any
) -> None:
    make_development_key(tmp_path / "own", name="Echte partij", oin="00000003123456780000", now=NOW)
    replaced(made.key_stem(who), tmp_path / "own")

    with pytest.raises(NotForProduction, match="is not a key that makelaar run made"):
        require_harmless(made, (AD_SLEUTEL,))


@pytest.mark.parametrize("which", ["client", "listener"])
def test_a_certificate_of_another_authority_is_of_production(
    made: Settings, replaced: Any, tmp_path: Path, which: str
) -> None:
    make_development_ca(tmp_path / "ca", now=NOW)
    issue_development_certificate(tmp_path / "tls", ca=tmp_path / "ca", name="x", oin=AD_SLEUTEL.oin, now=NOW)
    replaced(made.client_stem(AD_SLEUTEL) if which == "client" else made.listener_stem, tmp_path / "tls")

    with pytest.raises(NotForProduction, match="is not of the development CA"):
        require_harmless(made, (AD_SLEUTEL,))


def test_a_certificate_that_cannot_be_read_is_not_trusted_to_be_harmless(
    made: Settings, replaced: Any, tmp_path: Path
) -> None:
    for suffix in (".crt", ".key"):
        (tmp_path / "torn").with_suffix(suffix).write_text("no PEM", "ascii")
    replaced(made.key_stem(AD_SLEUTEL), tmp_path / "torn")

    with pytest.raises(NotForProduction):
        require_harmless(made, (AD_SLEUTEL,))


@pytest.mark.parametrize("setting", ["NASTY", "MISBEHAVE"])
def test_the_process_of_one_party_that_is_started_by_hand_refuses_as_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str
) -> None:
    monkeypatch.setenv("MAKELAAR_PARTY", AD_SLEUTEL.name)
    monkeypatch.setenv("MAKELAAR_DATA", str(tmp_path))
    monkeypatch.setenv("MAKELAAR_PUBLIC_URL", "https://makelaar.example.nl")
    monkeypatch.setenv(f"MAKELAAR_{setting}", '["ad1=silent"]')

    with pytest.raises(NotForProduction):
        serve.application()

    assert list(tmp_path.iterdir()) == []
