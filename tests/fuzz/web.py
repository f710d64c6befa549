"""The same programs over HTTP: mutated messages at every endpoint of the makelaar, and requests odd as such.

What may not happen: an answer of 500 or more (but for the SOAP fault that says no), a refusal without a reference or
with words of the message, a login that goes on, or is granted, on what its sender did not sign.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote_plus
from xml.etree import ElementTree

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from broker.assembly import paths
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.saml.authn_request import write_authn_request
from broker.saml.logout import write_logout_request
from broker.saml.names import DS
from broker.saml.names import tag
from broker.saml.parsing import serialise
from broker.saml.soap import CONTENT_TYPE
from tests.fuzz.kinds import KINDS
from tests.fuzz.makelaar import BASE
from tests.fuzz.makelaar import Login
from tests.fuzz.makelaar import Makelaar
from tests.fuzz.makelaar import a_request
from tests.fuzz.makelaar import a_resolve
from tests.fuzz.makelaar import answer_of_ad
from tests.fuzz.makelaar import answer_of_mr
from tests.fuzz.mutants import Mutant
from tests.fuzz.mutants import mutated
from tests.fuzz.oracle import FaultFound
from tests.fuzz.program import Program
from tests.fuzz.program import Signing
from tests.fuzz.vocabulary import CANARY
from tests.fuzz.vocabulary import TOKENS
from tests.fuzz.vocabulary import VALUES
from tests.saml import builders
from tests.saml.builders import signed
from tests.saml.test_logout import a_request as a_logout_request

GOES_ON = "goes on"
_KINDS = {kind.name: kind for kind in KINDS}
_UNSIGNED = frozenset({tag(DS, "KeyInfo"), tag(DS, "SignatureValue")})
"""What is left out when two documents are compared: the one nobody signed, the other may be folded."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An endpoint: the kind of message that comes there, who brings which valid one, and how."""

    name: str
    kind: str
    enter: Callable[[Makelaar], Login]
    valid: Callable[[Login], bytes]
    bring: Callable[[Login, bytes], TestResponse]


def _stranger(makelaar: Makelaar) -> Login:
    return Login(makelaar.app.test_client(), "", "state")


def _post(path: str, field: str) -> Callable[[Login, bytes], TestResponse]:
    def bring(login: Login, wire: bytes) -> TestResponse:
        body = f"{field}={quote_plus(wire)}&RelayState={login.relay_state}"
        return _send(
            login.browser, "POST", path, body=body.encode(), content_type="application/x-www-form-urlencoded"
        )

    return bring


def _answer(path: str) -> Callable[[Login, bytes], TestResponse]:
    return _post(path, "SAMLResponse")


def _redirect(path: str) -> Callable[[Login, bytes], TestResponse]:
    return lambda login, wire: _send(login.browser, "GET", path, query=wire.decode("latin-1"))


def _soap(login: Login, wire: bytes) -> TestResponse:
    return _send(login.browser, "POST", paths.ARS, body=wire, content_type=CONTENT_TYPE)


def _send(
    browser: FlaskClient,
    method: str,
    path: str,
    *,
    query: str = "",
    body: bytes = b"",
    content_type: str | None = None,
    headers: dict[str, str] | None = None,
) -> TestResponse:
    return browser.open(
        path,
        method=method,
        base_url=BASE,
        data=body,
        content_type=content_type,
        headers=headers,
        environ_overrides={"QUERY_STRING": query},  # the client would quote it again
    )


def _unsigned_request(_login: Login) -> bytes:
    request = builders.an_authn_request(
        id=random_id(), issue_instant=system_clock(), destination=BASE + paths.HM_SSO
    )
    return serialise(write_authn_request(request))


def _logout() -> bytes:
    wish = a_logout_request(
        id=random_id(), issue_instant=system_clock(), destination=BASE + paths.HM_SLO, not_on_or_after=None
    )
    return signed(write_logout_request(wish), "dv")


SCENES = (
    Scene(
        "sso by POST", "request by POST", _stranger, lambda _: a_request(), _post(paths.HM_SSO, "SAMLRequest")
    ),
    Scene("sso by Redirect", "request by Redirect", _stranger, _unsigned_request, _redirect(paths.HM_SSO)),
    Scene(
        "slo by POST",
        "LogoutRequest by POST",
        _stranger,
        lambda _: _logout(),
        _post(paths.HM_SLO, "SAMLRequest"),
    ),
    Scene("ars", "ArtifactResolve", _stranger, lambda _: a_resolve(), _soap),
    Scene(
        "acs of ADs", "answer of an AD", Makelaar.begin, answer_of_ad, _post(paths.HM_ACS_AD, "SAMLResponse")
    ),
    Scene(
        "acs of MRs",
        "answer of an MR",
        Makelaar.authenticated,
        answer_of_mr,
        _post(paths.HM_ACS_MR, "SAMLResponse"),
    ),
)


