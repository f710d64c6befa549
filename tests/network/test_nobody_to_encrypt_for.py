"""When no certificate to encrypt for is in force nobody is identified: our fault, and never plain text instead."""

import pytest

from broker.saml.errors import NobodyToEncryptFor
from broker.saml.keys import Certificate
from broker.saml.response import OpenedResponse
from broker.settings import AD_SLEUTEL
from broker.settings import MR_EEN
from broker.settings import MR_TWEE
from tests.network.authenticatiedienst.test_sign_on import Visitor
from tests.network.installation import Installation
from tests.network.machtigingenregister.asking import Asker
from tests.network.machtigingenregister.asking import choice
from tests.network.machtigingenregister.test_chain import Chain


def require_a_fault_of_ours(opened: OpenedResponse) -> None:
    """No assertion, and a status that no software takes for a cancel."""
    assert opened.assertion is None
    assert opened.response.status.top.endswith(":Responder")
    assert opened.response.status.reason == "identificatie-niet-leverbaar"


def expire(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on no certificate is in force."""
    monkeypatch.setattr(Certificate, "is_in_force", lambda *_: False)


def test_the_register_declares_nothing(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    asker = Asker(installation)
    login = asker.login_of("directeur")
    expire(monkeypatch)
    page = asker.ask(login)

    require_a_fault_of_ours(installation.heard(page, MR_EEN))
    assert "90000011" not in page.text


def test_the_authenticatiedienst_declares_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(installation)
    visitor.arrive(installation.authn_request())
    expire(monkeypatch)

    require_a_fault_of_ours(installation.heard(visitor.log_in("directeur"), AD_SLEUTEL))


def test_half_a_chain_is_not_declared_to_a_register_without_a_key(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker = Asker(installation)
    page = asker.ask(asker.login_of("accountant"))
    register = installation.of(MR_TWEE).signer.certificate_der
    in_force = Certificate.is_in_force
    monkeypatch.setattr(
        Certificate, "is_in_force", lambda key, now: key.der != register and in_force(key, now)
    )

    answer = asker.do("choose", company=choice(page.text, "Bloemist"))
    require_a_fault_of_ours(installation.heard(answer, MR_EEN))


def test_the_second_register_confirms_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain(installation, "Bloemist")
    expire(monkeypatch)
    status, answer = chain.post(chain.query())

    assert status == 500
    assert b"Fault" in answer
    with pytest.raises(NobodyToEncryptFor):
        Asker(installation).login_of("directeur")
