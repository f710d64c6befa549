"""A dienstverlener changes while people log in there: a login ends with the version that it began with."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.box import Box
from tests.journeys import documents
from tests.journeys.plain_dv import PlainDv
from tests.journeys.received import SUCCESS
from tests.journeys.test_profile_saml import CBC
from tests.journeys.test_profile_saml import posted
from tests.journeys.visitor import Ledger
from tests.journeys.visitor import Visitor
from tests.keys import certificate

OIN = "00000099000000006950"


@dataclass
class ChangingDv(PlainDv):
    """Once ``moved`` its metadata has other addresses and another key, and nothing to encrypt for."""

    moved: bool = False

    def metadata(self) -> bytes:
        """As it is now."""
        written = super().metadata()
        if not self.moved:
            return written
        other = certificate(f"{self.name}-next").base64()
        return (
            written.replace(b"/post", b"/elsewhere")
            .replace(b"/art", b"/art-elsewhere")
            .replace(certificate(self.name).base64().encode(), other.encode())
        )

    def move(self) -> None:
        """Change, as an operator is told of it."""
        self.moved, self.content_encryption = True, None
        with tempfile.TemporaryDirectory() as folder:
            metadata, catalogue = Path(folder) / "metadata.xml", Path(folder) / "catalogue.xml"
            metadata.write_bytes(self.metadata())
            catalogue.write_bytes(documents.catalogue(f"{self.name}-next", self.oin, self.offered))
            done = self.box.command("dv", "add", str(metadata), "--catalogue", str(catalogue), "--new-keys")
        assert done.returncode == 0, done.stderr
        assert "/elsewhere (HTTP-POST, index 0) is added." in done.stdout


@pytest.fixture
def changing_dv(box: Box) -> Iterator[ChangingDv]:
    """It is as at first."""
    options = ("--profile", "saml", "--default-service", documents.service_id(OIN, documents.DEFAULT))
    dv = ChangingDv(
        box, "changing-dv", OIN, "http://localhost:9/changing", options=options, content_encryption=CBC
    )
    dv.connect()
    yield dv
    dv.disconnect()


@pytest.fixture
def visitor(box: Box, changing_dv: ChangingDv, ledger: Ledger) -> Visitor:
    """A person with a fresh browser."""
    return Visitor(box, changing_dv, ledger)


def test_a_login_ends_where_it_began_and_for_the_key_of_then(
    visitor: Visitor, changing_dv: ChangingDv, box: Box, ledger: Ledger
) -> None:
    visitor.ask(None).choose_ad("werknemer")

    changing_dv.move()
    visitor.authenticate("werknemer")

    received = posted(visitor)
    assert received.status == SUCCESS
    assert visitor.posting["action"] == f"{changing_dv.url}/post"
    assert len(received.find("//saml:EncryptedAssertion")) == 1
    assert received.find("//saml:Response/saml:Assertion") == []

    later = Visitor(box, changing_dv, ledger)
    later.send(changing_dv.ask(None), None)
    assert later.status == 400  # signed with the key that went


def test_an_artifact_is_given_to_the_key_that_the_login_began_with_and_to_no_other_old_one(
    visitor: Visitor, changing_dv: ChangingDv, box: Box, ledger: Ledger
) -> None:
    visitor.ask(None, AssertionConsumerServiceIndex="1").choose_ad("werknemer")
    changing_dv.move()
    visitor.authenticate("werknemer")
    assert visitor.location.startswith(f"{changing_dv.url}/art?")
    assert changing_dv.resolve(visitor.landing["SAMLart"]).status == SUCCESS

    new_key = f"{changing_dv.name}-next"
    later = Visitor(box, changing_dv, ledger)
    request = changing_dv.ask(None, AssertionConsumerServiceIndex="1")
    later.post(changing_dv.sso, changing_dv.form(request, "state-1", key=new_key))
    later.choose_ad("werknemer").authenticate("werknemer")
    artifact = later.landing["SAMLart"]
    assert later.location.startswith(f"{changing_dv.url}/art-elsewhere?")

    with_old_key = changing_dv.soap(changing_dv.resolve_message(artifact))
    assert with_old_key.status_code == 500
    assert b"Assertion" not in with_old_key.content
    with_new_key = changing_dv.soap(changing_dv.resolve_message(artifact, key=new_key))
    assert b"Assertion" in with_new_key.content


def test_whoever_is_suspended_is_refused_at_once(visitor: Visitor, changing_dv: ChangingDv, box: Box) -> None:
    visitor.ask(None).choose_ad("werknemer")
    assert box.command("dv", "suspend", changing_dv.entity_id, "--reason", "test").returncode == 0

    visitor.authenticate("werknemer")

    assert "SAMLResponse" not in visitor.fields()
    assert visitor.ask(None).status == 400
    assert "partij-onbekend" in visitor.text
    assert box.command("dv", "resume", changing_dv.entity_id).returncode == 0
    assert visitor.ask(None).status == 200