def judge_scene(makelaar: Makelaar, data: bytes) -> tuple[str, str]:
    """(scene, outcome) of a program, of which the first byte chooses the scene. Raises ``FaultFound``."""
    program = Program.read(data)
    if program.message % (len(SCENES) + 1) == len(SCENES):
        return "odd requests", _judge_odd(makelaar, program)
    scene = SCENES[program.message % (len(SCENES) + 1)]
    login = scene.enter(makelaar)
    valid = scene.valid(login)
    mutant = mutated(program, _KINDS[scene.kind], valid)
    granted, makelaar.unexpected = makelaar.granted(), None
    answer = scene.bring(login, mutant.wire)
    _judge_answer(makelaar, answer, f"{scene.name}: {mutant}", is_soap=scene.bring is _soap)
    went_on = makelaar.granted() > granted or _goes_on(scene, answer)
    if went_on:
        _judge_success(scene, mutant, valid)
    elif answer.status_code == 303:
        page = _send(login.browser, "GET", answer.headers["Location"])
        _judge_answer(makelaar, page, f"{scene.name}, the page behind: {mutant}", is_soap=False)
        _judge_refusal(page, f"{scene.name}, the page behind: {mutant}")
    elif scene.bring is not _soap:
        _judge_refusal(answer, f"{scene.name}: {mutant}")
    return scene.name, GOES_ON if went_on else f"refused, {answer.status_code}"


def _goes_on(scene: Scene, answer: TestResponse) -> bool:
    """A login or logout that has begun, or is at the next partner; an artifact that is answered."""
    if answer.status_code == 303:
        # From an answer that is thrown away one comes to the same page of the login as at its beginning.
        return scene.enter is _stranger or "SAMLart=" in answer.headers["Location"]
    return answer.status_code == 200 and (
        b'name="SAMLRequest"' in answer.data or b"ArtifactResponse" in answer.data
    )


def _judge_answer(makelaar: Makelaar, answer: TestResponse, what: str, *, is_soap: bool) -> None:
    if makelaar.unexpected is not None:
        error = makelaar.unexpected
        raise FaultFound(f"{type(error).__name__}: {error}: {what}") from error
    is_fault = is_soap and answer.status_code == 500 and b":Fault>" in answer.data
    if answer.status_code >= 500 and not is_fault:
        raise FaultFound(f"answered with {answer.status}: {what}")
    if answer.status_code >= 400 and CANARY.encode() in answer.data:
        raise FaultFound(f"a refusal with words of the message: {what}")


def _judge_refusal(answer: TestResponse, what: str) -> None:
    if b"EH-" not in answer.data:
        raise FaultFound(f"no reference on the page, {answer.status}: {what}")


def _judge_success(scene: Scene, mutant: Mutant, valid: bytes) -> None:
    if mutant.is_signed_anew:
        if mutant.signing is not Signing.SENDER:
            raise FaultFound(f"signed by somebody else, and it goes on: {scene.name}: {mutant}")
    elif _essence(mutant.kind.unpack(mutant.wire) or b"") != _essence(valid):
        raise FaultFound(f"it goes on with what was not signed: {scene.name}: {mutant}")


def _essence(document: bytes) -> str:
    return ElementTree.canonicalize(document.decode("utf-8-sig"), exclude_tags=_UNSIGNED)


_METHODS = ("GET", "POST", "HEAD", "PUT", "OPTIONS", "PATCH")
_HEADERS = (
    "Cookie",
    "Accept-Language",
    "Content-Type",
    "Host",
    "Origin",
    "Referer",
    "X-Forwarded-For",
    "Range",
)
_FIELDS = (
    "SAMLRequest",
    "SAMLResponse",
    "SAMLart",
    "RelayState",
    "SigAlg",
    "Signature",
    "token",
    "do",
    "ad",
    "lang",
)
_BODIES = (
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "text/xml",
    "",
)


def _judge_odd(makelaar: Makelaar, program: Program) -> str:
    """A request that no browser sends: any path, method, header, query string and body."""
    rules = sorted(str(rule) for rule in makelaar.app.url_map.iter_rules())
    words = [
        (VALUES[step.what % len(VALUES)].encode() + TOKENS[step.amount % len(TOKENS)])[:4_000]
        for step in program.steps
    ] or [b""]
    first = program.steps[0] if program.steps else None
    number = 0 if first is None else first.where
    path = rules[number % len(rules)]
    for name in ("<journey_id>", "<logout_id>", "<path:filename>"):
        path = path.replace(name, quote_plus(words[0]).replace("%2F", "/"))
    pairs = [
        f"{_FIELDS[step.mutation % len(_FIELDS)]}={quote_plus(word) if step.amount & 1 else word.decode('latin-1')}"
        for step, word in zip(program.steps, words, strict=False)
    ]
    headers = {
        _HEADERS[step.where % len(_HEADERS)]: "".join(
            sign for sign in word.decode("latin-1") if sign.isprintable() and ord(sign) < 256
        )
        for step, word in zip(program.steps, words, strict=False)
        if step.where & 256
    }
    headers.pop("Host", None) if number & 512 else None
    makelaar.unexpected = None
    answer = _send(
        makelaar.app.test_client(),
        _METHODS[(number >> 8) % len(_METHODS)],
        path,
        query="&".join(pairs[::2]),
        body="&".join(pairs[1::2]).encode("latin-1"),
        content_type=_BODIES[(number >> 4) % len(_BODIES)],
        headers=headers,
    )
    _judge_answer(makelaar, answer, f"odd request: {answer.request}", is_soap=path == paths.ARS)
    return str(answer.status_code)
