"""Opening documents as a login would, but so that whatever is wrong becomes a row."""

import re
from dataclasses import replace
from typing import Final

from lxml import etree

from broker.checks.captured import capture
from broker.checks.listed import certificates_in
from broker.checks.looking import Found
from broker.checks.looking import Seen
from broker.checks.looking import on_opening
from broker.checks.subject import Subject
from broker.domain.connection import Profile
from broker.saml import schema
from broker.saml.errors import MalformedMessage
from broker.saml.errors import MessageTooLarge
from broker.saml.names import CATALOGUE
from broker.saml.names import MD
from broker.saml.names import SAMLP
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.policy import LIMITS
from broker.saml.proposal import Proposal
from broker.saml.proposal import propose_for

_READ: Final = {
    "not well-formed": "001",
    "document type": "002",
    "UTF-8": "003",
}
"""Words of the errors of ``parse``, and the number of the check that they belong to; 004 is size, 005 all else."""
_NUMBERS: Final = ("001", "002", "003", "004", "005", "006")
_SCHEMA_FAULTS: Final = 20
"""More of them at once help nobody."""
_ROOTS: Final = {
    "MD": {tag(MD, "EntityDescriptor"), tag(MD, "EntitiesDescriptor")},
    "DC": {tag(CATALOGUE, "ServiceCatalogue")},
    "RQ": {tag(SAMLP, "AuthnRequest")},
}
"""How each document begins. One that begins otherwise is named for that, and for nothing else."""
_WEB_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
"""A page of a browser: what an address gives that is not the right one. Few are XML, and many have a DOCTYPE."""
_BEGIN: Final = 4096
"""Bytes in which a web page shows that it is one."""

for _prefix in ("MD", "DC", "RQ"):
    for _number in _NUMBERS:
        on_opening(f"{_prefix}-{_number}")
for _id in ("MD-007", "MD-008", "MD-009", "DC-007", "DC-008", "RQ-007"):
    on_opening(_id)

Faults = dict[str, tuple[Found, ...]]


def open_all(subject: Subject) -> tuple[Seen, Proposal | None]:
    """Everything that can be opened, and the profile that fits the metadata (None when that cannot be read)."""
    faults: Faults = {}
    root = entity = descriptor = None
    if subject.metadata is not None:
        root = _open(subject.metadata.data, "MD", faults, LIMITS.metadata_bytes)
        entity = None if root is None else _entity(root, faults)
        descriptor = None if entity is None else _descriptor(entity, faults)
    proposal = _propose(root, faults)
    seen = Seen(
        subject,
        subject.profile or (proposal.profile if proposal else Profile.V1_13),
        faults,
        metadata=root,
        entity=entity,
        descriptor=descriptor,
        listed=() if descriptor is None else tuple(certificates_in(descriptor)),
    )
    if subject.catalogue is not None:
        root = _open(subject.catalogue.data, "DC", faults, LIMITS.metadata_bytes)
        if root is not None:
            _count_providers(root, faults)
            seen = replace(seen, catalogue=root, listed=(*seen.listed, *certificates_in(root)))
    return _with_request(seen, faults), proposal


def _propose(root: etree._Element | None, faults: Faults) -> Proposal | None:
    """Of metadata only that a login could read."""
    if root is None or any(faults.get(f"MD-{number}") for number in ("006", "007")):
        return None
    return propose_for(root)


def _with_request(seen: Seen, faults: Faults) -> Seen:
    if seen.subject.request is None:
        return seen
    captured = capture(seen.subject.request.data)
    if captured.data is None:
        faults["RQ-001"] = (Found(found="no base64 of XML, nor of DEFLATE", line=1),)
        return replace(seen, captured=captured)
    root = _open(captured.data, "RQ", faults, LIMITS.message_bytes)
    return replace(seen, captured=captured, message=root)


def _open(data: bytes, prefix: str, faults: Faults, maximum: int) -> etree._Element | None:
    """The root of a document of this kind; what stood in its way, and each fault of the schema, go to ``faults``."""
    if _WEB_PAGE.match(data[:_BEGIN]):
        faults[f"{prefix}-007"] = (Found(found="html", line=1),)
        return None
    for number in _NUMBERS[:-1]:
        faults[f"{prefix}-{number}"] = ()
    try:
        root = parse(data, maximum=maximum)
    except MessageTooLarge as error:
        faults[f"{prefix}-004"] = (Found(found=str(error)),)
        return None
    except MalformedMessage as error:
        text = str(error)
        number = next((number for words, number in _READ.items() if words in text), "005")
        faults[f"{prefix}-{number}"] = (Found(found=_shown(data, text), line=_line_in(text)),)
        return None
    faults[f"{prefix}-007"] = ()
    if root.tag not in _ROOTS[prefix]:
        faults[f"{prefix}-007"] = (Found(root, _name(root)),)
        return None
    faults[f"{prefix}-006"] = tuple(
        Found(found=text, line=line) for line, text in schema.list_faults(root)[:_SCHEMA_FAULTS]
    )
    return root


def _shown(data: bytes, text: str) -> str:
    """What is wrong; a document that is no XML at all is recognised by how it begins, or by being empty."""
    if not data.strip():
        return f"{len(data)} bytes"
    begin = data[:40].decode("utf-8", "replace").split("\n")[0].strip()
    return text if begin.startswith("<?xml") or not begin else f"{text}: {begin!r} …"


def _line_in(text: str) -> int:
    found = re.search(r"at line (\d+)", text)
    return int(found.group(1)) if found else 1


def _entity(root: etree._Element, faults: Faults) -> etree._Element | None:
    faults["MD-008"] = ()
    if root.tag == tag(MD, "EntityDescriptor"):
        return root
    entities = list(root.iter(tag(MD, "EntityDescriptor")))
    if not entities:
        faults["MD-007"] = (Found(root, _name(root)),)
        return None
    names = {entity.get("entityID") for entity in entities}
    if len(names) != 1 or len(entities) > LIMITS.metadata_versions:
        faults["MD-008"] = (Found(root, f"{len(entities)} × EntityDescriptor"),)
        return None
    return entities[-1]


def _descriptor(entity: etree._Element, faults: Faults) -> etree._Element | None:
    found = entity.findall(tag(MD, "SPSSODescriptor"))
    faults["MD-009"] = () if len(found) == 1 else (Found(entity, f"{len(found)} × SPSSODescriptor"),)
    return found[0] if found else None


def _count_providers(root: etree._Element, faults: Faults) -> None:
    providers = root.findall(tag(CATALOGUE, "ServiceProvider"))
    faults["DC-008"] = () if len(providers) == 1 else (Found(root, f"{len(providers)} × ServiceProvider"),)


def _name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
