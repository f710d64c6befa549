"""The SOAP envelope of the back channel."""

import pytest

from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.errors import MalformedMessage
from broker.saml.errors import SamlError
from broker.saml.names import SOAP
from broker.saml.parsing import parse
from broker.saml.schema import list_faults
from broker.saml.signature import verify
from broker.saml.soap import fault
from broker.saml.soap import unwrap
from broker.saml.soap import wrap
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import NOW

_RESOLVE = make_artifact_resolve(ArtifactResolve("_r", NOW, DV, "AAQAAA=="), signer("dv"))
_SOAP = f'xmlns:s="{SOAP}"'


def envelope(body: str = "", head: str = "") -> bytes:
    return f"<s:Envelope {_SOAP}>{head}<s:Body>{body}</s:Body></s:Envelope>".encode()


def test_a_message_comes_out_as_it_went_in() -> None:
    message = unwrap(wrap(_RESOLVE))
    assert message.get("ID") == "_r"
    assert _RESOLVE in wrap(_RESOLVE)


@pytest.mark.parametrize(
    "head", ["", "<s:Header/>", '<s:Header><x:h xmlns:x="urn:x" s:mustUnderstand="0"/></s:Header>']
)
def test_headers_that_need_not_be_understood_are_ignored(head: str) -> None:
    assert unwrap(envelope(_RESOLVE.decode(), head)).get("ID") == "_r"


def test_text_between_the_parts_of_the_envelope_is_ignored() -> None:
    stray = envelope(_RESOLVE.decode(), "\\\n<s:Header/>").replace(b"</s:Envelope>", b"stray</s:Envelope>")
    message = unwrap(stray)
    assert message.get("ID") == "_r"
    verify(message, [certificate("dv")], DV)


@pytest.mark.parametrize(
    "data",
    [
        b"<a/>",
        _RESOLVE,
        envelope(),
        envelope(_RESOLVE.decode() * 2),
        envelope(_RESOLVE.decode() + "stray"),
        envelope(_RESOLVE.decode(), '<s:Header><x:h xmlns:x="urn:x" s:mustUnderstand="1"/></s:Header>'),
        f"<s:Envelope {_SOAP}/>".encode(),
        f"<s:Envelope {_SOAP}><s:Body>{_RESOLVE.decode()}</s:Body><s:Body/></s:Envelope>".encode(),
        envelope(_RESOLVE.decode()).replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"),
        b"<!DOCTYPE s:Envelope>" + envelope(_RESOLVE.decode()),
        envelope(_RESOLVE.decode().replace('Version="2.0"', 'Version="2.0" Extra="1"')),
        fault("Client", "no"),
        envelope(_RESOLVE.decode()).replace(b"s:Envelope", b"s:Body"),
    ],
    ids=range(13),
)
def test_anything_but_one_valid_message_in_one_body_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        unwrap(data)


def test_two_messages_with_one_id_are_refused() -> None:
    with pytest.raises(SamlError):
        unwrap(envelope(_RESOLVE.decode(), f"<s:Header>{_RESOLVE.decode()}</s:Header>"))


def test_a_fault_says_whose_it_is_and_is_valid() -> None:
    document = fault("Client", "<not> believed & refused")
    assert list_faults(parse(document)) == []
    assert parse(document).findtext(".//faultstring") == "<not> believed & refused"
    assert parse(document).findtext(".//faultcode") == "soap:Client"


@pytest.mark.parametrize("name", ["Envelop", "Body", "Header"])
def test_a_body_in_another_element_is_no_envelope(name: str) -> None:
    with pytest.raises(MalformedMessage, match="not a SOAP envelope"):
        unwrap(envelope(_RESOLVE.decode()).replace(b"s:Envelope", f"s:{name}".encode()))
