"""Who is nobody leaves traces within bounds."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from broker.assembly import paths
from broker.assembly.publication import publish
from broker.cli.setup import make_development_keys
from broker.makelaar import sso
from broker.makelaar.app import create_app
from broker.saml.policy import Front
from broker.settings import MAKELAAR
from broker.settings import Settings
from broker.storage.audit_trail import SqlAuditTrail
from broker.storage.engine import make_engine


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A makelaar that knows nobody."""
    settings = Settings(data=Path(tmp_path_factory.mktemp("data")))
    make_development_keys(settings, MAKELAAR)
    publish(settings, MAKELAAR)
    return settings


@pytest.fixture
def stranger(settings: Settings) -> FlaskClient:
    """A browser at that makelaar."""
    return create_app(settings).test_client()


def references(stranger: FlaskClient, count: int) -> list[str]:
    """The references on the pages of as many nonsensical requests."""
    pages = [stranger.get(paths.HM_SSO, query_string={"SAMLRequest": "x"}).text for _ in range(count)]
    return ["EH-" + page.split("EH-")[1][:9] for page in pages]


@pytest.mark.limit("recorded_a_minute")
def test_strangers_cannot_fill_the_audit_log(
    stranger: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sso, "FRONT", Front(recorded_a_minute=3))
    shown = references(stranger, 20)
    engine = make_engine(settings.database(MAKELAAR))
    recorded = [reference for reference in shown if SqlAuditTrail(engine).find(reference)]
    engine.dispose()
    # Three of one minute, or three of each when a minute begins meanwhile; each of the twenty had its page.
    assert len(recorded) in {3, 4, 5, 6}
    assert len(set(shown)) == 20
