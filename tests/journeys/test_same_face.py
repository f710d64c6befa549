"""Over real HTTP: wrong signatures brought to the running makelaar and its register, all with one face."""

import base64
import random
import re
import time

import pytest
import requests

from broker.assembly import paths
from broker.domain.levels import LevelOfAssurance
from broker.exchange.own import OneKey
from broker.exchange.own import Own
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.saml.artifact_resolution import ArtifactResolve
from broker.saml.artifact_resolution import make_artifact_resolve
from broker.saml.authn_request import AuthnRequest
from broker.saml.authn_request import write_authn_request
from broker.saml.parsing import serialise
from broker.saml.policy import LIFETIMES
from broker.saml.signature import sign
from broker.saml.soap import CONTENT_TYPE
from broker.saml.soap import wrap
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.signers.files import FileSigner
from tests.box import Box
from tests.saml.spoiling import SIGNATURES

ROUNDS = 10
_VARIABLE = re.compile(r"EH-[0-9A-Z]{4}-[0-9A-Z]{4}|\d{1,2} [A-Za-z]+ \d{4}, \d\d:\d\d")
_PASSING = {"Date", "Connection", "Keep-Alive"}


def face(answer: requests.Response) -> tuple[int, tuple[tuple[str, str], ...], str]:
    """Everything in a response but the reference and the moment."""
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in _PASSING)
    return answer.status_code, tuple(headers), _VARIABLE.sub("", answer.text)


def asked(own: Own, destination: str) -> bytes:
    """A request of the dienstverlener."""
    request = AuthnRequest(own.new_id(), own.clock(), own.entity_id, destination, level=LevelOfAssurance.LOA3)
    element = write_authn_request(request)
    sign(element, own.key)
    return serialise(element)


@pytest.mark.parametrize("door", ["sign on", "artifact resolution"])
@pytest.mark.limit("refusal_beat")
def test_a_hundred_wrong_signatures_have_one_face_and_none_is_answered_before_the_beat(
    box: Box, door: str
) -> None:
    own = Own(
        GEMEENTE.entity_id, OneKey(FileSigner.load(box.settings.key_stem(GEMEENTE))), system_clock, random_id
    )
    path = paths.HM_SSO if door == "sign on" else paths.ARS
    address = box.url(MAKELAAR) + path
    line = requests.Session()
    faces, quickest = set(), 60.0
    for _ in range(ROUNDS):
        for spoil in random.sample(list(SIGNATURES.values()), len(SIGNATURES)):
            if door == "sign on":
                form = {"SAMLRequest": base64.b64encode(spoil(asked(own, address)))}
                begun = time.monotonic()
                answer = line.post(address, data=form, timeout=20)
            else:
                resolve = ArtifactResolve(own.new_id(), own.clock(), own.entity_id, "AAQAAA==", address)
                body = wrap(spoil(make_artifact_resolve(resolve, own.key)))
                begun = time.monotonic()
                answer = line.post(address, data=body, headers={"Content-Type": CONTENT_TYPE}, timeout=20)
            quickest = min(quickest, time.monotonic() - begun)
            faces.add(face(answer))

    assert len(faces) == 1, faces
    assert quickest >= LIFETIMES.refusal_beat.total_seconds()
