"""A site on django-digid-eherkenning as a child process: its folder, its keys, its URLs."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from pathlib import Path

import requests

from broker.assembly import paths
from broker.settings import MAKELAAR
from broker.signers.files import make_development_key
from tests.box import ROOT
from tests.box import Box

STOCK = "digid_eherkenning.backends.eHerkenningBackend"
ADAPTED = "tests.interop.django_project.backends.WholeAnswerBackend"

_PROJECT = "tests.interop.django_project"
_START_SECONDS = 30
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Site:
    """A running site."""

    url: str
    entity_id: str
    output: Path

    @property
    def metadata(self) -> str:
        """Where it publishes its metadata."""
        return f"{self.url}/metadata/eherkenning"

    @property
    def catalogue(self) -> str:
        """Where it publishes its dienstencatalogus."""
        return f"{self.url}/metadata/eherkenning/dienstcatalogus"

    @property
    def login(self) -> str:
        """Where its users begin to log in."""
        return f"{self.url}/eherkenning/login/"

    def log(self) -> str:
        """What the site has logged so far."""
        return self.output.read_text("utf-8")


@contextmanager
def running_site(box: Box, oin: str, backend: str) -> Iterator[Site]:
    """Prepare a site that knows the makelaar of ``box``, and serve it with this authentication backend."""
    with tempfile.TemporaryDirectory(prefix="interop-site-") as folder, socket.socket() as listener:
        # Bound here and inherited, so that nobody takes the port while the site is being prepared.
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        site = Site(
            url=f"http://localhost:{listener.getsockname()[1]}",
            entity_id=f"urn:etoegang:DV:{oin}:entities:9001",
            output=Path(folder) / "site.out",
        )
        make_development_key(
            Path(folder) / "signing", name="Gemeente Overzee", oin=oin, now=datetime.now(UTC)
        )
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": f"{_PROJECT}.settings",
            "SITE_FOLDER": folder,
            "SITE_URL": site.url,
            "SITE_OIN": oin,
            "SITE_BACKEND": backend,
            "SITE_IDP_METADATA": box.url(MAKELAAR) + paths.METADATA,
            "SITE_MAKELAAR_OIN": MAKELAAR.oin,
            "REQUESTS_CA_BUNDLE": str(box.settings.server_bundle),
        }
        _prepare(environment)
        process = _serve(environment, listener.fileno(), site.output)
        try:
            _wait(process, site)
            yield site
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def _prepare(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", f"{_PROJECT}.prepare"]
    done = subprocess.run(
        command,
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_START_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _serve(environment: dict[str, str], listener: int, output: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--threads", "4"]
    with output.open("wb") as file:
        return subprocess.Popen(
            [*command, "--bind", f"fd://{listener}", f"{_PROJECT}.wsgi"],
            env=environment,
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            pass_fds=(listener,),
        )


def _wait(process: subprocess.Popen[bytes], site: Site) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(site.url, timeout=5).raise_for_status()
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the site did not start:\n{site.log()}")
