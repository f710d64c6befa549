"""Bytes to typed, verified messages, and back.

The only package that imports ``lxml`` or ``saml2``. Nothing that leaves it is raw XML that was not verified: a
message is parsed once under one policy (``parsing``), validated (``schema``), its signature checked against keys
from metadata (``signature``), and read into a frozen dataclass (``authn_request``, ``response``, ...).
"""
