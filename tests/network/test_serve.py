import pytest

from broker.network import serve
from broker.settings import MR_EEN
from tests.network.installation import Installation


def test_the_party_in_the_environment_is_served(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAKELAAR_PARTY", MR_EEN.name)
    monkeypatch.setenv("MAKELAAR_DATA", str(installation.settings.data))
    monkeypatch.setenv("MAKELAAR_PORT", str(installation.settings.port))
    monkeypatch.setattr(serve, "configure", lambda party: None)
    client = serve.application().test_client()
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").status_code == 200
    assert MR_EEN.entity_id in client.get("/metadata").text


@pytest.mark.parametrize("name", ["", "makelaar", "nobody"])
def test_a_name_that_is_no_embedded_party_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAKELAAR_PARTY", name)
    with pytest.raises(RuntimeError, match="ad-sleutel"):
        serve.application()
