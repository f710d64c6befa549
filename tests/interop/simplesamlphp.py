"""SimpleSAMLphp on PHP's own web server on a free port, with a configuration of its own in a temporary folder.

Configuration and metadata are PHP arrays; here they are JSON that PHP reads.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.ports import free_port

_PROGRAM = Path("/usr/share/simplesamlphp")
_START_SECONDS = 20
_READ = "json_decode(file_get_contents(substr(__FILE__, 0, -4) . '.json'), true);"
_CONVERT = """
require $argv[1] . '/lib/_autoload.php';
foreach (SimpleSAML\\Metadata\\SAMLParser::parseDescriptorsString(stream_get_contents(STDIN)) as $id => $entity) {
    $found = $argv[2] === 'idp' ? $entity->getMetadata20IdP() : $entity->getMetadata20SP();
    unset($found['entityDescriptor']);
    echo json_encode([$id => $found]);
}
"""


@dataclass(frozen=True)
class SimpleSaml:
    """A running SimpleSAMLphp. Its passwords, keys and sessions live in ``folder``."""

    url: str
    folder: Path

    def get(self, path: str) -> bytes:
        """What it answers at this path."""
        answer = requests.get(f"{self.url}/{path}", timeout=10)
        answer.raise_for_status()
        return answer.content

    def know(self, kind: str, partners: Mapping[str, Any]) -> None:
        """Put partners in its metadata, of a kind such as ``saml20-idp-remote``."""
        _write(self.folder / "metadata" / kind, "metadata", partners)

    def convert(self, metadata: bytes, role: str) -> dict[str, Any]:
        """What its own parser makes of the metadata of an identity provider (``idp``) or service provider."""
        converted = subprocess.run(
            ["php", "-r", _CONVERT, "--", str(_PROGRAM), role],
            env=self.environment,
            input=metadata,
            capture_output=True,
            check=True,
            timeout=30,
        )
        found: dict[str, Any] = json.loads(converted.stdout)
        return found

    @property
    def environment(self) -> dict[str, str]:
        """Where SimpleSAMLphp finds its configuration."""
        return {**os.environ, "SIMPLESAMLPHP_CONFIG_DIR": str(self.folder)}

    def log(self) -> str:
        """What it and PHP have logged."""
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))


@contextmanager
def simplesamlphp(
    folder: Path, stem: Path, sources: Mapping[str, Any], **settings: Any
) -> Iterator[SimpleSaml]:
    """Run it with the key and certificate at ``stem`` and these authentication sources."""
    running = SimpleSaml(f"http://127.0.0.1:{free_port()}", folder)
    for name in ("metadata", "sessions", "attributemap"):
        (folder / name).mkdir()
    for suffix in (".key", ".crt"):
        shutil.copy(stem.with_suffix(suffix), folder / f"own{suffix}")
    _write(folder / "authsources", "config", sources)
    _write(folder / "config", "config", {**_configuration(running), **settings})
    with (folder / "php.log").open("wb") as output:
        process = subprocess.Popen(
            ["php", "-S", running.url.removeprefix("http://"), "-t", str(_PROGRAM / "www")],
            env=running.environment,
            stdout=output,
            stderr=output,
        )
    try:
        _wait(process, running)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def _configuration(running: SimpleSaml) -> dict[str, Any]:
    """What has no default, and a place of its own for all that it writes."""
    folder = str(running.folder)
    return {
        "baseurlpath": f"{running.url}/",
        **dict.fromkeys(("certdir", "loggingdir", "datadir", "tempdir"), f"{folder}/"),
        "metadatadir": f"{folder}/metadata/",
        "attributenamemapdir": str(_PROGRAM / "config" / "attributemap") + "/",
        "secretsalt": "only for as long as a test",
        "auth.adminpassword": "only for as long as a test",
        "technicalcontact_email": "beheer@example.nl",
        "timezone": "Europe/Amsterdam",
        "logging.handler": "file",
        "logging.level": 5,
        "showerrors": True,
        "session.phpsession.savepath": f"{folder}/sessions",
        "session.cookie.secure": False,
        "language.cookie.secure": False,
        "store.type": "phpsession",
    }


def _write(stem: Path, variable: str, value: Mapping[str, Any]) -> None:
    stem.with_suffix(".json").write_text(json.dumps(value), "utf-8")
    stem.with_suffix(".php").write_text(f"<?php\n${variable} = {_READ}\n", "utf-8")


def _wait(process: "subprocess.Popen[bytes]", running: SimpleSaml) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            requests.get(running.url, timeout=10)
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"SimpleSAMLphp did not start: {running.log()}")
