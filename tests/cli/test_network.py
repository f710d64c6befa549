"""The metadata of the network from the command line."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

import pytest

from broker.ports import Role
from broker.settings import AD_SLEUTEL
from tests.beheerorganisatie import ADS
from tests.beheerorganisatie import KEY
from tests.beheerorganisatie import MRS
from tests.beheerorganisatie import edition
from tests.beheerorganisatie import entity
from tests.beheerorganisatie import entity_id
from tests.beheerorganisatie import group
from tests.cli.conftest import Installation
from tests.keys import certificate
from tests.keys import certificate_pem

AD, AD2, MR = entity_id("AD"), entity_id("AD", 2), entity_id("MR")


class Files:
    """An edition and the certificate of the beheerorganisatie, as files."""

    def __init__(self, folder: Path) -> None:
        self.edition = folder / "network.xml"
        self.certificate = folder / "bo.crt"
        self.certificate.write_bytes(certificate_pem(KEY))

    def publish(self, *diensten: str, number: int = 7, key: str = KEY) -> "Files":
        self.edition.write_bytes(
            edition(group(ADS, *diensten), group(MRS, entity("MR")), number=number, key=key)
        )
        return self

    @property
    def add(self) -> tuple[str, ...]:
        return ("network", "add", str(self.edition), "--certificate", str(self.certificate))

    @property
    def settings(self) -> dict[str, str]:
        return {"MAKELAAR_NETWORK_CERTIFICATES": f'["{self.certificate}"]'}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path).publish(entity("AD"))


def connected(installation: Installation) -> list[str]:
    return [
        entity_id
        for role in (Role.AD, Role.MR)
        for entity_id, _ in installation.registry.content_hashes(role)
    ]


def test_who_is_in_it_is_connected(installation: Installation, files: Files) -> None:
    result = installation.run(*files.add)

    assert result.exit_code == 0
    for line in (
        "taken: urn:etoegang:1.13:metadata:T:7",
        f"appeared: {AD}",
        f"appeared: {MR}",
        "unchanged: 0",
    ):
        assert line in result.output
    assert {AD, MR, AD_SLEUTEL.entity_id} <= set(connected(installation))


def test_the_next_one_says_what_changed(installation: Installation, files: Files) -> None:
    installation.run(*files.add)
    files.publish(entity("AD", key="mallory"), entity("AD", 2, level=None), number=8)

    result = installation.run(*files.add)

    assert result.exit_code == 0
    assert f"changed: {AD}" in result.output
    assert f"not usable, the last good copy goes on if there was one: {AD2}" in result.output
    assert "assurance-certification" in result.stderr


def test_what_one_connected_oneself_is_left_alone(installation: Installation, files: Files) -> None:
    sleutel = entity("AD", entity_id=AD_SLEUTEL.entity_id, key="mallory")
    files.publish(sleutel)

    result = installation.run(*files.add)

    assert f"left as you connected it: {AD_SLEUTEL.entity_id}" in result.output
    found = installation.registry.find(AD_SLEUTEL.entity_id)
    assert found is not None
    assert certificate("mallory").base64().encode() not in found.metadata


@pytest.mark.parametrize("content", [b"<md:EntityDescriptor/>", b"-----BEGIN CERTIFICATE-----\nAAAA"])
def test_what_is_no_certificate_is_said_without_asn1(
    installation: Installation, files: Files, content: bytes
) -> None:
    files.certificate.write_bytes(content)
    result = installation.run(*files.add)

    assert result.exit_code == 1
    assert f"{files.certificate}: not an X.509 certificate. Give a certificate, PEM or DER." in result.stderr


def test_a_certificate_may_be_in_der(installation: Installation, files: Files) -> None:
    files.certificate.write_bytes(certificate(KEY).der)

    assert installation.run(*files.add).exit_code == 0


@pytest.mark.rule("7.5.05")
def test_what_another_signed_is_refused_and_changes_nothing(installation: Installation, files: Files) -> None:
    before = connected(installation)
    files.publish(entity("AD"), key="mallory")

    result = installation.run(*files.add)

    assert result.exit_code == 1
    assert "nothing was changed" in result.stderr
    assert "Digital signature" in result.stderr
    assert connected(installation) == before


@pytest.mark.rule("7.5.12")
def test_an_older_one_is_refused(installation: Installation, files: Files) -> None:
    installation.run(*files.publish(entity("AD"), number=8).add)

    result = installation.run(*files.publish(entity("AD", 2), number=7).add)

    assert result.exit_code == 1
    assert "the number goes back" in result.stderr
    assert AD in connected(installation)


def test_one_that_shrinks_is_taken_by_force_only(installation: Installation, files: Files) -> None:
    installation.run(*files.publish(*(entity("AD", number) for number in range(1, 5))).add)
    files.publish(entity("AD"), number=8)

    assert "leaves out 3 of the 5" in installation.run(*files.add).stderr
    assert installation.run(*files.add, "--force").exit_code == 0
    assert AD2 not in connected(installation)


@pytest.mark.parametrize("spoil", ["missing", "no certificate"])
def test_a_certificate_that_cannot_be_used_is_told(
    installation: Installation, files: Files, spoil: str
) -> None:
    files.certificate.unlink() if spoil == "missing" else files.certificate.write_bytes(b"x")

    result = installation.run(*files.add)

    assert result.exit_code == 1
    assert str(files.certificate) in result.stderr


def test_without_a_certificate_one_is_told_to_name_it(installation: Installation, files: Files) -> None:
    result = installation.run("network", "add", str(files.edition))

    assert result.exit_code == 1
    assert "--certificate" in result.stderr


def test_the_certificate_may_stand_in_the_settings(installation: Installation, files: Files) -> None:
    assert installation.run("network", "add", str(files.edition), **files.settings).exit_code == 0


def test_refreshing_reads_what_the_settings_say(installation: Installation, files: Files) -> None:
    assert "no network_url is set" in installation.run("network", "refresh").stderr
    where = {**files.settings, "MAKELAAR_NETWORK_URL": str(files.edition)}
    assert f"appeared: {AD}" in installation.run("network", "refresh", **where).output

    files.publish(entity("AD"), entity("AD", 2), number=8)

    assert f"appeared: {AD2}" in installation.run("network", "refresh", **where).output


def test_a_document_that_is_not_there_leaves_the_last_one(installation: Installation, files: Files) -> None:
    where = {**files.settings, "MAKELAAR_NETWORK_URL": str(files.edition)}
    installation.run("network", "refresh", **where)
    files.edition.unlink()

    assert installation.run("network", "refresh", **where).exit_code == 1
    assert AD in connected(installation)


def test_it_shows_what_was_taken_and_who_came_with_it(installation: Installation, files: Files) -> None:
    assert "no network metadata was taken" in installation.run("network", "show").stderr
    switch = datetime.now(UTC) + timedelta(days=3)
    files.publish(entity("AD", name="Anker", end=switch), entity("AD", name="Baken", start=switch))
    installation.run(*files.add)

    output = installation.run("network", "show").output

    assert "urn:etoegang:1.13:metadata:T:7" in output
    assert f"AD  {AD}  Anker  (in force" in output
    assert f"AD  {AD}  Baken  (not in force, {switch:%Y-%m-%d %H:%M} UTC to -)" in output
    assert f"MR  {MR}" in output
    assert AD_SLEUTEL.entity_id not in output


def test_removing_forgets_who_came_with_it(installation: Installation, files: Files) -> None:
    installation.run(*files.add)

    assert installation.run("network", "remove").exit_code == 1
    assert AD in connected(installation)
    result = installation.run("network", "remove", "--yes")

    assert "removed: 2 partners" in result.output
    assert AD not in connected(installation)
    assert AD_SLEUTEL.entity_id in connected(installation)


# What doctor says


def test_doctor_says_when_it_must_be_fetched_again(installation: Installation, files: Files) -> None:
    assert "network metadata" not in installation.run("doctor").output
    installation.run(*files.add)
    assert (
        "✓ network metadata: urn:etoegang:1.13:metadata:T:7, due before" in installation.run("doctor").output
    )

    old = edition(
        group(ADS, entity("AD")), group(MRS, entity("MR")), number=8, attributes='cacheDuration="PT0S"'
    )
    files.edition.write_bytes(old)
    installation.run(*files.add)

    assert "✗ network metadata" in installation.run("doctor").output


def test_doctor_looks_at_the_certificates_of_the_beheerorganisatie(
    installation: Installation, files: Files
) -> None:
    assert f"✓ certificate {files.certificate}" in installation.run("doctor", **files.settings).output
    files.certificate.write_bytes(b"x")
    assert f"✗ certificate {files.certificate}" in installation.run("doctor", **files.settings).output
