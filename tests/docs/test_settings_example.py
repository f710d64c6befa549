"""config/makelaar.toml shows every setting, with the default it has when the line stays commented out."""

import re
import tomllib
from pathlib import Path

import pytest

from broker.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "config" / "makelaar.toml"
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
