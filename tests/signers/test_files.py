"""Keys in files: loaded only when key and certificate are a pair, made once, and never lost."""

import stat
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from structlog.testing import capture_logs

from broker.ports import Signer
from broker.saml.keys import Certificate
from broker.signers.files import FileSigner
from broker.signers.files import UnusableKey
from broker.signers.files import make_development_key
from tests.keys import certificate_pem
from tests.keys import key_stem
from tests.keys import private_pem

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OIN = "00000099000000001000"


def make(stem: Path) -> None:
    make_development_key(stem, name="Open makelaar", oin=OIN, now=NOW)


def pair(folder: Path, key: bytes | None, certificate: bytes | None) -> Path:
    """Files with these contents; None for a file that is not there."""
    stem = folder / "signing"
    for suffix, content in ((".key", key), (".crt", certificate)):
        if content is not None:
            stem.with_suffix(suffix).write_bytes(content)
    return stem


def test_a_pair_signs_what_its_certificate_verifies() -> None:
    signer: Signer = FileSigner.load(key_stem("dv"))

    certificate = Certificate.from_der(signer.certificate_der)

    assert certificate.verifies(signer.sign(b"message"), b"message")
    assert not certificate.verifies(signer.sign(b"message"), b"another message")
    assert signer.key_name == certificate.key_name


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_or_replace_is_used_and_complained_of_once(
    tmp_path: Path, mode: int
) -> None:
    stem = pair(tmp_path, private_pem("dv"), certificate_pem("dv"))
    with capture_logs() as logs:
        stem.with_suffix(".key").chmod(0o600)
        FileSigner.load(stem)
        assert logs == []
        stem.with_suffix(".key").chmod(mode)
        assert FileSigner.load(stem).key_name == FileSigner.load(stem).key_name

    assert logs == [
        {"event": "key_open_to_others", "reason": "signing.key: chmod 600", "log_level": "warning"}
    ]


def test_a_pair_opens_what_was_wrapped_for_it() -> None:
    signer = FileSigner.load(key_stem("dv"))

    assert signer.unwrap(Certificate.from_der(signer.certificate_der).wrap(b"secret")) == b"secret"


@pytest.mark.parametrize("wrapped", [b"", b"x", b"x" * 256])
def test_what_was_not_wrapped_for_it_does_not_open(wrapped: bytes) -> None:
    with pytest.raises(ValueError):
        FileSigner.load(key_stem("dv")).unwrap(wrapped)


def test_key_and_certificate_of_different_parties_are_no_pair(tmp_path: Path) -> None:
    stem = pair(tmp_path, private_pem("dv"), certificate_pem("hm"))

    with pytest.raises(UnusableKey, match="does not belong"):
        FileSigner.load(stem)


def elliptic() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def locked() -> bytes:
    key = serialization.load_pem_private_key(private_pem("dv"), None)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"passphrase"),
    )


@pytest.mark.parametrize(
    "fault", ["no key", "no certificate", "neither", "no PEM", "EC", "locked", "certificate no PEM"]
)
def test_a_pair_that_cannot_be_used_says_which_file(tmp_path: Path, fault: str) -> None:
    key = {"no key": None, "neither": None, "no PEM": b"x", "EC": elliptic(), "locked": locked()}.get(
        fault, private_pem("dv")
    )
    certificate = {"no certificate": None, "neither": None, "certificate no PEM": b"x"}.get(
        fault, certificate_pem("dv")
    )
    stem = pair(tmp_path, key, certificate)

    with pytest.raises(UnusableKey) as error:
        FileSigner.load(stem)

    assert str(stem) + (".crt" if "certificate" in fault else ".key") in str(error.value)


def test_an_unusable_key_is_not_quoted(tmp_path: Path) -> None:
    stem = pair(tmp_path, private_pem("dv").replace(b"MII", b"???"), certificate_pem("dv"))

    with pytest.raises(UnusableKey) as error:
        FileSigner.load(stem)

    assert "MII" not in str(error.value)
    assert error.value.__suppress_context__


def test_a_development_key_is_a_pair_that_names_the_party(tmp_path: Path) -> None:
    stem = tmp_path / "keys" / "signing"

    make(stem)

    certificate = x509.load_der_x509_certificate(FileSigner.load(stem).certificate_der)
    assert certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "Open makelaar"
    assert certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)[0].value == OIN
    assert (
        certificate.not_valid_before_utc
        <= NOW
        < NOW + timedelta(days=3 * 365)
        <= certificate.not_valid_after_utc
    )
    assert Certificate.from_der(FileSigner.load(stem).certificate_der).public_key.key_size == 2048


def test_only_its_owner_may_read_the_key(tmp_path: Path) -> None:
    make(tmp_path / "signing")

    assert stat.S_IMODE((tmp_path / "signing.key").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["signing.crt", "signing.key"]


def test_making_it_again_keeps_the_key(tmp_path: Path) -> None:
    make(tmp_path / "signing")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    make(tmp_path / "signing")

    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_key_without_certificate_is_kept_and_gets_one(tmp_path: Path) -> None:
    stem = pair(tmp_path, private_pem("dv"), None)

    make(stem)

    assert stem.with_suffix(".key").read_bytes() == private_pem("dv")
    assert FileSigner.load(stem).sign(b"message") == FileSigner.load(key_stem("dv")).sign(b"message")


def test_a_certificate_without_key_is_left_for_the_operator(tmp_path: Path) -> None:
    stem = pair(tmp_path, None, certificate_pem("dv"))

    make(stem)

    assert stem.with_suffix(".crt").read_bytes() == certificate_pem("dv")
    with pytest.raises(UnusableKey):
        FileSigner.load(stem)


def test_a_key_that_cannot_be_read_is_not_overwritten(tmp_path: Path) -> None:
    stem = pair(tmp_path, b"half a key", None)

    with pytest.raises(UnusableKey):
        make(stem)

    assert stem.with_suffix(".key").read_bytes() == b"half a key"


def test_what_a_crash_left_behind_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "signing.part").write_bytes(b"half a key")

    make(tmp_path / "signing")

    assert FileSigner.load(tmp_path / "signing").sign(b"message")
