"""config/makelaar.toml shows every setting, with the default it has when the line stays commented out.

config/production.toml is what an operator begins with.
"""

import re
import tomllib
from pathlib import Path

import pytest

from broker.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "config" / "makelaar.toml"
PRODUCTION = EXAMPLE.with_name("production.toml")
_SETTING = re.compile(r"^#(?=[a-z_]+ = )", re.MULTILINE)


def shown() -> dict[str, object]:
    """The settings in the example, as they read with every line in force."""
    return tomllib.loads(_SETTING.sub("", EXAMPLE.read_text("utf-8")))


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", *(field.upper() for field in Settings.model_fields)):
        monkeypatch.delenv(f"MAKELAAR_{name}", raising=False)


def test_as_it_stands_it_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKELAAR_CONFIG", str(EXAMPLE))
    assert Settings() == Settings.model_construct()


def test_every_setting_is_shown() -> None:
    assert shown().keys() == Settings.model_fields.keys()


def test_what_is_shown_is_the_default() -> None:
    defaults = {name: field.default for name, field in Settings.model_fields.items()}
    for name, value in shown().items():
        if defaults[name] is not None:
            assert getattr(Settings.model_validate({name: value}), name) == defaults[name], name


def test_with_every_line_in_force_it_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    everything = tmp_path / "makelaar.toml"
    everything.write_text(_SETTING.sub("", EXAMPLE.read_text("utf-8")), "utf-8")
    monkeypatch.setenv("MAKELAAR_CONFIG", str(everything))
    settings = Settings()
    assert settings.public_url == "https://makelaar.example.nl"


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "makelaar.toml"
    config.write_text("port = 9000\nworkers = 3\n", "utf-8")
    monkeypatch.setenv("MAKELAAR_CONFIG", str(config))
    monkeypatch.setenv("MAKELAAR_PORT", "9100")
    assert (Settings().port, Settings().workers) == (9100, 3)


def test_production_fits_and_lets_nothing_through_that_is_for_a_laptop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAKELAAR_CONFIG", str(PRODUCTION))
    settings = Settings()
    assert settings.four_eyes
    assert not settings.front_artifact_resolution
    assert not settings.attackable
    assert settings.nasty is None
    assert not settings.misbehave
    assert settings.back_channel == "tls"
    addresses = (settings.public_url, settings.console_url, settings.back_channel_url)
    assert all(address is not None and address.startswith("https://") for address in addresses)
    assert settings.client_authorities is not None
    assert settings.server_authorities is not None


def test_no_secret_stands_in_the_file_of_production() -> None:
    assert {"database_url", "state_url", "smtp_url"}.isdisjoint(tomllib.loads(PRODUCTION.read_text("utf-8")))
