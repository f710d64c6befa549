"""Parties that misbehave on purpose, so that everybody can see how a makelaar takes it.

Only with keys that the box made itself, and never on an address of others: see ``guard``.
"""
