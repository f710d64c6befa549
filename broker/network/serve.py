"""The entry of gunicorn for one embedded party, named by ``MAKELAAR_PARTY``."""

import os

from flask import Flask

from broker.assembly.logs import configure
from broker.network import authenticatiedienst
from broker.network import berichtenservice
from broker.network import dienstverlener
from broker.network import machtigingenregister
from broker.ports import Role
from broker.settings import PARTIES
from broker.settings import Settings

MAKERS = {
    Role.AD: authenticatiedienst.create_app,
    Role.MR: machtigingenregister.create_app,
    Role.DV: dienstverlener.create_app,
    Role.EB: berichtenservice.create_app,
}
"""What makes the application of an embedded party, by its role."""


def application() -> Flask:
    """The application of the party. RuntimeError when the variable names no embedded party."""
    name = os.environ.get("MAKELAAR_PARTY", "")
    party = next((party for party in PARTIES if party.name == name and party.role in MAKERS), None)
    if party is None:
        embedded = ", ".join(party.name for party in PARTIES if party.role in MAKERS)
        raise RuntimeError(f"MAKELAAR_PARTY must be one of {embedded}")
    configure(party.name)
    return MAKERS[party.role](Settings(), party)
