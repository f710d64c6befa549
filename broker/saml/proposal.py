"""Which profile fits a dienstverlener, judged by its metadata alone; an operator may choose another."""

import re
from dataclasses import dataclass

from lxml import etree

from broker.domain.connection import Profile
from broker.saml.findings import Report
from broker.saml.metadata import oin_of
from broker.saml.metadata import parse_document
from broker.saml.metadata import service_id_parts
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import MD
from broker.saml.names import tag

_VERSION = re.compile(r"\{urn:etoegang:[0-9.]+:metadata-extension\}version")
_IN_CLEAR_BEFORE = (1, 13)


@dataclass(frozen=True, slots=True)
class Proposal:
    """The profile that fits, and the reason in words for the operator."""

    profile: Profile
    reason: str


def propose_profile(metadata: bytes) -> Proposal:
    """The profile that this metadata was made for. Raises ``DocumentRefused`` when it cannot be read."""
    return propose_for(parse_document(metadata, Report("metadata")))


def propose_for(root: etree._Element) -> Proposal:
    """The same, of metadata that was parsed and is valid."""
    entity = next(root.iter(tag(MD, "EntityDescriptor")), root)
    if version := _version(entity):
        if _numbers(version) < _IN_CLEAR_BEFORE:
            return Proposal(Profile.V1_11, f"the metadata says it is of interface version {version}")
        return Proposal(Profile.V1_13, f"the metadata says it is of interface version {version}")
    consumers = entity.iterfind(f".//{tag(MD, 'AssertionConsumerService')}")
    if not any(each.get("Binding") == BINDING_ARTIFACT for each in consumers):
        return Proposal(Profile.SAML, "no AssertionConsumerService takes artifacts")
    if _asks_for_a_service(entity):
        return Proposal(Profile.V1_13, "an AttributeConsumingService asks for a ServiceID")
    if oin_of(entity.get("entityID", "")) is not None:
        return Proposal(Profile.V1_13, "the entityID is one of the afsprakenstelsel")
    return Proposal(
        Profile.SAML, "neither the entityID nor an AttributeConsumingService is of the afsprakenstelsel"
    )


def _version(entity: etree._Element) -> str | None:
    for name, value in entity.attrib.items():
        if _VERSION.fullmatch(str(name)) and re.fullmatch(r"\d+\.\d+", str(value).strip()):
            return str(value).strip()
    return None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _asks_for_a_service(entity: etree._Element) -> bool:
    requested = entity.iterfind(f".//{tag(MD, 'RequestedAttribute')}")
    return any(service_id_parts(each.get("Name", "")) is not None for each in requested)
