"""The embedded eIDAS-berichtenservice: authenticatiedienst and register in one, for people from other member states."""

from broker.network.berichtenservice.app import create_app

__all__ = ["create_app"]
