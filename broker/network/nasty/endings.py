"""How a login rightly ends when a party misbehaved, by the codes of the catalogue of refusals."""

from enum import StrEnum
from typing import Final

from broker.ports import Role

GRANTED: Final = "granted"
"""The outcome of a login that succeeded, in the audit log."""


class Ending(StrEnum):
    """What comes of a login in which one thing went wrong."""

    GRANTED = "the login succeeds, and nothing in it is changed"
    MISTRUSTED = "the answer is thrown away; a page, then a Response without success"
    UNAVAILABLE = "a technical fault of the partner; a page, then a Response without success"
    TOO_LOW = "a page that says the level is too low, then a Response without success"
    AS_IT_STANDS = "nothing came; the login stands where it stood, and the person decides"
    LOST = "the answer stays with the makelaar, or with nobody; the dienstverlener lets nobody in"
    PAGE = "a page, and nothing is sent to anybody"
    REJECTED = "a page, then a Response without success"


_OF_A_PARTNER: Final = {
    Role.AD: "authenticatiedienst-fout",
    Role.MR: "machtigingenregister-fout",
    Role.EB: "berichtenservice-fout",
    Role.DV: "bericht-ongeldig",
}
_TOO_LOW: Final = {
    Role.AD: "niveau-te-laag",
    Role.MR: "machtiging-niveau-te-laag",
    Role.EB: "niveau-te-laag",
}
UNCONFIRMED: Final = "keten-niet-bevestigd"
CHAIN_TOO_LOW: Final = "keten-niveau-te-laag"
CANCELLED: Final = "geannuleerd"


def code_of(ending: Ending, role: Role, *, second: bool = False) -> str:
    """The code under which a login ends when a party in this role did something with this ending.

    ``second`` is for the second register of a chain, which answers on the back channel. Raises KeyError for an ending
    that this role cannot cause.
    """
    if ending in {Ending.GRANTED, Ending.LOST}:
        return GRANTED
    if ending is Ending.AS_IT_STANDS:
        return CANCELLED
    if second:
        return CHAIN_TOO_LOW if ending is Ending.TOO_LOW else UNCONFIRMED
    if ending is Ending.TOO_LOW:
        return _TOO_LOW[role]
    if ending is Ending.UNAVAILABLE:
        return _OF_A_PARTNER[role]
    return {Ending.MISTRUSTED: "antwoord-ongeldig"}[ending]
