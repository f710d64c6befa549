"""Why a machtiging does not help, how close it came, and who can repair it."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a person may not act for a company; the ``CHAIN_`` ones lie between intermediary and client."""

    NO_MACHTIGING = "geen-machtiging"
    OTHER_SERVICE = "machtiging-andere-dienst"
    NOT_YET_VALID = "machtiging-nog-niet-geldig"
    EXPIRED = "machtiging-verlopen"
    REVOKED = "machtiging-ingetrokken"
    LEVEL_TOO_LOW = "machtiging-niveau-te-laag"
    VESTIGING_NOT_ACCEPTED = "vestiging-niet-toegestaan"
    SUBDOSSIER_NOT_ACCEPTED = "subdossier-niet-toegestaan"
    CHAIN_NOT_ACCEPTED = "keten-niet-toegestaan"
    CHAIN_NO_MACHTIGING = "keten-geen-machtiging"
    CHAIN_EXPIRED = "keten-verlopen"
    CHAIN_REVOKED = "keten-ingetrokken"
    CHAIN_LEVEL_TOO_LOW = "keten-niveau-te-laag"
    CHAIN_OTHER_SERVICE = "keten-andere-dienst"
    CHAIN_NOT_YET_VALID = "keten-nog-niet-geldig"

    @property
    def distance(self) -> int:
        """How far from granted, 0 the nearest: a smaller repair stands before a larger one."""
        return _NEAREST_FIRST.index(self)


# A restriction or level is changed on a machtiging that is there; a lapsed one is renewed; a revoked one
# was ended on purpose; after that it was never there for this service, or not at all. Of equals the
# person's own link comes first.
_NEAREST_FIRST = (
    Reason.VESTIGING_NOT_ACCEPTED,
    Reason.SUBDOSSIER_NOT_ACCEPTED,
    Reason.LEVEL_TOO_LOW,
    Reason.CHAIN_LEVEL_TOO_LOW,
    Reason.NOT_YET_VALID,
    Reason.CHAIN_NOT_YET_VALID,
    Reason.EXPIRED,
    Reason.CHAIN_EXPIRED,
    Reason.REVOKED,
    Reason.CHAIN_REVOKED,
    Reason.CHAIN_NOT_ACCEPTED,
    Reason.OTHER_SERVICE,
    Reason.CHAIN_OTHER_SERVICE,
    Reason.CHAIN_NO_MACHTIGING,
    Reason.NO_MACHTIGING,
)


class Repairer(StrEnum):
    """Who manages a link, and so who can repair it."""

    BEHEERDER = "beheerder"
    """The machtigingenbeheerder of the company that the person acts for."""
    CLIENT = "client"
    """The company that gives an intermediary a ketenmachtiging."""
    INTERMEDIARY = "intermediary"
    """The machtigingenbeheerder of the intermediary that the person works for."""
