"""The demo dienstverlener, which asks, checks and decrypts as a foreign one would, and shows what it got."""

from broker.network.dienstverlener.app import create_app

__all__ = ["create_app"]
