"""What metadata and catalogues may hold, at the limit and around it."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from broker.saml import catalogue
from broker.saml import network_metadata
from broker.saml.catalogue import read_network_catalogue
from broker.saml.errors import MessageTooLarge
from broker.saml.findings import DocumentRefused
from broker.saml.keys import Certificate
from broker.saml.keys import UnusableCertificate
from broker.saml.metadata import read_metadata
from broker.saml.metadata import read_versions
from broker.saml.network_metadata import read_network_metadata
from broker.saml.policy import CRYPTO
from broker.saml.policy import LIMITS
from tests.beheerorganisatie import ADS
from tests.beheerorganisatie import KEY
from tests.beheerorganisatie import edition
from tests.beheerorganisatie import entity
from tests.beheerorganisatie import group
from tests.beheerorganisatie import small
from tests.keys import certificate
from tests.limits.around import AROUND
from tests.limits.around import past_it
from tests.saml.documents import NOW
from tests.saml.documents import dv_metadata
from tests.saml.documents import key_descriptor
from tests.saml.test_catalogue import published
from tests.saml.test_keys import holding
from tests.saml.test_keys import self_signed
from tests.saml.test_validity import APRIL
from tests.saml.test_validity import MAY
from tests.saml.test_validity import dates
from tests.saml.test_validity import together


@AROUND
@pytest.mark.limit("metadata_bytes")
def test_bytes_of_metadata(more: int) -> None:
    with past_it(more, DocumentRefused):
        read_metadata(dv_metadata().ljust(LIMITS.metadata_bytes + more), "DV", NOW)


# The next three are of documents that take seconds to make and read. Their own size is tried in test_bombs.py.


@AROUND
@pytest.mark.limit("network_catalogue_bytes")
def test_bytes_of_the_catalogue_of_all(more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LIMITS", replace(LIMITS, network_catalogue_bytes=100_000))

    with past_it(more, MessageTooLarge):
        read_network_catalogue(published().ljust(100_000 + more), [certificate("hm")], "hm")


@AROUND
@pytest.mark.limit("network_metadata_bytes")
def test_bytes_of_the_metadata_of_the_network(more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_metadata, "LIMITS", replace(LIMITS, network_metadata_bytes=100_000))

    with past_it(more, DocumentRefused):
        read_network_metadata(small().ljust(100_000 + more), [certificate(KEY)], NOW)


@AROUND
@pytest.mark.limit("network_entities")
def test_entities_in_the_metadata_of_the_network(more: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_metadata, "LIMITS", replace(LIMITS, network_entities=3))
    data = edition(group(ADS, *(entity("AD", number) for number in range(1, 4 + more))))

    with past_it(more, DocumentRefused):
        read_network_metadata(data, [certificate(KEY)], NOW)


@AROUND
@pytest.mark.parametrize("use", [None, "signing", "encryption"])
@pytest.mark.limit("certificates")
def test_certificates_of_one_use(more: int, use: str | None) -> None:
    keys = key_descriptor() + key_descriptor(use=use) * (LIMITS.certificates - 1 + more)

    with past_it(more, DocumentRefused):
        read_metadata(dv_metadata(keys=keys), "DV", NOW)


@AROUND
@pytest.mark.limit("metadata_versions")
def test_descriptors_of_one_entity(more: int) -> None:
    every = [dates(None, APRIL), dates(APRIL, MAY), dates(MAY)]
    chosen = every[: LIMITS.metadata_versions + more]

    with past_it(more, DocumentRefused):
        read_versions(together(*(dv_metadata(attributes=each) for each in chosen)), "DV")


@pytest.mark.parametrize("less", [-1, 0, 1], ids=["one more", "the limit", "one less"])
@pytest.mark.limit("minimum_rsa_bits")
def test_bits_of_a_key(less: int) -> None:
    der = self_signed(rsa.generate_private_key(65537, CRYPTO.minimum_rsa_bits - less))

    with past_it(less, UnusableCertificate):
        Certificate.from_der(der)


@pytest.mark.parametrize("less", [-2, 0, 2], ids=["two more", "the limit", "two less"])
@pytest.mark.limit("minimum_rsa_exponent")
def test_exponent_of_a_key(less: int) -> None:
    modulus = certificate("dv").public_key.public_numbers().n
    der = holding(rsa.RSAPublicNumbers(CRYPTO.minimum_rsa_exponent - less, modulus))

    with past_it(less, UnusableCertificate):
        Certificate.from_der(der)
