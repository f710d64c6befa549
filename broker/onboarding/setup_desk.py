"""All that the holder of a setup link may do: check, hand over a concept, and test its own dienstverlener."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from typing import Final

from broker.assembly import paths
from broker.assembly.onboarding import connection_of
from broker.assembly.party import Assembled
from broker.assembly.personal_address import PersonalAddresses
from broker.checks import CheckReport
from broker.checks import Document
from broker.checks import Subject
from broker.checks import check
from broker.domain.connection import Connection
from broker.domain.connection import Profile
from broker.exchange.fetching import NotFetched
from broker.exchange.fetching import fetch
from broker.exchange.turns import NoTurn
from broker.exchange.turns import Turns
from broker.onboarding.behaviour import with_behaviour
from broker.onboarding.gate import Gate
from broker.onboarding.rehearsing import NotThisTest
from broker.onboarding.rehearsing import Rehearsals
from broker.onboarding.rehearsing import Started
from broker.onboarding.submissions import Outcome
from broker.onboarding.submissions import Submission
from broker.onboarding.submissions import Submitted
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.rehearsals import Rehearsal
from broker.ports.setup_links import CheckRun
from broker.ports.setup_links import SetupLink
from broker.ports.versions import Origin
from broker.ports.versions import Version
from broker.ports.versions import VersionState
from broker.ports.work import Mail
from broker.saml.errors import UnknownPartner
from broker.saml.findings import DocumentRefused
from broker.saml.metadata import entity_id_in
from broker.saml.partner import Partner
from broker.saml.policy import LIMITS
from broker.settings import MAKELAAR
from broker.storage.outbox import SqlOutbox
from broker.storage.setup_links import SqlSetupLinks
from broker.storage.versions import SqlVersions

ACTS_A_MINUTE: Final = 20
"""How often a link may do something in a minute: a check parses two documents."""


ACTS_A_DAY: Final = 300
"""And in a day: what is handed over is kept, up to two megabytes each time."""

_FETCHES: Final = Turns(1)
"""A server that somebody names may be as slow as it likes: of one link it holds one thread, and not the console."""


class NotHere(Exception):
    """The holder of this link may not do this; ``code`` says why, for a page to put in words.

    ``field`` is where in a form it is.
    """

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Handed:
    """Documents as the holder of a link gave them."""

    metadata: bytes = field(repr=False)
    catalogue: bytes | None = field(repr=False)
    origin: Origin


class SetupDesk:
    """The desk of one link, which its caller has found by its token."""

    def __init__(self, assembled: Assembled, link: SetupLink) -> None:
        """``assembled`` is the makelaar."""
        self._assembled = assembled
        self._links = SqlSetupLinks(assembled.engine)
        self._rehearsals = Rehearsals(assembled)
        self._clock = assembled.station.own.clock
        self.link = link

    def count(self) -> None:
        """Count something that is done. Raises ``NotHere`` when it is too much for one minute, or for one day."""
        state, day = self._assembled.state, f"{self._clock():%Y%m%d}"
        if state.count(f"setup:{self.link.id}:{day}", 24 * 60 * 60) > ACTS_A_DAY:
            raise NotHere("too_often")
        minute = f"{self._clock():%Y%m%d%H%M}"
        if state.count(f"setup:{self.link.id}:{minute}", 120) > ACTS_A_MINUTE:
            raise NotHere("too_often")

    def fetch(self, url: str) -> bytes:
        """A document at an address. Raises ``NotHere``."""
        settings = self._assembled.settings
        try:
            with _FETCHES.turn(self.link.id):
                return fetch(url, LIMITS.metadata_bytes, settings.fetch_networks, here=settings.is_tried_out)
        except NotFetched:
            raise NotHere("not_fetched") from None
        except NoTurn:
            raise NotHere("too_often") from None

    def check(self, handed: Handed) -> CheckReport:
        """Check documents, and keep the report. It says nothing of other dienstverleners."""
        catalogue = handed.catalogue
        report = check(
            Subject(
                metadata=Document("metadata", handed.metadata),
                catalogue=None if catalogue is None else Document("dienstencatalogus", catalogue),
                now=self._clock(),
                makelaar_oin=MAKELAAR.oin,
                lowest=self._assembled.settings.lowest_level,
            )
        )
        run = CheckRun(
            secrets.token_hex(12),
            self.link.id,
            self.link.entity_id,
            report.made_at,
            self.link.who,
            report.to_json(),
        )
        self._links.keep_run(run)
        return report

    def submit(self, handed: Handed, report: CheckReport) -> Submitted:
        """Hand documents over as a concept. Raises ``NotHere`` when they are not of this link, or are refused."""
        try:
            entity_id = entity_id_in(handed.metadata)
            if self.link.entity_id is None and self._is_known(entity_id):
                # A link for a newcomer is no way to hand something over for somebody who is there.
                raise NotHere("other_entity")
            if self.link.entity_id not in {None, entity_id} or self._is_of_another(entity_id):
                raise NotHere("other_entity")
            known = connection_of(self._assembled.registry, handed.metadata)
            submission = Submission(
                Role.DV,
                handed.metadata,
                handed.catalogue,
                known or Connection(profile=Profile(report.profile)),
                handed.origin,
                reason=f"setup link for {self.link.name}",
            )
            # The gate asks for an operator. This one can do nothing but submit, and cannot be had from here.
            submitted = Gate(self._assembled, self._clock).submit(
                submission, Actor(self.link.who, OperatorRole.OPERATOR)
            )
        except DocumentRefused:
            raise NotHere("refused") from None
        if not self._links.bind(self.link.id, entity_id, self._clock()):
            raise NotHere("other_entity")
        if submitted.outcome is Outcome.NEW:
            self._tell_operators(submitted)
        return submitted

    def _tell_operators(self, submitted: Submitted) -> None:
        label = submitted.version.label
        words = "\n".join(f"- {sentence}" for sentence in submitted.difference.in_words("en"))
        body = (
            f"{self.link.name} handed {label} in by a setup link.\n\n{words}\n\n"
            f"Have it tried out: makelaar dv test {label}\nPut it in force: makelaar dv activate {label}"
        )
        mail = Mail(f"handed-in:{submitted.version.id}", f"To be looked at: {label}", body)
        SqlOutbox(self._assembled.engine).put(mail, self._clock())

    def _is_known(self, entity_id: str) -> bool:
        assembled = self._assembled
        return assembled.registry.find(entity_id) is not None or bool(
            SqlVersions(assembled.engine).of(entity_id)
        )

    def _is_of_another(self, entity_id: str) -> bool:
        """Whether somebody else was connected as the dienstverlener that this newcomer named."""
        newcomer = self.link.bound_at is not None
        return newcomer and self._assembled.registry.find(entity_id) is not None and not self.is_theirs()

    def report(self) -> CheckReport | None:
        """The last report, with what came of test logins; None before anything was checked."""
        run = self._links.last_run(self.link.id)
        if run is None:
            return None
        return with_behaviour(CheckReport.from_json(run.report), self.tests())

    def versions(self) -> tuple[Version, ...]:
        """What the holder may see of what was handed over for this dienstverlener, newest first.

        Who got a link as a newcomer named the dienstverlener by handing something over. It sees that, and the rest only
        once an approver put something that came by this link in force: anybody can hand over another's metadata.
        """
        if self.link.entity_id is None:
            return ()
        found = tuple(SqlVersions(self._assembled.engine).of(self.link.entity_id))
        if self.link.bound_at is None:
            return found
        own = tuple(
            each
            for each in found
            if each.created_by == self.link.who and each.created_at >= self.link.created_at
        )
        return found if any(each.activated_at for each in own) else own

    def is_theirs(self) -> bool:
        """Whether the dienstverlener that is connected is that of this link: see ``versions``."""
        link = self.link
        if link.entity_id is None or self._assembled.registry.find(link.entity_id) is None:
            return False
        return link.bound_at is None or any(
            each.activated_at and each.created_by == link.who for each in self.versions()
        )

    def in_test(self) -> tuple[Version, ...]:
        """The versions of which a test login can be started before they are in force, newest first."""
        return tuple(each for each in self.versions() if each.state is VersionState.TEST)

    def tests(self) -> Sequence[Rehearsal]:
        """The test logins that the holder may see, newest first."""
        if self.link.entity_id is None:
            return ()
        found = self._rehearsals.of(self.link.entity_id)
        if self.is_theirs():
            return found
        own = {each.id for each in self.versions()}
        return tuple(each for each in found if each.version_id in own)

    def partner(self) -> Partner | None:
        """The dienstverlener as it is connected, else as it was handed over last; None when neither can be read."""
        entity_id, partners = self.link.entity_id, self._assembled.station.partners
        if entity_id is None:
            return None
        with suppress(UnknownPartner):
            if self.is_theirs():
                return partners.find(entity_id, Role.DV)
        for version in self.versions():
            if version.is_open:
                with suppress(UnknownPartner):
                    return partners.exactly(entity_id, version.content_hash, Role.DV)
        return None

    def metadata_url(self) -> str:
        """Where our metadata is for the holder: an address of its own once it is connected, else that of everybody."""
        url = self._assembled.public_url + paths.METADATA
        if self.link.entity_id is None or not self.is_theirs():
            return url
        return PersonalAddresses.of(self._assembled.settings).address(url, self.link.entity_id)

    def saw(self, rehearsal_id: str, seen: str) -> None:
        """Note what was seen after the answer of a test login. Raises ``NotHere``."""
        if rehearsal_id not in {each.id for each in self.tests()}:
            raise NotHere("choose")
        try:
            self._rehearsals.saw(rehearsal_id, self.link.entity_id or "", seen, self.link.who)
        except NotThisTest:
            raise NotHere("choose") from None

    def start(self, kind: str, service_id: str, login_url: str, version_id: str = "") -> Started:
        """Start a test login, by what is in force or by a version that is in test. Raises ``NotHere``."""
        is_possible = version_id in {each.id for each in self.in_test()} if version_id else self.is_theirs()
        if self.link.entity_id is None or not is_possible:
            raise NotHere("not_connected")
        try:
            return self._rehearsals.start_by_link(
                self.link.entity_id,
                kind,
                self.link.who,
                service_id=service_id,
                login_url=login_url,
                version_id=version_id or None,
            )
        except NotThisTest:
            raise NotHere("not_this_test") from None
