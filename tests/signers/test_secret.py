from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broker.signers.secret import load_secret


def test_a_secret_is_made_once_and_then_stays(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    first = load_secret(path)
    assert len(first) == 32
    assert load_secret(path) == first


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    load_secret(tmp_path / "secret")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: load_secret(tmp_path / "secret"), range(32)))
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"short")
    with pytest.raises(ValueError, match="does not hold a secret"):
        load_secret(tmp_path / "secret")
