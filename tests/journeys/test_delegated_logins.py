"""An organisation brings its own login: a plain identity provider behind an embedded authenticatiedienst."""

import base64
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import pytest
from lxml import etree

from broker.assembly import paths
from broker.settings import AD_SLEUTEL
from tests.box import Box
from tests.saml.identity_provider import ENTITY_ID
from tests.saml.identity_provider import PASSWORD
from tests.saml.identity_provider import TWO_FACTOR
from tests.saml.identity_provider import Answer
from tests.saml.identity_provider import metadata
from tests.walker import Walker

pytestmark = pytest.mark.slow

SIGN_ON = "http://localhost:9/sso"
PLAIN = ("--at", "ad-sleutel", "--register", "mr-een")


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("idp") / "idp.xml"
    path.write_bytes(metadata(SIGN_ON))
    return path


@pytest.fixture(scope="module", autouse=True)
def connected(box: Box, document: Path) -> Iterator[str]:
    """What connecting the identity provider printed."""
    contexts = ("--context", f"{TWO_FACTOR}=loa3", "--context", "urn:example:weak=loa2")
    added = box.command("ad", "add", "--metadata", str(document), *PLAIN, *contexts, "--name", "Ons account")
    assert added.returncode == 0, added.stderr
    granted = box.command("ad", "authorise", ENTITY_ID, "j.tester", "90000011")
    assert granted.returncode == 0, granted.stderr
    yield added.stdout
    assert box.command("ad", "remove", ENTITY_ID).returncode == 0


def sent_to_provider(walker: Walker) -> tuple[Answer, str]:
    """Choose the identity provider on the login page; the answer that fits its question, and its RelayState."""
    form = walker.form("provider")
    data = {**dict(form.form_values()), "provider": ENTITY_ID}
    page = walker.session.post(
        walker.box.url(AD_SLEUTEL) + str(form.action), data=data, allow_redirects=False, timeout=20
    )
    location = page.headers["Location"]
    assert location.startswith(SIGN_ON)
    asked = parse_qs(urlsplit(location).query)
    request = etree.fromstring(zlib.decompress(base64.b64decode(asked["SAMLRequest"][0]), wbits=-15))
    assert request.get("ForceAuthn") == "true"
    acs = request.get("AssertionConsumerServiceURL") or ""
    answer = Answer(request.get("ID") or "", acs, AD_SLEUTEL.entity_id, datetime.now(UTC))
    return answer, asked["RelayState"][0]


def bring(walker: Walker, asked: tuple[Answer, str], **spoilt: Any) -> Walker:
    """Post the answer of the identity provider, with some fields spoilt, as its page would."""
    answer, relay_state = asked
    message = replace(answer, **spoilt).response()
    data = {"SAMLResponse": base64.b64encode(message).decode(), "RelayState": relay_state}
    acs = walker.box.url(AD_SLEUTEL) + paths.AD_DELEGATED
    walker.answer = walker.session.post(acs, data=data, timeout=20)
    return walker.relay()


@pytest.fixture
def at_login(walker: Walker) -> Walker:
    """Somebody at the login page of the authenticatiedienst before the identity provider."""
    return walker.start(3).choose_ad("werknemer")


def test_somebody_logs_in_with_the_account_of_their_organisation(at_login: Walker) -> None:
    assert "Log in via Ons account" in at_login.text
    bring(at_login, sent_to_provider(at_login))
    assert "90000011" in at_login.text


@pytest.mark.parametrize("context", [PASSWORD, "urn:unheard"])
def test_a_class_without_mapping_is_refused_never_guessed(at_login: Walker, context: str) -> None:
    bring(at_login, sent_to_provider(at_login), context=context)
    assert "Inloggen bij uw organisatie is niet gelukt" in at_login.text


def test_a_class_that_is_too_weak_says_so(at_login: Walker) -> None:
    bring(at_login, sent_to_provider(at_login), context="urn:example:weak")
    assert "EH2" in at_login.text
    assert "90000011" not in at_login.text


def test_a_cancel_leads_back_to_the_login_page(at_login: Walker) -> None:
    bring(at_login, sent_to_provider(at_login), status="Responder")
    assert "U bent bij uw organisatie niet ingelogd" in at_login.text
    assert "password" in at_login.fields()


def test_a_person_without_machtiging_is_told_so(at_login: Walker) -> None:
    bring(at_login, sent_to_provider(at_login), person="somebody.else")
    assert "geen-machtiging" in at_login.text


@pytest.mark.parametrize(
    "spoilt",
    [
        {"key": "dv"},
        {"sign": "nothing"},
        {"request_id": "_other"},
        {"logged_in": timedelta(minutes=-2)},  # a session of its own, though a new login was asked
    ],
)
def test_an_answer_that_is_not_believed_logs_nobody_in(at_login: Walker, spoilt: dict[str, Any]) -> None:
    bring(at_login, sent_to_provider(at_login), **spoilt)
    assert "Inloggen bij uw organisatie is niet gelukt" in at_login.text


def test_an_answer_counts_once(at_login: Walker) -> None:
    asked = sent_to_provider(at_login)
    bring(at_login, asked)
    assert "90000011" in at_login.text
    bring(at_login, asked)
    assert at_login.status == 400


def test_an_answer_in_another_browser_is_refused(at_login: Walker, box: Box) -> None:
    other = bring(Walker(box), sent_to_provider(at_login))
    assert other.status == 400
    assert "90000011" not in other.text


def test_the_commands_tell_what_is_connected(box: Box, connected: str) -> None:
    assert box.url(AD_SLEUTEL) + paths.AD_DELEGATED_METADATA in connected
    listed = box.command("ad", "list").stdout
    assert f"{ENTITY_ID}  Ons account  (plain, behind ad-sleutel)" in listed
    assert AD_SLEUTEL.entity_id in listed
    shown = box.command("ad", "show", ENTITY_ID).stdout
    assert f"context       {TWO_FACTOR} = loa3" in shown


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "--at"),
        (PLAIN, "needs --context and --register"),
        (("--context", f"{TWO_FACTOR}=loa3"), "go together with --at"),
        ((*PLAIN, "--context", f"{TWO_FACTOR}=high"), "not a level"),
        (
            ("--at", "ad-toegang", "--register", "mr-een", "--context", f"{TWO_FACTOR}=loa4"),
            "above its own level",
        ),
    ],
)
def test_a_mapping_that_lacks_something_is_refused(
    box: Box, document: Path, options: tuple[str, ...], says: str
) -> None:
    added = box.command("ad", "add", "--metadata", str(document), *options)
    assert added.returncode != 0
    assert says in " ".join(added.stderr.split())
