"""The assertion of the makelaar for software that knows SAML but not eHerkenning.

Nothing but SAML core: a persistent NameID, one Conditions with one Audience, one AuthnStatement, attributes with plain
strings. No Advice, because such software takes the assertions in it for ours; no EncryptedID inside a value, because it
loses what is in there.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from lxml import etree

from broker.domain.identifiers import IdentifierType
from broker.domain.plain_identity import PlainSubject
from broker.saml.assertion import write_attribute
from broker.saml.assertion import write_attribute_statement
from broker.saml.assertion import write_authn_statement
from broker.saml.assertion import write_frame
from broker.saml.declaration import Declaration
from broker.saml.names import NAMEFORMAT_BASIC
from broker.saml.names import NAMEFORMAT_URI
from broker.saml.names import NAMEID_PERSISTENT

_NUMBERS: Final = {IdentifierType.KVKNR: "KvKnr", IdentifierType.RSIN: "RSIN"}

ATTRIBUTES: Final[Mapping[str, str]] = {
    "KvKnr": "the KvK-nummer of the company",
    "RSIN": "its RSIN",
    "Vestigingsnr": "the vestiging to which the machtiging is limited",
    "SubdossierNr": "the subdossier to which it is limited",
    "IntermediateKvKnr": "in a chain, the KvK-nummer of the intermediary",
    "Pseudonym": "the person: the same as the NameID",
    "ServiceID": "the service",
    "ServiceUUID": "its definition in the dienstencatalogus",
    "LoA": "the effective betrouwbaarheidsniveau, as a URN of the afsprakenstelsel",
}
"""Our names of the attributes, which an operator may change for a dienstverlener, and what each says."""


def write_plain_assertion(
    declaration: Declaration, subject: PlainSubject, *, class_ref: str, names: Mapping[str, str]
) -> etree._Element:
    """The unsigned element. ``class_ref`` is the class of AuthnContext to name; ``names`` maps our names to theirs."""
    (audience,) = declaration.frame.audiences
    frame = replace(
        declaration.frame,
        name_id=subject.pseudonym.reveal(),
        name_id_format=NAMEID_PERSISTENT,
        name_qualifier=declaration.frame.issuer,
        sp_name_qualifier=audience,
    )
    element = write_frame(frame)
    write_authn_statement(
        element, declaration.authn_instant, class_ref, declaration.authority, declaration.session_index
    )
    statement = write_attribute_statement(element)
    for name, values in _attributes(declaration, subject).items():
        if values:
            theirs = names.get(name, name)
            # A name that is a URI says so: some software finds attributes by name and format together.
            name_format = NAMEFORMAT_URI if ":" in theirs else NAMEFORMAT_BASIC
            write_attribute(statement, theirs, values, name_format=name_format)
    return element


def _attributes(declaration: Declaration, subject: PlainSubject) -> dict[str, list[str]]:
    """Our name of each attribute to its values: several of one kind stay together in one attribute."""
    values: dict[str, list[str]] = {name: [] for name in ATTRIBUTES}
    for kind, number in subject.concerned:
        values[_NUMBERS[kind]].append(number.reveal())
    if declaration.vestiging is not None:
        values["Vestigingsnr"].append(declaration.vestiging)
    if declaration.subdossier is not None:
        values["SubdossierNr"].append(declaration.subdossier)
    if subject.intermediary is not None:
        values["IntermediateKvKnr"].append(subject.intermediary.reveal())
    values["Pseudonym"].append(subject.pseudonym.reveal())
    values["ServiceID"].extend(declaration.service_ids)
    values["ServiceUUID"].append(declaration.service_uuid)
    values["LoA"].append(declaration.level.urn)
    return values
