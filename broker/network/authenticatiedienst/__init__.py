"""The embedded authenticatiedienst: proves who logs in, with a password and from loa2plus up a code."""

from broker.network.authenticatiedienst.app import create_app

__all__ = ["create_app"]
