"""Specific pseudonyms: one person, one represented company and one dienstverlener make one name."""

import hashlib
import hmac

from broker.domain.identifiers import EidasLegalIdentifier
from broker.domain.identifiers import InternalPseudonym
from broker.domain.identifiers import KvkNumber
from broker.domain.identifiers import Oin
from broker.domain.identifiers import Pseudonym

MINIMUM_SECRET_BYTES = 32
"""A key of HMAC is not shorter than its hash (RFC 2104, 3)."""


def specific_pseudonym(
    secret: bytes,
    *,
    acting: InternalPseudonym,
    represented: KvkNumber | EidasLegalIdentifier,
    dienstverlener: Oin,
) -> Pseudonym:
    """The name under which ``dienstverlener`` knows ``acting`` on behalf of ``represented``.

    Stable for the same four arguments; without ``secret`` no two dienstverleners can match theirs. The part
    behind the ``@`` is the same for everyone who acts for one company at one dienstverlener. In a chain
    ``represented`` is the intermediary, so that the pseudonym does not change with the client
    (Afsprakenstelsel, Specific pseudonym). An internal pseudonym is unique within its authenticatiedienst
    only: a register that serves several keeps them apart in ``acting``.

    ``secret`` belongs to one machtigingenregister and never changes. ValueError when it is shorter than
    ``MINIMUM_SECRET_BYTES``.
    """
    _require_long(secret)
    person = _keyed_hash(secret, "person", dienstverlener.value, represented.reveal(), acting.reveal())
    company = _keyed_hash(secret, "company", dienstverlener.value, represented.reveal())
    return Pseudonym(f"{person.hex()}@{company[:16].hex()}")


def personal_pseudonym(secret: bytes, *, acting: InternalPseudonym, dienstverlener: Oin) -> Pseudonym:
    """The name under which ``dienstverlener`` knows ``acting``, who represents nobody.

    Without representation there is no ``@``, and whoever authenticates makes it (Afsprakenstelsel, Specific
    pseudonym). ValueError as for ``specific_pseudonym``.
    """
    _require_long(secret)
    return Pseudonym(_keyed_hash(secret, "self", dienstverlener.value, acting.reveal()).hex())


def _require_long(secret: bytes) -> None:
    if len(secret) < MINIMUM_SECRET_BYTES:
        raise ValueError(f"the secret of pseudonyms is at least {MINIMUM_SECRET_BYTES} bytes")


def _keyed_hash(secret: bytes, *parts: str) -> bytes:
    # A NUL cannot occur in any part, so no two lists of parts give the same bytes.
    return hmac.digest(secret, "\0".join(parts).encode(), hashlib.sha256)
