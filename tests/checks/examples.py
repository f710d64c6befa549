"""For each check the smallest change to good documents that it must find, with what must be found beside it."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import cache
from typing import Any

from broker.checks import Document
from broker.checks import Handshake
from broker.checks import Subject
from broker.domain.connection import Profile
from broker.ports.neighbours import KnownService
from tests.checks.good import DESTINATION
from tests.checks.good import MAKELAAR
from tests.checks.good import NOW
from tests.checks.good import OIN
from tests.checks.good import REQUEST_TEXT
from tests.checks.good import catalogue_text
from tests.checks.good import listed
from tests.checks.good import made_certificate
from tests.checks.good import metadata_text
from tests.checks.good import posted
from tests.checks.good import signed

OTHER = "urn:etoegang:DV:00000099000000005000:entities:0001"


@dataclass(frozen=True, slots=True)
class Around:
    """What is connected already: nothing, unless an example says so."""

    uuid: tuple[KnownService, ...] = ()
    service: tuple[KnownService, ...] = ()
    oin: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()

    def with_uuid(self, uuid: str) -> Sequence[KnownService]:
        return [each for each in self.uuid if uuid in {each.definition_uuid, each.instance_uuid}]

    def with_service_id(self, service_id: str) -> Sequence[KnownService]:
        return [each for each in self.service if each.service_id == service_id]

    def with_oin(self, oin: str) -> Sequence[str]:
        return self.oin if oin == OIN else ()

    def with_certificate(self, fingerprint: str) -> Sequence[str]:
        return self.key if fingerprint == listed(made_certificate()).key_name else ()

    def keys_of(self, entity_id: str) -> frozenset[str]:
        return self.keys


def good_handshake(host: str, port: int) -> Handshake:
    """A server with which nothing is wrong."""
    return Handshake(host, port, "TLSv1.3")


@dataclass(frozen=True, slots=True)
class Example:
    """A change to one of the documents, or to what is known beside them.

    ``also`` are the ids that cannot but be found with it. ``document`` is metadata, catalogue or request, made by
    ``make``; ``others`` are further fields of the Subject.
    """

    document: str
    make: Callable[[], bytes] | None = None
    also: frozenset[str] = frozenset()
    profile: Profile | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    def subject(self) -> Subject:
        """Good documents, but for this."""
        subject = good(self.profile)
        others = dict(self.others)
        if self.make is not None:
            others[self.document] = Document(self.document, self.make())
        return replace(subject, **others)


@cache
def _good_metadata() -> bytes:
    return signed(metadata_text())


@cache
def _good_catalogue() -> bytes:
    return signed(catalogue_text())


@cache
def _good_request() -> bytes:
    return posted(REQUEST_TEXT)


def good(profile: Profile | None = None) -> Subject:
    """Documents in which nothing is found, in the profile 1.13."""
    return Subject(
        metadata=Document("metadata", _good_metadata()),
        catalogue=Document("catalogue", _good_catalogue()),
        request=Document("request", _good_request()),
        now=NOW,
        profile=profile,
        makelaar_oin=MAKELAAR,
        destinations=(DESTINATION,),
        known=Around(),
        tls=good_handshake,
    )


def changed(text: str, *pairs: str) -> str:
    """The text with each first of two replaced by the second, once; both must make a difference."""
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def metadata(*pairs: str, also: str = "", profile: Profile | None = None, **others: Any) -> Example:
    """A change to the metadata, which is signed afterwards."""

    def make() -> bytes:
        return signed(changed(metadata_text(), *pairs))

    return Example("metadata", make, frozenset(also.split()), profile, others)


def catalogue(*pairs: str, also: str = "", profile: Profile | None = None, **others: Any) -> Example:
    """A change to the dienstencatalogus, which is signed afterwards."""

    def make() -> bytes:
        return signed(changed(catalogue_text(), *pairs))

    return Example("catalogue", make, frozenset(also.split()), profile, others)


def request(*pairs: str, also: str = "", profile: Profile | None = None, **others: Any) -> Example:
    """A change to the request, which is signed afterwards and posted."""

    def make() -> bytes:
        return posted(changed(REQUEST_TEXT, *pairs))

    return Example("request", make, frozenset(also.split()), profile, others)


def raw(document: str, make: Callable[[], bytes], also: str = "") -> Example:
    """Another document in the place of a good one."""
    return Example(document, make, frozenset(also.split()))


def beside(also: str = "", **known: Any) -> Example:
    """Good documents beside something that is connected already."""
    return Example("metadata", None, frozenset(also.split()), None, {"known": Around(**known)})


def server(**seen: Any) -> Example:
    """Good documents, and a server that is not."""

    def shake(host: str, port: int) -> Handshake:
        return Handshake(host, port, **seen)

    return Example("metadata", None, frozenset(), None, {"tls": shake})


def of(
    entity_id: str = OTHER, definition: str = "", instance: str = "", service_id: str = ""
) -> KnownService:
    """A service of another dienstverlener."""
    return KnownService(entity_id, service_id, definition, instance)
