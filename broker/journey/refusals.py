"""The catalogue of refusals: whose fault, what the dienstverlener is told, whether another try makes sense.

The words for the person are in ``screens/texts`` under the same codes. Afsprakenstelsel, Error handling: top level
Requester or Responder, second level only AuthnFailed and RequestUnsupported here; AuthnFailed is for what the person
did or may not do, never for a technical fault, because software of dienstverleners reads it as "cancelled".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from broker.domain.machtigingen import Reason
from broker.saml.status import Status
from broker.saml.status import authn_failed
from broker.saml.status import request_unsupported
from broker.saml.status import responder_failed
from broker.saml.status import responder_unsupported


class Blame(StrEnum):
    """Who can mend it."""

    PERSON = "person"
    DIENSTVERLENER = "dienstverlener"
    AUTHENTICATIEDIENST = "authenticatiedienst"
    MACHTIGINGENREGISTER = "machtigingenregister"
    MAKELAAR = "makelaar"


class Kind(StrEnum):
    """The SAML status of a refusal."""

    AUTHN_FAILED = "AuthnFailed"
    REQUEST_UNSUPPORTED = "RequestUnsupported"
    RESPONDER_UNSUPPORTED = "Responder/RequestUnsupported"
    RESPONDER = "Responder"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row. ``summary`` is Dutch, goes into StatusMessage, and says nothing about a person."""

    code: str
    blame: Blame
    kind: Kind
    summary: str
    can_choose_other: bool = False

    @property
    def log_level(self) -> str:
        """``info`` for what people do, ``warning`` for partners, ``error`` for ourselves."""
        return {Blame.PERSON: "info", Blame.MAKELAAR: "error"}.get(self.blame, "warning")

    def status(self, reference: str, detail: str | None = None) -> Status:
        """The status to send, with the reference in its text and the code as its reason.

        ``detail`` names what exactly of a request was refused; never a value out of it.
        """
        precisely = f" ({detail})" if detail else ""
        message = f"{self.summary} Referentie {reference}, code {self.code}{precisely}."
        make = {
            Kind.AUTHN_FAILED: authn_failed,
            Kind.REQUEST_UNSUPPORTED: request_unsupported,
            Kind.RESPONDER_UNSUPPORTED: responder_unsupported,
            Kind.RESPONDER: responder_failed,
        }[self.kind]
        return make(message, self.code)


def _person(code: str, summary: str, *, other: bool = True) -> Refusal:
    return Refusal(code, Blame.PERSON, Kind.AUTHN_FAILED, summary, other)


def _requester(code: str, summary: str) -> Refusal:
    return Refusal(code, Blame.DIENSTVERLENER, Kind.REQUEST_UNSUPPORTED, summary)


def _undeliverable(code: str, summary: str) -> Refusal:
    return Refusal(code, Blame.MACHTIGINGENREGISTER, Kind.RESPONDER_UNSUPPORTED, summary, True)


def _technical(code: str, blame: Blame, summary: str, *, other: bool = True) -> Refusal:
    return Refusal(code, blame, Kind.RESPONDER, summary, other)


