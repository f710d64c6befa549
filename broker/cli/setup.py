"""Setting up a box: keys, databases, published metadata and the seeded world. Safe to repeat; nothing is lost."""

import os

from broker.assembly import paths
from broker.assembly.party import Assembled
from broker.assembly.party import assemble
from broker.assembly.publication import publish
from broker.exchange.own import system_clock
from broker.network.dienstverlener.catalogue import offered_attributes
from broker.network.dienstverlener.catalogue import offered_services
from broker.network.world import seed
from broker.ports import Role
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.settings import Settings
from broker.signers.files import make_development_key


def set_up(settings: Settings) -> list[Assembled]:
    """Make what is missing for every party, publish its metadata, and seed the world."""
    os.umask(0o077)
    settings.log_folder.mkdir(parents=True, exist_ok=True)
    assembled = [_prepare(settings, party) for party in PARTIES]
    seed(settings, assembled)
    return assembled


def _prepare(settings: Settings, party: Party) -> Assembled:
    make_development_key(
        settings.key_stem(party), name=party.display_name("nl"), oin=party.oin, now=system_clock()
    )
    offered = (offered_services(), offered_attributes()) if party is GEMEENTE else ()
    publish(settings, party, *offered)
    return assemble(settings, party)


def acquaintances(party: Party) -> list[tuple[Party, str]]:
    """Whose metadata a party must know, and at which path of theirs it stands."""
    others = [other for other in PARTIES if other is not party]
    by_role = {role: [other for other in others if other.role is role] for role in Role}
    towards_network = [(MAKELAAR, paths.NETWORK_METADATA)]
    registers = [(other, paths.METADATA) for other in by_role[Role.MR]]
    diensten = [(other, paths.METADATA) for other in by_role[Role.AD]]
    return {
        Role.HM: diensten + registers + [(other, paths.METADATA) for other in by_role[Role.DV]],
        Role.AD: towards_network + registers,
        Role.MR: towards_network + diensten + registers,
        Role.DV: [(MAKELAAR, paths.METADATA)],
    }[party.role]
