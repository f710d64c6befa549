"""A site on django-digid-eherkenning as a child process: its folder, its keys, its URLs."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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
from tests.box import run_command

STOCK = "digid_eherkenning.backends.eHerkenningBackend"
ADAPTED = "tests.interop.django_project.backends.WholeAnswerBackend"

_PROJECT = "tests.interop.django_project"
_MIGRATE = "__import__('django.core.management').core.management.call_command('migrate', run_syncdb=True, verbosity=0)"
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


Configure = Callable[[Box, Site, dict[str, str]], None]
"""Makes keys, tables and configuration of a site that does not run yet, with its environment."""


@contextmanager
def running_site(box: Box, oin: str, backend: str, configure: Configure | None = None) -> Iterator[Site]:
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
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": f"{_PROJECT}.settings",
            "PYTHONPATH": str(ROOT),
            "SITE_FOLDER": folder,
            "SITE_URL": site.url,
            "SITE_OIN": oin,
            "SITE_BACKEND": backend,
            "SITE_IDP_METADATA": box.url(MAKELAAR) + paths.METADATA,
            "SITE_MAKELAAR_OIN": MAKELAAR.oin,
            "REQUESTS_CA_BUNDLE": str(box.settings.server_bundle),
        }
        (configure or _by_an_administrator)(box, site, environment)
        process = _serve(environment, listener.fileno(), site.output)
        try:
            _wait(process, site)
            yield site
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def _by_an_administrator(_box: Box, _site: Site, environment: dict[str, str]) -> None:
    """With the package as it ships, its eIDAS service included."""
    stem = Path(environment["SITE_FOLDER"]) / "signing"
    make_development_key(stem, name="Gemeente Overzee", oin=environment["SITE_OIN"], now=datetime.now(UTC))
    _run(environment, sys.executable, "-m", f"{_PROJECT}.prepare")


def from_snippet(box: Box, site: Site, environment: dict[str, str]) -> None:
    """With the files of `makelaar dv snippets`, as they are printed."""
    folder = Path(environment["SITE_FOLDER"])
    wanted = (
        "--for",
        "django-digid-eherkenning",
        "--url",
        site.url,
        "--service-name",
        "Evenementenvergunning",
    )
    printed = run_command(box.environment, "dv", "snippets", site.entity_id, *wanted, "--into", str(folder))
    assert printed.returncode == 0, printed.stderr
    _run(environment, "sh", "keys.sh")
    set_up_as_printed(environment)


def set_up_as_printed(environment: dict[str, str]) -> None:
    """Make its tables and fill its record with the printed file, in the folder of the site."""
    setup = (Path(environment["SITE_FOLDER"]) / "eherkenning_setup.py").read_text("utf-8")
    # In one process, since each of Django's takes more than a second to start.
    _run(environment, sys.executable, "-m", "django", "shell", typed=f"{_MIGRATE}\n{setup}")


def _run(environment: dict[str, str], *command: str, typed: str | None = None) -> None:
    """A command in the folder of the site, with ``typed`` as its standard input."""
    done = subprocess.run(
        command,
        env=environment,
        cwd=environment["SITE_FOLDER"],
        input=typed,
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