_ROWS = (
    _person("geannuleerd", "De gebruiker heeft het inloggen geannuleerd."),
    _person("niveau-te-laag", "Het betrouwbaarheidsniveau van het middel is te laag."),
    _person(Reason.NO_MACHTIGING, "Er is geen machtiging voor deze dienst."),
    _person(Reason.OTHER_SERVICE, "De machtiging geldt voor een andere dienst."),
    _person(Reason.NOT_YET_VALID, "De machtiging is nog niet geldig."),
    _person(Reason.EXPIRED, "De machtiging is verlopen."),
    _person(Reason.REVOKED, "De machtiging is ingetrokken."),
    _person(Reason.LEVEL_TOO_LOW, "Het betrouwbaarheidsniveau van de machtiging is te laag."),
    _person(Reason.VESTIGING_NOT_ACCEPTED, "De dienst accepteert geen machtiging voor een vestiging."),
    _person(Reason.SUBDOSSIER_NOT_ACCEPTED, "De dienst accepteert geen machtiging voor een subdossier."),
    _person(Reason.CHAIN_NOT_ACCEPTED, "De dienst accepteert geen ketenmachtiging."),
    _person(Reason.CHAIN_NO_MACHTIGING, "Er is geen ketenmachtiging."),
    _person(Reason.CHAIN_OTHER_SERVICE, "De ketenmachtiging geldt voor een andere dienst."),
    _person(Reason.CHAIN_NOT_YET_VALID, "De ketenmachtiging is nog niet geldig."),
    _person(Reason.CHAIN_EXPIRED, "De ketenmachtiging is verlopen."),
    _person(Reason.CHAIN_REVOKED, "De ketenmachtiging is ingetrokken."),
    _person(Reason.CHAIN_LEVEL_TOO_LOW, "Het betrouwbaarheidsniveau van de ketenmachtiging is te laag."),
    _person("toestemming-geweigerd", "De gebruiker gaf geen toestemming voor een gegeven dat nodig is."),
    _person("geen-bsn", "Van de gebruiker is geen BSN bekend.", other=False),
    _requester("bsn-niet-toegestaan", "De dienstverlener mag geen BSN ontvangen."),
    _requester("eidas-geen-portaal", "Een portaal kan niet met eIDAS worden gebruikt."),
    _requester("eidas-niet-mogelijk", "De dienst kan niet met eIDAS worden gebruikt."),
    _requester("dienst-onbekend", "De gevraagde dienst is niet bekend."),
    _requester("dienst-andere-makelaar", "De gevraagde dienst hoort bij een andere makelaar."),
    _requester("bemiddeling-niet-toegestaan", "De dienstaanbieder staat deze bemiddeling niet toe."),
    _requester("niveau-boven-catalogus", "Het gevraagde niveau is hoger dan de dienstencatalogus toestaat."),
    _requester("niveau-ingetrokken", "Het gevraagde niveau is ingetrokken."),
    _requester("verzoek-verlopen", "Het verzoek is te oud of komt uit de toekomst."),
    _requester("verzoek-herhaald", "Het verzoek is al eerder gebruikt."),
    _requester("passief-niet-mogelijk", "Het verzoek vraagt iets dat deze interface niet kent."),
    _requester("bestemming-onjuist", "Het verzoek is voor een ander adres bedoeld."),
    _requester("partij-onbekend", "De afzender is niet bekend."),
    _requester("metadata-verlopen", "De metadata van de afzender is niet geldig op dit moment."),
    _requester("handtekening-ongeldig", "De beveiliging van het bericht klopt niet."),
    _requester("afwijking-niet-toegestaan", "Het verzoek wijkt af van de koppelvlakspecificatie."),
    _requester("acs-onbekend", "Het antwoordadres staat niet in de metadata."),
    _requester("bericht-ongeldig", "Het bericht voldoet niet aan de afspraken."),
    _requester("bericht-te-groot", "Het bericht is te groot."),
    _undeliverable("identificatie-niet-leverbaar", "De gevraagde soort identificatie is niet leverbaar."),
    _undeliverable("attribuut-niet-leverbaar", "Een gegeven dat nodig is, is niet leverbaar."),
    _technical("authenticatiedienst-fout", Blame.AUTHENTICATIEDIENST, "De authenticatiedienst gaf een fout."),
    _technical(
        "antwoord-ongeldig", Blame.AUTHENTICATIEDIENST, "Een antwoord uit het netwerk was niet geldig."
    ),
    _technical(
        "machtigingenregister-fout", Blame.MACHTIGINGENREGISTER, "Het machtigingenregister gaf een fout."
    ),
    _technical("berichtenservice-fout", Blame.AUTHENTICATIEDIENST, "De eIDAS-berichtenservice gaf een fout."),
    _technical("keten-niet-bevestigd", Blame.MACHTIGINGENREGISTER, "De ketenmachtiging is niet bevestigd."),
    _technical("storing", Blame.MAKELAAR, "Er is een storing bij de makelaar.", other=False),
    Refusal("sessie-verlopen", Blame.PERSON, Kind.AUTHN_FAILED, "Het inloggen duurde te lang."),
    Refusal("cookie-ontbreekt", Blame.PERSON, Kind.AUTHN_FAILED, "De browser stuurde de cookie niet mee."),
    Refusal("al-afgerond", Blame.PERSON, Kind.AUTHN_FAILED, "Dit inloggen is al afgerond."),
    Refusal("niet-gevonden", Blame.PERSON, Kind.AUTHN_FAILED, "De pagina bestaat niet."),
)

REFUSALS: Final[Mapping[str, Refusal]] = {row.code: row for row in _ROWS}

CHOSEN_OTHERWISE: Final = frozenset({"toestemming-geweigerd", "identificatie-niet-leverbaar"})
"""Codes after which the same inlogmiddel will do: the person only has to consent, or choose another company."""


def refusal(code: str) -> Refusal:
    """The row of a code. Raises KeyError: codes come from our own code, or were looked up with ``known``."""
    return REFUSALS[code]


def known(code: str | None, otherwise: str, kind: Kind = Kind.AUTHN_FAILED) -> str:
    """``code`` when a partner's reason is one of this kind that a person can be refused for, else ``otherwise``."""
    row = REFUSALS.get(code or "")
    return row.code if row is not None and row.kind is kind and row.can_choose_other else otherwise
