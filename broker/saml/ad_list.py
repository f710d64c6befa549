"""The list of authenticatiediensten for a dienstverlener that lets people choose on its own pages.

Afsprakenstelsel, Interface specifications DV-HM RequestADlist: a signed subset of the network metadata.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from urllib.parse import urlsplit

from lxml import etree

from broker.saml.build import child
from broker.saml.build import instant
from broker.saml.keys import SigningKey
from broker.saml.names import DS
from broker.saml.names import MD
from broker.saml.names import METADATA_EXTENSION
from broker.saml.names import SAMLP
from broker.saml.names import VALID_FROM
from broker.saml.names import XML
from broker.saml.names import tag
from broker.saml.parsing import reparse
from broker.saml.parsing import serialise
from broker.saml.partner import Partner
from broker.saml.signature import sign

_UNKNOWN_LANGUAGE = "nl"


@dataclass(frozen=True, slots=True)
class ListFrame:
    """What surrounds the list: its ID, until when it holds, and how long it may be kept without asking again."""

    id: str
    valid_until: datetime
    keep: timedelta


def make_ad_list(diensten: Sequence[Partner], frame: ListFrame, key: SigningKey) -> bytes:
    """The signed EntitiesDescriptor, in the order given; an authenticatiedienst that changes may be there twice.

    ValueError for an empty list, which the schema of metadata cannot express.
    """
    if not diensten:
        raise ValueError("an EntitiesDescriptor cannot be empty")
    root = etree.Element(
        tag(MD, "EntitiesDescriptor"),
        nsmap={"md": MD, "ds": DS, "eme": METADATA_EXTENSION},
        ID=frame.id,
        validUntil=instant(frame.valid_until),
        cacheDuration=f"PT{int(frame.keep.total_seconds())}S",
    )
    for dienst in diensten:
        _entity(root, dienst)
    # Read back, so that what is digested has passed through the same parser as everything that is verified.
    whole = reparse(serialise(root))
    sign(whole, key, x509=True)
    return serialise(whole)


def _entity(root: etree._Element, dienst: Partner) -> None:
    attributes = {
        "entityID": dienst.entity_id,
        "validUntil": None if dienst.valid_until is None else instant(dienst.valid_until),
        tag(METADATA_EXTENSION, VALID_FROM): None
        if dienst.valid_from is None
        else instant(dienst.valid_from),
    }
    entity = child(root, MD, "EntityDescriptor", None, attributes)
    idp = child(entity, MD, "IDPSSODescriptor", None, {"protocolSupportEnumeration": SAMLP})
    for identifier_type in sorted(dienst.identifier_types):
        child(idp, MD, "NameIDFormat", identifier_type)
    for endpoint in dienst.sign_on:
        place = {"Binding": endpoint.binding, "Location": endpoint.location}
        child(idp, MD, "SingleSignOnService", None, place)
    organisation = child(entity, MD, "Organization")
    shown = dienst.display_names or {_UNKNOWN_LANGUAGE: dienst.entity_id}
    _texts(organisation, "OrganizationName", dienst.organisation.names or shown)
    _texts(organisation, "OrganizationDisplayName", shown)
    _texts(organisation, "OrganizationURL", dienst.organisation.urls or {_UNKNOWN_LANGUAGE: _site(dienst)})


def _texts(parent: etree._Element, name: str, texts: Mapping[str, str]) -> None:
    for language, text in texts.items():
        child(parent, MD, name, text, {tag(XML, "lang"): language})


def _site(dienst: Partner) -> str:
    """Where one logs in, for an authenticatiedienst whose metadata names no site: the schema asks for one."""
    parts = urlsplit(dienst.sign_on[0].location)
    return f"{parts.scheme}://{parts.netloc}/"
