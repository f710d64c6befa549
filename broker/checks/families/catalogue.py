"""Checks of the dienstencatalogus: the document and its ServiceProvider."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from broker.checks.looking import LOOKS
from broker.checks.looking import Element
from broker.checks.looking import Found
from broker.checks.looking import Outcome
from broker.checks.looking import Seen
from broker.checks.looking import on_catalogue
from broker.saml.errors import MalformedMessage
from broker.saml.metadata import oin_of
from broker.saml.names import CATALOGUE
from broker.saml.names import XML
from broker.saml.names import tag
from broker.saml.reading import moment

_ADDRESSES: Final = ("ServiceURL", "PrivacyPolicyURL", "ServiceDescriptionURL")
_INSTANT: Final = tag(CATALOGUE, "IssueInstant")
_PUBLIC: Final = tag(CATALOGUE, "IsPublic")
_AHEAD: Final = timedelta(minutes=5)


@on_catalogue("DC-000")
def refused_otherwise(_root: Element, _seen: Seen) -> Iterator[Found]:
    """Found by the readers of a login alone; see ``readers``."""
    yield from ()


@on_catalogue("DC-009")
def id_with_digit(root: Element, _seen: Seen) -> Iterator[Found]:
    """An ID that is no name."""
    if root.get("ID", "")[:1].isdigit():
        yield Found(root, root.get("ID", ""), "ID")


@on_catalogue("DC-014")
def of_another(root: Element, seen: Seen) -> Iterator[Found]:
    """A catalogue of another organisation than the metadata."""
    own = None if seen.entity is None else oin_of(seen.entity.get("entityID", ""))
    for found in root.iter(tag(CATALOGUE, "ServiceProviderID")):
        if own is not None and text_of(found) != own:
            yield Found(found, text_of(found), expected=own)


@on_catalogue("DC-015")
def no_dutch_provider(root: Element, _seen: Seen) -> Iterator[Found]:
    """Nothing to call it by in Dutch."""
    yield from without_language(providers(root), "OrganizationDisplayName", "nl")


@on_catalogue("DC-016")
def no_english_provider(root: Element, _seen: Seen) -> Iterator[Found]:
    """Nothing to call it by in English."""
    yield from without_language(providers(root), "OrganizationDisplayName", "en")


@on_catalogue("DC-063")
def not_https(root: Element, _seen: Seen) -> Iterator[Found]:
    """Links that anybody between can read and change."""
    for name in _ADDRESSES:
        for found in root.iter(tag(CATALOGUE, name)):
            if not text_of(found).startswith("https://"):
                yield Found(found, text_of(found))


@on_catalogue("DC-065")
def not_public(root: Element, _seen: Seen) -> Iterator[Found]:
    """Hidden from whoever looks for it."""
    for found in (*root.iter(tag(CATALOGUE, "ServiceProvider")), *definitions(root), *instances(root)):
        if (found.get(_PUBLIC) or "").strip() in {"false", "0"}:
            yield Found(found, "false", _PUBLIC)


@on_catalogue("DC-067")
def wrong_instant(root: Element, seen: Seen) -> Iterator[Found]:
    """Made in the future, or at a moment that has no time zone."""
    written = root.get(_INSTANT, "")
    try:
        if moment(written) > seen.subject.now + _AHEAD:
            yield Found(root, written, _INSTANT, f"≤ {seen.subject.now:%Y-%m-%dT%H:%M:%SZ}")
    except MalformedMessage:
        yield Found(root, written, _INSTANT, f"{seen.subject.now:%Y-%m-%dT%H:%M:%SZ}")


def _not_handed_over(seen: Seen) -> Outcome:
    if seen.entity is None:
        return None
    return () if seen.subject.catalogue is not None else (Found(),)


LOOKS["DC-070"] = _not_handed_over


def providers(root: Element) -> list[Element]:
    """The ServiceProviders; there should be one."""
    return root.findall(tag(CATALOGUE, "ServiceProvider"))


def definitions(root: Element) -> list[Element]:
    """The ServiceDefinitions of all."""
    return list(root.iter(tag(CATALOGUE, "ServiceDefinition")))


def instances(root: Element) -> list[Element]:
    """The ServiceInstances of all."""
    return list(root.iter(tag(CATALOGUE, "ServiceInstance")))


def text_of(element: Element | None) -> str:
    """Its text without the white space around it; empty for None."""
    return "" if element is None else (element.text or "").strip()


def child_text(element: Element, name: str) -> str:
    """The text of a child of the catalogue's own."""
    return text_of(element.find(tag(CATALOGUE, name)))


def joined(root: Element) -> list[tuple[Element, Element | None]]:
    """Each instance with the definition that it is one of, None where there is none."""
    known: dict[str, Element] = {}
    for each in definitions(root):
        known.setdefault(child_text(each, "ServiceUUID"), each)
    return [(each, known.get(child_text(each, "InstanceOfService"))) for each in instances(root)]


def without_language(elements: list[Element], name: str, lang: str) -> Iterator[Found]:
    """Each element that has this text in other languages only, or in none."""
    for element in elements:
        texts = element.findall(tag(CATALOGUE, name))
        languages = [each.get(tag(XML, "lang"), "nl") for each in texts]
        if lang not in languages:
            yield Found(texts[0] if texts else element, ", ".join(languages) or "–")
