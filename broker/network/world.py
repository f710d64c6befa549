"""The seeded world: makes the cast real in the stores of the embedded parties."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

from broker.assembly.party import Assembled
from broker.assembly.passwords import hash_password
from broker.domain.attributes import AttributeValue
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Rsin
from broker.domain.identifiers import Subdossiernummer
from broker.domain.identifiers import Vestigingsnummer
from broker.domain.machtigingen import Ketenmachtiging
from broker.domain.machtigingen import Machtiging
from broker.domain.machtigingen import Scope
from broker.domain.organisations import Organisation
from broker.exchange.own import system_clock
from broker.network import cast
from broker.network.dienstverlener.catalogue import OFFERS
from broker.network.people import KNOWN_OF
from broker.network.persons import Secrets
from broker.network.persons import TestPerson
from broker.network.persons import draw_secrets
from broker.network.persons import persons
from broker.network.subjects import subject_at
from broker.ports import Ketenrelatie
from broker.ports import MachtigingenStore
from broker.ports import Middel
from broker.ports import MiddelenStore
from broker.ports import Role
from broker.settings import Party
from broker.settings import Settings
from broker.storage.machtigingen import SqlMachtigingenStore
from broker.storage.middelen import SqlMiddelenStore

__all__ = ["TestPerson", "persons", "seed"]

_YEAR = timedelta(days=365)
_A_MONTH = timedelta(days=30)


def seed(settings: Settings, parties: Iterable[Assembled], now: datetime | None = None) -> None:
    """Give everyone of the cast a middel, companies and machtigingen, relative to ``now`` (default: this moment).

    What is there already stays as it is, so that a second start does not undo what was changed since.
    """
    drawn = draw_secrets(settings)
    for assembled in parties:
        if assembled.party.role is Role.AD:
            _seed_middelen(SqlMiddelenStore(assembled.engine), assembled.party, drawn)
        if assembled.party.role is Role.MR:
            _seed_register(
                SqlMachtigingenStore(assembled.engine), assembled.party, drawn, now or system_clock()
            )


def _seed_middelen(store: MiddelenStore, party: Party, drawn: Mapping[str, Secrets]) -> None:
    for persona in cast.PERSONAS:
        if persona.ad is not party:
            continue
        known = store.find(persona.username)
        attributes = {
            name: AttributeValue(value) for name, value in KNOWN_OF.get(persona.username, {}).items()
        }
        if known is not None:
            if not known.attributes:  # from before there were any
                store.save(replace(known, attributes=attributes))
            continue
        own = drawn[persona.username]
        store.save(
            Middel(
                username=persona.username,
                password_hash=hash_password(own.password),
                totp_secret=own.totp_secret,
                pseudonym=InternalPseudonym(own.pseudonym),
                level=persona.level,
                register=persona.register.entity_id,
                attributes=attributes,
            )
        )


def _seed_register(
    store: MachtigingenStore, party: Party, drawn: Mapping[str, Secrets], now: datetime
) -> None:
    for persona in cast.PERSONAS:
        if persona.register is party:
            _seed_person(
                store, persona, subject_at(persona.ad.entity_id, drawn[persona.username].pseudonym), now
            )
    for grant in cast.CHAIN:
        if grant.register is party:
            _seed_chain(store, grant, now)


def _seed_person(
    store: MachtigingenStore, persona: cast.Persona, subject: InternalPseudonym, now: datetime
) -> None:
    for company in (*(grant.company for grant in persona.grants), *persona.clients):
        _seed_company(store, company)
    registered = {machtiging.id for machtiging in store.machtigingen_of(subject)}
    for number, grant in enumerate(persona.grants, start=1):
        machtiging_id = f"m-{persona.username}-{number}"
        if machtiging_id in registered:
            continue
        valid_from, valid_until, revoked_at = _period(grant.state, now)
        store.save_machtiging(
            Machtiging(
                id=machtiging_id,
                subject=subject,
                company=KvkNumber(grant.company.kvk),
                scope=_scope(grant),
                level=grant.level,
                valid_from=valid_from,
                valid_until=valid_until,
                revoked_at=revoked_at,
                vestiging=Vestigingsnummer(grant.vestiging) if grant.vestiging else None,
                subdossier=Subdossiernummer(grant.subdossier) if grant.subdossier else None,
            )
        )
    for chain in cast.CHAIN:
        if chain.client in persona.clients:
            store.save_ketenrelatie(
                Ketenrelatie(
                    KvkNumber(chain.intermediary.kvk), KvkNumber(chain.client.kvk), chain.register.entity_id
                )
            )


def _scope(grant: cast.Grant) -> Scope:
    if grant.service is None:
        return Scope()
    return Scope(service_uuid=OFFERS[grant.service].service.service_uuid)


def _seed_chain(store: MachtigingenStore, grant: cast.ChainGrant, now: datetime) -> None:
    client, intermediary = KvkNumber(grant.client.kvk), KvkNumber(grant.intermediary.kvk)
    _seed_company(store, grant.client)
    if store.ketenmachtigingen_between(client, intermediary):
        return
    valid_from, valid_until, revoked_at = _period(grant.state, now)
    store.save_ketenmachtiging(
        Ketenmachtiging(
            id=f"k-{grant.client.kvk}-{grant.intermediary.kvk}",
            client=client,
            intermediary=intermediary,
            scope=Scope(),
            level=grant.level,
            valid_from=valid_from,
            valid_until=valid_until,
            revoked_at=revoked_at,
        )
    )


def _seed_company(store: MachtigingenStore, company: cast.Company) -> None:
    kvk = KvkNumber(company.kvk)
    if store.organisation(kvk) is not None:
        return
    rsin = Rsin(company.rsin) if company.rsin else None
    vestigingen = (Vestigingsnummer(company.vestiging),) if company.vestiging else ()
    store.save_organisation(Organisation(kvk, rsin, company.name, vestigingen))


def _period(state: cast.State, now: datetime) -> tuple[datetime, datetime, datetime | None]:
    """valid_from, valid_until and revoked_at."""
    if state is cast.State.EXPIRED:
        return now - _YEAR, now - _A_MONTH, None
    revoked_at = now - _A_MONTH if state is cast.State.REVOKED else None
    return now - _YEAR, now + _YEAR, revoked_at
