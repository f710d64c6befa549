"""Machtigingen, ketenmachtigingen and organisations as rows and back: where personal data enters and leaves
SQL.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Oin
from broker.domain.identifiers import Rsin
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.levels import LevelOfAssurance
from broker.domain.machtigingen import Ketenmachtiging
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Scope
from broker.domain.organisations import Organisation
from broker.ports import Ketenrelatie

Values = Mapping[str, Any]


def from_organisation(organisation: Organisation) -> Values:
    """The columns of an organisation, by name."""
    return {
        "kvk": organisation.kvk.reveal(),
        "rsin": None if organisation.rsin is None else organisation.rsin.reveal(),
        "name": organisation.name,
        "vestigingen": [vestiging.reveal() for vestiging in organisation.vestigingen],
    }


def to_organisation(row: RowMapping) -> Organisation:
    """The organisation in a row."""
    return Organisation(
        kvk=KvkNumber(row["kvk"]),
        rsin=None if row["rsin"] is None else Rsin(row["rsin"]),
        name=row["name"],
        vestigingen=tuple(Vestigingsnummer(number) for number in row["vestigingen"]),
    )


def from_machtiging(machtiging: Machtiging) -> Values:
    """The columns of a machtiging, by name."""
    parties = {"subject": machtiging.subject.reveal(), "company": machtiging.company.reveal()}
    return {**parties, **_terms(machtiging)}


def to_machtiging(row: RowMapping) -> Machtiging:
    """The machtiging in a row."""
    return Machtiging(
        id=row["id"],
        subject=InternalPseudonym(row["subject"]),
        company=KvkNumber(row["company"]),
        scope=_scope(row),
        level=LevelOfAssurance.from_short(row["level"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        revoked_at=row["revoked_at"],
        vestiging=_vestiging(row),
        subdossier=_subdossier(row),
    )


def from_ketenmachtiging(ketenmachtiging: Ketenmachtiging) -> Values:
    """The columns of a ketenmachtiging, by name."""
    parties = {
        "client": ketenmachtiging.client.reveal(),
        "intermediary": ketenmachtiging.intermediary.reveal(),
    }
    return {**parties, **_terms(ketenmachtiging)}


def to_ketenmachtiging(row: RowMapping) -> Ketenmachtiging:
    """The ketenmachtiging in a row."""
    return Ketenmachtiging(
        id=row["id"],
        client=KvkNumber(row["client"]),
        intermediary=KvkNumber(row["intermediary"]),
        scope=_scope(row),
        level=LevelOfAssurance.from_short(row["level"]),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        revoked_at=row["revoked_at"],
        vestiging=_vestiging(row),
        subdossier=_subdossier(row),
    )


def from_ketenrelatie(relatie: Ketenrelatie) -> Values:
    """The columns of a ketenrelatie, by name."""
    return {
        "intermediary": relatie.intermediary.reveal(),
        "client": relatie.client.reveal(),
        "register": relatie.register,
    }


def to_ketenrelatie(row: RowMapping) -> Ketenrelatie:
    """The ketenrelatie in a row."""
    return Ketenrelatie(
        intermediary=KvkNumber(row["intermediary"]), client=KvkNumber(row["client"]), register=row["register"]
    )


def _terms(granted: Machtiging | Ketenmachtiging) -> Values:
    dienstverlener = granted.scope.dienstverlener
    return {
        "id": granted.id,
        "service_uuid": granted.scope.service_uuid,
        "dienstverlener": None if dienstverlener is None else dienstverlener.value,
        "level": granted.level.short,
        "valid_from": granted.valid_from,
        "valid_until": granted.valid_until,
        "revoked_at": granted.revoked_at,
        "vestiging": None if granted.vestiging is None else granted.vestiging.reveal(),
        "subdossier": None if granted.subdossier is None else granted.subdossier.reveal(),
    }


def _scope(row: RowMapping) -> Scope:
    dienstverlener = None if row["dienstverlener"] is None else Oin(row["dienstverlener"])
    return Scope(service_uuid=row["service_uuid"], dienstverlener=dienstverlener)


def _vestiging(row: RowMapping) -> Vestigingsnummer | None:
    return None if row["vestiging"] is None else Vestigingsnummer(row["vestiging"])


def _subdossier(row: RowMapping) -> Subdossiernummer | None:
    return None if row["subdossier"] is None else Subdossiernummer(row["subdossier"])
