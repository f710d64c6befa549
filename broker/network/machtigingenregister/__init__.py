"""The embedded machtigingenregister: says for which company a person may act, or confirms half a chain."""

from broker.network.machtigingenregister.app import create_app

__all__ = ["create_app"]
