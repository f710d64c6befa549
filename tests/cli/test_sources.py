"""`makelaar dv source`: set, listed, fetched and removed, over real HTTP."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from broker.settings import GEMEENTE
from tests.cli.conftest import Installation


@dataclass(frozen=True)
class Site:
    """A server of the dienstverlener: what is in its folder is at its address."""

    folder: Path
    url: str

    @property
    def metadata(self) -> str:
        return f"{self.url}/metadata.xml"

    @property
    def catalogue(self) -> str:
        return f"{self.url}/catalogue.xml"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site(installation: Installation, tmp_path: Path) -> Iterator[Site]:
    """Has what Gemeente Voorbeeld published."""
    folder = tmp_path / "site"
    folder.mkdir()
    shutil.copy(installation.settings.folder(GEMEENTE) / "published" / "metadata.xml", folder)
    shutil.copy(installation.data / "catalogue.xml", folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Site(folder, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()


def source(installation: Installation, *words: str) -> str:
    """What `makelaar dv source` says, when it succeeds."""
    result = installation.run("dv", "source", *words)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def test_what_is_set_is_listed_fetched_and_removed(installation: Installation, site: Site) -> None:
    assert "Begin: makelaar dv source set" in source(installation, "list")

    said = source(
        installation,
        "set",
        site.metadata,
        "--catalogue",
        site.catalogue,
        "--every",
        "6h",
        "--reason",
        "agreed",
    )
    assert said == f"fetched every 6h: {GEMEENTE.entity_id}\n"
    assert f"{site.metadata}  every 6:00:00\n  last never: -" in source(installation, "list")

    assert source(installation, "fetch", GEMEENTE.entity_id) == "unchanged\n"
    assert "UTC: unchanged" in source(installation, "list")

    assert source(installation, "remove", GEMEENTE.entity_id).startswith("fetched no longer")
    assert "Begin: makelaar dv source set" in source(installation, "list")
    history = installation.run("dv", "history", GEMEENTE.entity_id).stdout
    assert "source-set" in history
    assert "(agreed)" in history
    assert "source-removed" in history


def test_what_changed_waits_and_what_is_refused_or_gone_is_counted(
    installation: Installation, site: Site
) -> None:
    source(installation, "set", site.metadata, "--catalogue", site.catalogue)
    changed = site.folder / "catalogue.xml"
    changed.write_bytes(changed.read_bytes() + b"\n")
    assert source(installation, "fetch", GEMEENTE.entity_id).startswith(f"waits: {GEMEENTE.entity_id}#")

    changed.write_bytes(changed.read_bytes().replace(b"Subsidie", b"Bijdrage"))
    # To who asks whether it was modified, this server tells whole seconds.
    os.utime(changed, (time.time() + 5, time.time() + 5))
    spoilt = installation.run("dv", "source", "fetch", GEMEENTE.entity_id)
    assert spoilt.exit_code == 1
    assert "the signature does not hold" in spoilt.stdout

    changed.unlink()
    gone = installation.run("dv", "source", "fetch", GEMEENTE.entity_id)
    assert gone.exit_code == 1
    assert "404" in gone.stdout
    assert "2 failures" in source(installation, "list")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "metadata.xml"), "metadata.xml is no URL"),
        (("set", "METADATA", "--catalogue", "catalogue.xml"), "catalogue.xml is no URL"),
        (("set", "METADATA", "--every", "often"), "give a number and m, h or d"),
        (("set", "METADATA", "--every", "1m"), "--every:"),
        (("set", "NOTHING"), "404"),
        (("set", "CATALOGUE"), "EntityDescriptor"),
        (("fetch", "urn:nobody"), "See: makelaar dv source list"),
        (("remove", "urn:nobody"), "See: makelaar dv source list"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_cannot_be_is_said_and_nothing_is_kept(
    installation: Installation, site: Site, words: tuple[str, ...], said: str
) -> None:
    places = {"METADATA": site.metadata, "CATALOGUE": site.catalogue, "NOTHING": f"{site.url}/nothing.xml"}
    result = installation.run("dv", "source", *(places.get(word, word) for word in words))

    assert result.exit_code != 0
    assert said in result.stderr
    assert "Begin: makelaar dv source set" in source(installation, "list")
