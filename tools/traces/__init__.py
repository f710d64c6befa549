"""Writes `docs/flows/`: every message of each kind of login, as true examples for whoever builds a dienstverlener.

`make traces`, or `python -m tools.traces`. All parties run in one process, with a tap at the door of each; a person
walks through a login, and what passed the doors is written down.
"""
