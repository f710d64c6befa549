"""Artifacts: handed out once, to whom they were made for, over SOAP (SAML bindings 3.6)."""

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
import requests

from tests.journeys.foreign_dv import ForeignDv
from tests.journeys.received import AUTHN_FAILED
from tests.journeys.received import Received
from tests.journeys.visitor import Visitor
from tests.journeys.visitor import held


@pytest.fixture
def artifact(visitor: Visitor) -> str:
    """An artifact that waits."""
    visitor.ask().press("cancel")
    return visitor.landing["SAMLart"]


@pytest.mark.rule("3.1.07", "9.28")
def test_of_fifty_who_resolve_it_at_once_one_gets_the_message(dv: ForeignDv, artifact: str) -> None:
    messages = [dv.resolve_message(artifact) for _ in range(50)]
    with ThreadPoolExecutor(50) as pool:
        answers = [Received(answer, dv.name) for answer in pool.map(dv.soap, messages)]
    given = [answer for answer in answers if not answer.is_empty]
    assert len(given) == 1
    assert given[0].status == AUTHN_FAILED


@pytest.mark.rule("3.1.13")
def test_another_dienstverlener_gets_nothing_and_then_it_is_gone(
    dv: ForeignDv, other_dv: ForeignDv, artifact: str
) -> None:
    assert other_dv.resolve(artifact).is_empty
    assert dv.resolve(artifact).is_empty


@pytest.mark.rule("3.1.16")
@pytest.mark.parametrize(
    "change",
    [
        lambda raw: b"\x00\x03" + raw[2:],
        lambda raw: raw[:-1],
        lambda raw: raw + b"x",
        lambda raw: raw[:4] + b"\x00" * 20 + raw[24:],
        lambda raw: raw[:3] + bytes([raw[3] ^ 1]) + raw[4:],
        lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
    ],
    ids=["type", "43 bytes", "45 bytes", "SourceID", "endpoint index", "handle"],
)
def test_a_malformed_artifact_gets_success_and_no_message(
    dv: ForeignDv, artifact: str, change: object
) -> None:
    changed = base64.b64encode(change(base64.b64decode(artifact))).decode()  # type: ignore[operator]
    assert dv.resolve(changed).is_empty
    assert not dv.resolve(artifact).is_empty


@pytest.mark.rule("3.1.07", "3.1.10")
def test_a_resolve_that_is_sent_again_gives_nothing(dv: ForeignDv, artifact: str) -> None:
    message = dv.resolve_message(artifact)
    assert not Received(dv.soap(message), dv.name).is_empty
    assert Received(dv.soap(message), dv.name).is_empty


@pytest.mark.rule("3.1.09")
@pytest.mark.parametrize("kind", ["unsigned", "other key", "tampered", "stale", "early", "unknown"])
def test_a_resolve_that_is_not_believed_takes_nothing(dv: ForeignDv, artifact: str, kind: str) -> None:
    now = datetime.now(UTC)
    signed = dv.resolve_message(artifact)
    message = {
        "unsigned": signed[: signed.index(b"<ds:Signature")]
        + signed[signed.index(b"</ds:Signature>") + 15 :],
        "other key": dv.resolve_message(artifact, key="nobody"),
        "tampered": signed.replace(b'Version="2.0"', b'Version="2.0" Consent="x:y"'),
        "stale": dv.resolve_message(artifact, moment=now - timedelta(minutes=6)),
        "early": dv.resolve_message(artifact, moment=now + timedelta(minutes=6)),
        "unknown": ForeignDv(dv.box, dv.name, "00000099000000006900").resolve_message(artifact),
    }[kind]
    assert_fault(dv.soap(message))
    assert held(dv.box, artifact) is not None
    assert not dv.resolve(artifact).is_empty


@pytest.mark.rule("3.1.18")
@pytest.mark.parametrize("content_type", ["text/xml", "text/xml; charset=UTF-8", "application/soap+xml"])
def test_the_content_types_of_dutch_software_are_accepted(
    dv: ForeignDv, artifact: str, content_type: str
) -> None:
    answer = Received(dv.soap(dv.resolve_message(artifact), content_type), dv.name)
    assert answer.status == AUTHN_FAILED
    assert answer.http.headers["Content-Type"].startswith("text/xml")


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-www-form-urlencoded", "text/html", ""]
)
def test_other_content_types_are_not(dv: ForeignDv, artifact: str, content_type: str) -> None:
    assert dv.soap(dv.resolve_message(artifact), content_type).status_code == 415
    assert held(dv.box, artifact) is not None


SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
HEADER = '<s:Header><x:y xmlns:x="x:x" s:mustUnderstand="1"/></s:Header>'


@pytest.mark.rule("3.1.08")
@pytest.mark.parametrize(
    "envelope",
    [
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body>%s</s:Body><s:Body/></s:Envelope>',
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body>%s%s</s:Body></s:Envelope>',
        f'<s:Envelope xmlns:s="{SOAP}">{HEADER}<s:Body>%s</s:Body></s:Envelope>',
        f'<!DOCTYPE s:Envelope><s:Envelope xmlns:s="{SOAP}"><s:Body>%s</s:Body></s:Envelope>',
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault/></s:Body></s:Envelope>',
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>%s</s:Body></s:Envelope>',
        "%s",
        "",
        "<",
    ],
    ids=[
        "two bodies",
        "two messages",
        "mustUnderstand",
        "DTD",
        "fault",
        "SOAP 1.2",
        "bare",
        "empty",
        "no XML",
    ],
)
def test_another_envelope_is_a_fault(dv: ForeignDv, artifact: str, envelope: str) -> None:
    body = envelope.replace("%s", dv.resolve_message(artifact).decode())
    assert_fault(requests.post(dv.ars, data=body.encode(), headers={"Content-Type": "text/xml"}, timeout=20))
    assert held(dv.box, artifact) is not None


def test_a_soap_header_that_need_not_be_understood_is_passed_over(dv: ForeignDv, artifact: str) -> None:
    body = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header><x:y xmlns:x="x:x"/></s:Header>'
        f"<s:Body>{dv.resolve_message(artifact).decode()}</s:Body></s:Envelope>"
    )
    answer = requests.post(dv.ars, data=body.encode(), headers={"Content-Type": "text/xml"}, timeout=20)
    assert not Received(answer, dv.name).is_empty


def assert_fault(answer: requests.Response) -> None:
    """The answer is a SOAP fault that says nothing of what was wrong."""
    assert answer.status_code == 500
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert b"Fault" in answer.content
    assert b"the ArtifactResolve was refused" in answer.content
