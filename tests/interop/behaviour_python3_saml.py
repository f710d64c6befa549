"""python3-saml in this process, with the two files as printed, and a request ID that is kept and handed back."""

import json
import tempfile
from base64 import b64encode
from datetime import UTC
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from onelogin.saml2.auth import OneLogin_Saml2_Auth

from broker.onboarding.snippets import Product
from broker.onboarding.snippets import newcomer
from broker.rehearsals.kinds import Kind
from broker.rehearsals.seen import Seen
from broker.settings import MAKELAAR
from broker.settings import Settings
from tests.interop.behaviour import Behaviour
from tests.interop.behaviour import Did
from tests.interop.behaviour import certificate_in
from tests.interop.behaviour import printed_files
from tests.interop.behaviour import same_each_time
from tests.interop.behaviour import watch
from tests.rehearsals.answers import KVK
from tests.rehearsals.answers import Addressed
from tests.rehearsals.answers import spoiled

_ENTITY_ID, _URL = "https://app.example.nl/saml", "http://localhost:8000"
_SERVICE = "urn:etoegang:DV:00000003900000010000:services:1"


_SET_AGAINST = ("level-lowered",)


def run() -> Behaviour:
    """What it did."""
    with tempfile.TemporaryDirectory(prefix="behaviour-python3-saml-") as made:
        folder = Path(made) / "saml"
        (folder / "certs").mkdir(parents=True)
        theirs = newcomer(_ENTITY_ID, _URL, service_id=_SERVICE)
        printed_files(Settings.model_construct(), theirs, Product.PYTHON3_SAML, Path(made))
        did = watch(_Site(folder).give)
        file = folder / "advanced_settings.json"
        advanced = json.loads(file.read_text("utf-8"))
        del advanced["security"]["failOnAuthnContextMismatch"]
        file.write_text(json.dumps(advanced), "utf-8")
        by_itself = watch(_Site(folder).give, _SET_AGAINST)
    name = f"maykin-python3-saml {version('maykin-python3-saml')}"
    return Behaviour(Product.PYTHON3_SAML, name, did, by_itself)


class _Site:
    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._certificate = certificate_in(folder / "certs/sp.crt")

    def give(self, kind: Kind) -> Did:
        asked = self._auth({})
        asked.login()
        to = Addressed(
            us=_ENTITY_ID,
            them=MAKELAAR.entity_id,
            acs=f"{_URL}/saml/acs",
            asked=asked.get_last_request_id(),
            now=datetime.now(UTC).replace(microsecond=0),
            certificate=self._certificate,
        )
        answer = spoiled(kind.id, in_clear=True, sealed=True, to=to)
        posted = {"SAMLResponse": b64encode(answer.message).decode()}
        if answer.relay_state is not None:
            posted["RelayState"] = answer.relay_state
        did = self._take(posted, to.asked)
        return self._take(posted, to.asked) if kind.twice else did

    def _take(self, posted: dict[str, str], asked: str) -> Did:
        auth = self._auth(posted)
        try:
            auth.process_response(request_id=asked)
        except Exception as error:
            return Did(Seen.BROKEN, same_each_time(f"{type(error).__name__}: {error}"))
        if not auth.is_authenticated():
            return Did(Seen.ERROR_PAGE, same_each_time(str(auth.get_last_error_reason())))
        who = (auth.get_nameid(), auth.get_attributes()["KvKnr"])
        words = "" if posted.get("RelayState") == "state" else "what RelayState does is up to the application"
        return Did(Seen.LOGGED_IN if who == ("a" * 64, [KVK]) else Seen.LOGGED_IN_OTHERWISE, words)

    def _auth(self, posted: dict[str, str]) -> OneLogin_Saml2_Auth:
        request = {
            "https": "off",
            "http_host": urlsplit(_URL).netloc,
            "script_name": "/saml/acs",
            "get_data": {},
            "post_data": posted,
        }
        return OneLogin_Saml2_Auth(request, custom_base_path=self._folder)
