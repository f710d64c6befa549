"""Apache with mod_auth_mellon on a free port, with a configuration of its own in a temporary folder."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.ports import free_port

_MODULES = "/usr/lib/apache2/modules"
_START_SECONDS = 20
_CONFIGURATION = """
ServerName 127.0.0.1
ServerRoot {folder}
PidFile {folder}/apache.pid
Listen 127.0.0.1:{port}
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule dir_module {modules}/mod_dir.so
LoadModule headers_module {modules}/mod_headers.so
LoadModule auth_mellon_module {modules}/mod_auth_mellon.so
ErrorLog {folder}/error.log
LogLevel warn
DocumentRoot {folder}/htdocs
MellonLockFile {folder}/mellon.lock
<Location />
    Require all granted
    MellonEndpointPath /mellon
    MellonSPPrivateKeyFile {key}
    MellonSPCertFile {certificate}
    MellonIdPMetadataFile {folder}/idp.xml
    MellonSPentityId {entity_id}
    MellonSecureCookie Off
    MellonCookieSameSite Lax
    MellonSignatureMethod rsa-sha256
    {extra}
</Location>
<Location /secret>
    AuthType Mellon
    MellonEnable auth
    Require valid-user
    Header set X-Person "%{{MELLON_NAME_ID}}e"
    Header set X-KvK "%{{MELLON_KvKnr}}e"
    Header set X-Level "%{{MELLON_LoA}}e"
</Location>
"""


@dataclass(frozen=True)
class Mellon:
    """A running Apache."""

    url: str
    folder: Path

    def metadata(self) -> bytes:
        """What mod_auth_mellon says of itself."""
        return requests.get(f"{self.url}/mellon/metadata", timeout=10).content

    def log(self) -> str:
        """Its error log."""
        return (self.folder / "error.log").read_text("utf-8")


@contextmanager
def mellon(
    folder: Path, stem: Path, entity_id: str, idp_metadata: bytes, extra: str = ""
) -> Iterator[Mellon]:
    """Run it with the key and certificate at ``stem``, trusting this identity provider."""
    port = free_port()
    (folder / "htdocs" / "secret").mkdir(parents=True)
    (folder / "htdocs" / "secret" / "index.html").write_text("<p>in</p>", "utf-8")
    (folder / "idp.xml").write_bytes(idp_metadata)
    for suffix in (".key", ".crt"):
        shutil.copy(stem.with_suffix(suffix), folder / f"sp{suffix}")
    _let_www_data_read(folder)
    (folder / "apache.conf").write_text(
        _CONFIGURATION.format(
            folder=folder,
            port=port,
            modules=_MODULES,
            key=folder / "sp.key",
            certificate=folder / "sp.crt",
            entity_id=entity_id,
            extra=extra,
        ),
        "utf-8",
    )
    with (folder / "start.log").open("wb") as output:
        process = subprocess.Popen(
            ["/usr/sbin/apache2", "-f", str(folder / "apache.conf"), "-DFOREGROUND"],
            stdout=output,
            stderr=output,
        )
    running = Mellon(f"http://127.0.0.1:{port}", folder)
    try:
        _wait(process, running)
        yield running
    finally:
        process.terminate()
        process.wait(20)


def _let_www_data_read(folder: Path) -> None:
    """Apache, started as root, works as another user, who must reach the folder and write its lock."""
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.getuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o011)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    folder.chmod(0o777)


def _wait(process: "subprocess.Popen[bytes]", running: Mellon) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            running.metadata()
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"Apache did not start: {(running.folder / 'start.log').read_text('utf-8')}")
