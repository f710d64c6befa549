"""Setting up a box: keys, databases, published metadata and the seeded world. Safe to repeat; nothing is lost."""

import os
from urllib.parse import urlsplit

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.assembly.publication import publish
from broker.exchange.own import system_clock
from broker.network.dienstverlener.catalogue import offered_attributes
from broker.network.dienstverlener.catalogue import offered_services
from broker.network.world import seed
from broker.onboarding.own_metadata import write_own_metadata
from broker.ports import Role
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from broker.signers.development_ca import issue_development_certificate
from broker.signers.development_ca import make_development_ca
from broker.signers.files import make_development_key


def set_up(settings: Settings) -> list[Assembled]:
    """Make what is missing for every party, publish its metadata, and seed the world."""
    os.umask(0o077)
    settings.log_folder.mkdir(parents=True, exist_ok=True)
    assembled = [_prepare(settings, party) for party in PARTIES]
    seed(settings, assembled)
    return assembled


def make_development_keys(settings: Settings, party: Party) -> None:
    """Make what is missing of the keys of a party: to sign, to present as a client, and to listen with mutual TLS."""
    name, now = party.display_name("nl"), system_clock()
    ca = settings.development_authority_stem
    if party is not MAKELAAR or not _was_rolled(settings):
        make_development_key(settings.key_stem(party), name=name, oin=party.oin, now=now)
    make_development_ca(ca, now=now)
    issue_development_certificate(settings.client_stem(party), ca=ca, name=name, oin=party.oin, now=now)
    if party is MAKELAAR:
        host = urlsplit(settings.back_channel_address).hostname or "localhost"
        hosts = tuple(dict.fromkeys(("localhost", "127.0.0.1", host)))
        issue_development_certificate(
            settings.listener_stem, ca=ca, name=name, oin=party.oin, now=now, hosts=hosts
        )


def _was_rolled(settings: Settings) -> bool:
    """Whether the makelaar has another key, and the first one was taken away."""
    first = settings.key_stem(MAKELAAR)
    made = {path.stem for path in first.parent.glob("*.crt")}
    ours = {settings.client_stem(MAKELAAR).name, settings.listener_stem.name}
    return first.name not in made and bool(made - ours)


def _prepare(settings: Settings, party: Party) -> Assembled:
    make_development_keys(settings, party)
    offered = (offered_services(), offered_attributes()) if party is GEMEENTE else ()
    if party is not MAKELAAR:
        publish(settings, party, *offered)
        return assemble(settings, party)
    assembled = assemble(settings, party)
    write_own_metadata(assembled)
    return assembled


def acquaintances(party: Party) -> list[tuple[Party, str]]:
    """Whose metadata a party must know, and at which path of theirs it stands."""
    others = [other for other in PARTIES if other is not party]
    by_role = {role: [other for other in others if other.role is role] for role in Role}
    towards_network = [(MAKELAAR, paths.NETWORK_METADATA)]
    registers = [(other, paths.METADATA) for other in by_role[Role.MR]]
    diensten = [(other, paths.METADATA) for other in by_role[Role.AD]]
    return {
        Role.HM: diensten
        + registers
        + [(each, paths.METADATA) for each in by_role[Role.EB] + by_role[Role.DV]],
        Role.AD: towards_network + registers,
        Role.MR: towards_network + diensten + registers,
        Role.DV: [(MAKELAAR, paths.METADATA)],
        Role.EB: towards_network,
    }[party.role]
