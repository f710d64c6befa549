"""A client certificate in a header: the two ways that proxies write it, and nothing else."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.exchange.client_certificates import ClientCertificateRefused
from broker.exchange.forwarded_certificate import read_forwarded_certificate
from tests.keys import certificate_pem
from tests.keys import signer

DER = signer("dv").certificate_der
PEM = certificate_pem("dv").decode()
RFC_9440 = f":{base64.b64encode(DER).decode()}:"
NGINX = quote(PEM, safe="")


@pytest.mark.parametrize(
    "value",
    [RFC_9440, NGINX, quote(PEM), quote(PEM.rstrip("\n"), safe="")],
    ids=["RFC 9440", "nginx", "slashes as they are", "no newline at the end"],
)
def test_both_ways_give_the_certificate(value: str) -> None:
    assert read_forwarded_certificate(value) == DER


def test_an_empty_value_is_no_certificate() -> None:
    assert read_forwarded_certificate("") is None


@pytest.mark.parametrize(
    "value",
    [
        f"{RFC_9440},{RFC_9440}",
        f"{RFC_9440}, {RFC_9440}",
        f"{NGINX},{NGINX}",
        f"{NGINX}{NGINX}",
        quote(PEM + PEM, safe=""),
        f" {RFC_9440}",
        f"{RFC_9440};x=1",
        RFC_9440[1:],
        "::",
        ":",
        ":====:",
        ":abc:",
        PEM,
        PEM.replace("\n", " "),
        quote(PEM.replace("CERTIFICATE", "PRIVATE KEY"), safe=""),
        quote("x" + PEM, safe=""),
        "%ff%fe",
        "(null)",
        "-",
    ],
)
def test_anything_else_is_refused(value: str) -> None:
    with pytest.raises(ClientCertificateRefused):
        read_forwarded_certificate(value)


@given(st.text(max_size=200))
def test_whatever_comes_gives_a_certificate_nothing_or_a_refusal(value: str) -> None:
    try:
        found = read_forwarded_certificate(value)
    except ClientCertificateRefused:
        return
    assert found is None or isinstance(found, bytes)
