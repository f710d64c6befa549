"""The 44 bytes of an artifact."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broker.saml.artifact import Artifact
from broker.saml.artifact import decode_artifact
from broker.saml.artifact import source_id
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.artifact_resolution import open_artifact_response
from broker.saml.artifact_resolution import read_artifact_resolve
from broker.saml.errors import MalformedMessage
from broker.saml.parsing import parse
from tests.attacks.forging import forge
from tests.attacks.forging import identifier
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.attacks.forging import unsigned
from tests.keys import certificate
from tests.keys import signer
from tests.saml.builders import DV
from tests.saml.builders import HM
from tests.saml.builders import NOW
from tests.saml.builders import artifact_response

_PARTS = st.builds(
    Artifact, st.integers(0, 65535), st.binary(min_size=20, max_size=20), st.binary(min_size=20, max_size=20)
)


@given(_PARTS)
def test_an_artifact_survives_its_journey(artifact: Artifact) -> None:
    assert decode_artifact(artifact.encode()) == artifact


@pytest.mark.rule("3.1.03", "3.1.04", "3.1.05", "3.1.06")
def test_the_bytes_stand_where_the_binding_wants_them() -> None:
    data = base64.b64decode(Artifact(258, source_id(HM), b"h" * 20).encode())
    assert (
        data
        == b"\x00\x04" + b"\x01\x02" + hashlib.sha1(HM.encode(), usedforsecurity=False).digest() + b"h" * 20
    )


@pytest.mark.rule("3.1.04")
def test_index_zero_is_two_zero_bytes() -> None:
    assert base64.b64decode(Artifact(0, b"s" * 20, b"h" * 20).encode())[:4] == b"\x00\x04\x00\x00"


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "é",
        _encoded(b"\x00\x04" + bytes(41)),
        _encoded(b"\x00\x04" + bytes(43)),
        _encoded(b"\x00\x01" + bytes(42)),
        _encoded(b"\x04\x00" + bytes(42)),
        _encoded(b"\x00\x04" + bytes(42)).replace("A", "-", 1),
        _encoded(b"\x00\x04" + bytes(42)) + "AAAA",
    ],
)
def test_what_is_not_an_artifact_of_type_4_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessage):
        decode_artifact(text)


@pytest.mark.parametrize("version", ["1.1", "2.1", ""])
def test_a_question_of_another_version_is_refused(version: str) -> None:
    question = etree.fromstring(
        make_artifact_resolve(ArtifactResolve("_r", NOW, DV, "AAQAAA=="), signer("dv"))
    )
    question.set("Version", version)
    with pytest.raises(MalformedMessage, match="only SAML"):
        read_artifact_resolve(question)


@pytest.mark.parametrize("moment", ["now", ""])
def test_an_answer_of_no_moment_is_refused(moment: str) -> None:
    made = unsigned(artifact_response(None))
    made.set("IssueInstant", moment)
    text = etree.tostring(made)
    answer = forge(text, "hm", template(reference(f"#{identifier(text)}")))
    with pytest.raises(MalformedMessage):
        open_artifact_response(parse(answer), [certificate("hm")], HM, "_resolve")
