"""SimpleSAMLphp on PHP's own web server, with the two files as printed."""

import re
import tempfile
import zlib
from base64 import b64decode
from base64 import b64encode
from datetime import UTC
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs
from urllib.parse import urlsplit

import requests
from lxml import html

from broker.onboarding.snippets import Product
from broker.onboarding.snippets import newcomer
from broker.rehearsals.kinds import Kind
from broker.rehearsals.seen import Seen
from broker.saml.parsing import parse
from broker.settings import MAKELAAR
from broker.settings import Settings
from tests.interop.behaviour import Behaviour
from tests.interop.behaviour import Did
from tests.interop.behaviour import certificate_in
from tests.interop.behaviour import printed_files
from tests.interop.behaviour import same_each_time
from tests.interop.behaviour import watch
from tests.interop.simplesamlphp import SimpleSaml
from tests.interop.simplesamlphp import simplesamlphp
from tests.keys import key_stem
from tests.rehearsals.answers import KVK
from tests.rehearsals.answers import Addressed
from tests.rehearsals.answers import spoiled

_ENTITY_ID = "https://app.example.nl/saml"
_SERVICE = "urn:etoegang:DV:00000003900000010000:services:1"

_SET_AGAINST = ("wrong-in-response-to", "replayed", "level-lowered", "comment-inside")
_WITHOUT_FILTERS = """
$config['by-itself'] = $config['default-sp'];
unset($config['by-itself']['authproc'], $config['by-itself']['AssertionConsumerServiceURL']);
"""
"""A source of its own: PHP may look only after seconds whether a file has changed."""


def run() -> Behaviour:
    """What it did, at its own page to try an authentication source on."""
    with tempfile.TemporaryDirectory(prefix="behaviour-simplesamlphp-") as made:
        printed, folder = Path(made) / "printed", Path(made) / "running"
        (printed / "cert").mkdir(parents=True)
        folder.mkdir()
        with simplesamlphp(folder, key_stem("simplesamlphp"), {}) as running:
            theirs = newcomer(_ENTITY_ID, running.url, service_id=_SERVICE)
            printed_files(Settings.model_construct(), theirs, Product.SIMPLESAMLPHP, printed)
            for source, target in (
                ("config/authsources.php", "authsources.php"),
                ("metadata/saml20-idp-remote.php", "metadata/saml20-idp-remote.php"),
                ("cert/dv.key", "dv.key"),
                ("cert/dv.crt", "dv.crt"),
            ):
                (folder / target).write_bytes((printed / source).read_bytes())
            with (folder / "authsources.php").open("a") as file:
                file.write(_WITHOUT_FILTERS)
            did = watch(_Visits(running, "default-sp").give)
            by_itself = watch(_Visits(running, "by-itself").give, _SET_AGAINST)
    return Behaviour(Product.SIMPLESAMLPHP, f"SimpleSAMLphp {_version()}", did, by_itself)


def _version() -> str:
    program = Path("/usr/share/simplesamlphp/lib/SimpleSAML/Configuration.php").read_text("utf-8")
    found = re.search(r"VERSION = '([^']+)'", program)
    assert found
    return found[1]


class _Visits:
    """Logins of people who never were here before."""

    def __init__(self, running: SimpleSaml, source: str) -> None:
        self._running = running
        self._page = f"{running.url}/module.php/core/authenticate.php?as={source}"
        self._acs = f"{running.url}/module.php/saml/sp/saml2-acs.php/{source}"
        self._certificate = certificate_in(running.folder / "dv.crt")

    def give(self, kind: Kind) -> Did:
        session = requests.Session()
        sent = session.get(self._page, timeout=20, allow_redirects=False)
        query = parse_qs(urlsplit(sent.headers["Location"]).query)
        to = Addressed(
            us=_ENTITY_ID,
            them=MAKELAAR.entity_id,
            acs=self._acs,
            asked=parse(zlib.decompress(b64decode(query["SAMLRequest"][0]), -15)).get("ID", ""),
            now=datetime.now(UTC).replace(microsecond=0),
            certificate=self._certificate,
        )
        answer = spoiled(kind.id, in_clear=True, to=to)
        posted = {"SAMLResponse": b64encode(answer.message).decode()}
        if answer.relay_state is not None:
            posted["RelayState"] = (
                query["RelayState"][0] if answer.relay_state == "state" else answer.relay_state
            )
        did = self._take(session, to.acs, posted)
        return self._take(requests.Session(), to.acs, posted) if kind.twice else did

    def _take(self, session: requests.Session, acs: str, posted: dict[str, str]) -> Did:
        answer = session.post(acs, data=posted, timeout=20, allow_redirects=False)
        where = answer.headers.get("Location", "")
        if where and not where.startswith(self._running.url):
            return Did(Seen.ELSEWHERE, where)
        if where:
            answer = session.get(where, timeout=20)
        if answer.status_code >= 500 and not answer.text.strip():
            return Did(Seen.BROKEN, f"HTTP {answer.status_code}")
        page = html.fromstring(answer.content)
        shown = " ".join(page.text_content().split())
        if answer.status_code == 200 and "Your attributes" in shown:
            who = f"KvKnr{KVK} " in shown and f"SubjectNameId{'a' * 64} " in shown
            return Did(Seen.LOGGED_IN if who else Seen.LOGGED_IN_OTHERWISE)
        caused = re.search(r"Caused by: (?:[\w\\\\]+): (.*?) Backtrace:", shown)
        return Did(Seen.ERROR_PAGE, same_each_time(caused[1] if caused else page.findtext(".//h2", "")))
