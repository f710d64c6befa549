"""A setting that is wrong is named with where it stands."""

from pathlib import Path

import pytest

from tests.cli.conftest import Installation


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("workers = 0", "workers, {file} line 3: Input should be greater than or equal to 1"),
        ("wrokers = 4", "wrokers, {file} line 3: Extra inputs are not permitted"),
        ('"threads" = "many"', "threads, {file} line 3: Input should be a valid integer"),
        ("network_certificates = [1]", "network_certificates, {file} line 3: "),
        ('back_channel = "proxy"', "back_channel is proxy: set back_channel_socket or back_channel_proxies"),
        ("workers = ", "the file of MAKELAAR_CONFIG is no TOML: Invalid value (at line 3"),
    ],
    ids=["value", "name", "type", "in-a-list", "together", "no-toml"],
)
def test_a_fault_in_the_file_is_told_with_its_line(
    installation: Installation, tmp_path: Path, line: str, told: str
) -> None:
    file = tmp_path / "production.toml"
    file.write_text(f"# ours\nport = 9000\n{line}\n", "utf-8")
    result = installation.run("doctor", MAKELAAR_CONFIG=str(file))
    assert result.exit_code == 1
    assert told.format(file=file) in result.stderr


def test_a_fault_in_the_environment_is_told_as_such(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "production.toml"
    file.write_text("workers = 4\n", "utf-8")
    result = installation.run("doctor", MAKELAAR_CONFIG=str(file), MAKELAAR_WORKERS="0")
    assert result.exit_code == 1
    assert "MAKELAAR_WORKERS, in the environment: Input should be greater" in result.stderr


def test_a_file_that_is_not_there_is_told(installation: Installation, tmp_path: Path) -> None:
    result = installation.run("doctor", MAKELAAR_CONFIG=str(tmp_path / "nothing.toml"))
    assert result.exit_code == 1
    assert f"MAKELAAR_CONFIG names {tmp_path}/nothing.toml, which is no file" in result.stderr
