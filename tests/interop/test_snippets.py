"""python3-saml and SimpleSAMLphp log in with the files that `makelaar dv snippets` prints, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from onelogin.saml2.auth import OneLogin_Saml2_Auth

from broker.network.cast import BAKKERIJ
from tests.box import Box
from tests.interop.landing import landing
from tests.interop.simplesamlphp import simplesamlphp
from tests.interop.snippet_files import commands
from tests.interop.snippet_files import write_files
from tests.keys import key_stem
from tests.walker import Walker

pytestmark = pytest.mark.interop

_NAMES = ("--service-name", "Fietsenstalling", "--organisation", 'Stalling \'t Hoekje "Zuid" & Zn.')


@contextmanager
def _connected(box: Box, entity_id: str, folder: Path, **handed: Path) -> Iterator[None]:
    """What connect.sh does; ``handed`` is a file instead of the address of the metadata, where nobody serves it."""
    for words in commands(folder):
        words[2] = str(handed.get("metadata", words[2]))
        done = box.command(*words)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    yield
    assert box.command("dv", "remove", entity_id).returncode == 0


def test_python3_saml_logs_in_with_the_folder_as_printed(box: Box, walker: Walker, tmp_path: Path) -> None:
    entity_id = "https://snippet.example.nl/python3-saml"
    (tmp_path / "saml" / "certs").mkdir(parents=True)
    with landing() as arrivals:
        base = arrivals.url.removesuffix("/acs")
        write_files(
            box,
            tmp_path,
            *(entity_id, "--for", "python3-saml", "--url", base, *_NAMES),
            *("--service-id", "urn:etoegang:DV:00000099000000007810:services:1"),
        )

        def auth(posted: dict[str, str]) -> OneLogin_Saml2_Auth:
            request = {
                "https": "off",
                "http_host": urlsplit(base).netloc,
                "script_name": "/saml/acs",
                "get_data": {},
                "post_data": posted,
            }
            return OneLogin_Saml2_Auth(request, custom_base_path=str(tmp_path / "saml"))

        asked = auth({})
        document = tmp_path / "metadata.xml"
        document.write_bytes(_bytes(asked.get_settings().get_sp_metadata()))
        with _connected(box, entity_id, tmp_path, metadata=document):
            walker.open(asked.login()).choose_ad("werknemer").authenticate("werknemer").relay()
            answered = auth(arrivals.received[-1])
            answered.process_response(request_id=asked.get_last_request_id())

    assert answered.get_errors() == [], answered.get_last_error_reason()
    assert answered.get_attributes()["KvKnr"] == [BAKKERIJ.kvk]
    assert answered.get_attributes()["LoA"] == ["urn:etoegang:core:assurance-class:loa3"]


def test_simplesamlphp_logs_in_with_its_two_files_as_printed(
    box: Box, walker: Walker, tmp_path: Path
) -> None:
    entity_id = "https://snippet.example.nl/simplesamlphp"
    printed, folder = tmp_path / "printed", tmp_path / "running"
    (printed / "cert").mkdir(parents=True)
    folder.mkdir()
    with simplesamlphp(folder, key_stem("simplesamlphp"), {}) as running:
        write_files(
            box,
            printed,
            *(entity_id, "--for", "simplesamlphp", "--url", running.url, *_NAMES),
            *("--service-id", "urn:etoegang:DV:00000099000000007820:services:1"),
        )
        for source, target in (
            ("config/authsources.php", "authsources.php"),
            ("metadata/saml20-idp-remote.php", "metadata/saml20-idp-remote.php"),
            ("cert/dv.key", "dv.key"),
            ("cert/dv.crt", "dv.crt"),
        ):
            (folder / target).write_bytes((printed / source).read_bytes())
        with _connected(box, entity_id, printed):
            page = f"{running.url}/module.php/core/authenticate.php?as=default-sp"
            walker.open(page).choose_ad("werknemer").authenticate("werknemer")

            assert walker.url == page, f"{walker.text}\n{running.log()}"
            assert f"KvKnr{BAKKERIJ.kvk} " in walker.text
            assert "LoAurn:etoegang:core:assurance-class:loa3 " in walker.text


def _bytes(document: str | bytes) -> bytes:
    return document if isinstance(document, bytes) else document.encode()
