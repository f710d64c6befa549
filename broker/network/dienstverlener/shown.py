"""The pages that show what a dienstverlener receives."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template

from broker.domain.attributes import ATTRIBUTE_KINDS
from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.domain.references import is_reference
from broker.network.dienstverlener.answers import open_attributes
from broker.network.dienstverlener.answers import open_subjects
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.dienstverlener.logins import Ended
from broker.network.dienstverlener.logins import Login
from broker.saml.encrypted_attribute import OpenedAttribute
from broker.saml.encryption import OpenedId
from broker.saml.errors import SamlError
from broker.saml.keys import DecryptionKey
from broker.saml.pretty import lay_out
from broker.screens import current_language

_CANCELLED = "geannuleerd"

_PSEUDONYMS = frozenset({IdentifierType.PSEUDO.value, IdentifierType.PSEUDO_1_9.value})

Messages = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class WayOut:
    """Where the form to log out goes, and the token it carries."""

    action: str
    token: str


def page(login: Login, key: DecryptionKey, entity_id: str, way_out: WayOut) -> str:
    """The page of a login that has ended."""
    messages = [(title, direction, _readable(message)) for title, direction, message in login.exchanged]
    if login.ended == Ended.LOGGED_IN:
        subjects = tuple(open_subjects(login.outcome, key, entity_id))
        attributes = open_attributes(login.outcome, key, entity_id)
        return _result(login.outcome, subjects, attributes, messages, way_out)
    if login.ended == Ended.FAILED:
        return _failed(login.outcome, messages)
    return render_template("dv_error.html", detail=login.outcome["detail"], reference=None, messages=messages)


def _result(
    kept: Mapping[str, Any],
    subjects: Sequence[tuple[str, OpenedId]],
    attributes: Sequence[OpenedAttribute],
    messages: Messages,
    way_out: WayOut,
) -> str:
    found = {(name, opened.qualifier): opened.value for name, opened in subjects}
    lines = [f"{name}  {opened.qualifier}  {opened.value}" for name, opened in subjects]
    decrypted = "\n".join([*lines, *(f"{each.name}  {each.value}" for each in attributes)])
    titles = ", ".join(dict.fromkeys(name for name, _ in subjects))
    return render_template(
        "dv_result.html",
        kvk=found.get(("LegalSubjectID", IdentifierType.KVKNR.value)),
        rsin=found.get(("LegalSubjectID", IdentifierType.RSIN.value)),
        intermediary=found.get(("IntermediateSubjectID", IdentifierType.KVKNR.value)),
        eidas_company=found.get(("LegalSubjectID", IdentifierType.EIDAS_LEGAL.value)),
        bsn=found.get(("ActingSubjectID", IdentifierType.BSN.value)),
        represents_nobody=kept["representation"] is False,
        pseudonym=next(
            (
                opened.value
                for name, opened in subjects
                if name == "ActingSubjectID" and opened.qualifier in _PSEUDONYMS
            ),
            None,
        ),
        vestiging=kept["vestiging"],
        subdossier=kept.get("subdossier"),
        level_label=LevelOfAssurance.from_short(kept["level"]).label,
        service_name=", ".join(map(_service_name, kept["service_ids"])),
        service_id=", ".join(kept["service_ids"]),
        service_uuid=kept["service_uuid"],
        attributes=[(_label(each.name), each.value) for each in attributes],
        logout=way_out if _has_single_sign_on(kept["service_uuid"]) else None,
        messages=[*messages, (titles, "received", decrypted)],
    )


def _label(name: str) -> str | None:
    kind = ATTRIBUTE_KINDS.get(name)
    return None if kind is None else kind.label


def _failed(status: Mapping[str, Any], messages: Messages) -> str:
    text = status["message"]
    words = (word.strip(".,;:()[]") for word in (text or "").split())
    return render_template(
        "dv_failed.html",
        cancelled=status["reason"] == _CANCELLED,
        status_codes=status["codes"],
        status_message=text,
        reference=next(filter(is_reference, words), None),
        messages=messages,
    )


def _service_name(service_id: str) -> str:
    language = current_language()
    names = {offer.service.service_id: offer.service.name(language) for offer in OFFERS.values()}
    return names.get(service_id, service_id)


def _has_single_sign_on(service_uuid: str) -> bool:
    """Whether there may be a session elsewhere, so that logging out must be offered.

    After a login at a portal the portal decides, and not the services behind it.
    """
    return any(
        offer.service.sso_support for offer in OFFERS.values() if offer.service.service_uuid == service_uuid
    )


def _readable(message: str) -> str:
    try:
        return lay_out(message.encode())
    except SamlError:
        return message
