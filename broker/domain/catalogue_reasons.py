"""Why a field of a dienstencatalogus is not right, in words: Dutch and English, with the rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_CATALOGUE = "Afsprakenstelsel, Service catalog"
_SERVICE_ID = "Afsprakenstelsel, ServiceID"
_LEVELS = "Afsprakenstelsel, Betrouwbaarheidsniveaus"
_KINDS = "Afsprakenstelsel, Identificerende kenmerken"
_ATTRIBUTES = "Afsprakenstelsel, Attribuutcatalogus"
_GIVING = "Afsprakenstelsel, Attribuutverstrekking"
_INTERMEDIATION = "Afsprakenstelsel, Aansluiten als dienstbemiddelaar"


@dataclass(frozen=True, slots=True)
class Reason:
    """``must`` be mended, or only better if it is. ``rule`` is the source."""

    must: bool
    rule: str
    nl: str
    en: str

    def text(self, lang: str) -> str:
        """In Dutch or else in English."""
        return self.nl if lang == "nl" else self.en


def _must(rule: str, nl: str, en: str) -> Reason:
    return Reason(True, rule, nl, en)


def _better(rule: str, nl: str, en: str) -> Reason:
    return Reason(False, rule, nl, en)


REASONS: Final[Mapping[str, Reason]] = {
    "oin": _must(_CATALOGUE, "Een OIN heeft twintig cijfers.", "An OIN has twenty digits."),
    "no-service": _must(_CATALOGUE, "Er is nog geen dienst.", "There is no service yet."),
    "definition-twice": _must(
        _CATALOGUE,
        "Twee definities hebben dezelfde ServiceUUID.",
        "Two definitions have the same ServiceUUID.",
    ),
    "instance-twice": _must(
        _CATALOGUE, "Twee diensten hebben dezelfde ServiceUUID.", "Two services have the same ServiceUUID."
    ),
    "service-twice": _must(
        _SERVICE_ID, "Deze ServiceID staat er tweemaal in.", "This ServiceID occurs twice."
    ),
    "uuid-of-definition": _must(
        _CATALOGUE,
        "Dit is de ServiceUUID van een definitie. Geef de dienst een eigen nummer.",
        "This is the ServiceUUID of a definition. Give the service one of its own.",
    ),
    "definition-unused": _better(
        _CATALOGUE, "Geen dienst gebruikt deze definitie.", "No service uses this definition."
    ),
    "uuid": _must(
        _CATALOGUE,
        "Dit is geen UUID, zoals 4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d10.",
        "This is no UUID, such as 4f6b7e0a-4f0a-4a0e-a1de-0c5a3c2b9d10.",
    ),
    "level": _must(
        _LEVELS,
        "Kies een niveau: loa2, loa2plus, loa3 of loa4.",
        "Choose a level: loa2, loa2plus, loa3 or loa4.",
    ),
    "level-withdrawn": _must(
        _LEVELS, "loa1 bestaat sinds 1 juli 2021 niet meer.", "loa1 was withdrawn on 1 July 2021."
    ),
    "no-rationale": _better(
        _LEVELS,
        "Schrijf op waarom dit niveau nodig is. Dat blijft bij ons en staat niet in de catalogus.",
        "Write down why this level is needed. It stays with us and is not in the catalogue.",
    ),
    "no-identifier": _must(
        _KINDS,
        "Kies ten minste een nummer dat de dienst wil weten, zoals het KvK-nummer.",
        "Choose at least one identifier that the service wants, such as the KvK-nummer.",
    ),
    "identifier": _must(
        _KINDS, "Dit soort nummer kennen wij niet.", "We do not know this kind of identifier."
    ),
    "restriction": _must(
        _CATALOGUE,
        "Een beperking is tot een vestiging of tot een subdossier.",
        "A restriction is to a vestiging or to a subdossier.",
    ),
    "restriction-without-kvk": _must(
        _KINDS,
        "Een vestiging of subdossier zegt alleen iets naast het KvK-nummer. Vraag dat ook.",
        "A vestiging or subdossier means something only beside the KvK-nummer. Ask that too.",
    ),
    "attribute-identifier": _must(
        _CATALOGUE,
        "Een nummer van een bedrijf vraagt u bij de nummers, niet als attribuut.",
        "Identifiers are asked as identifiers, not as an attribute.",
    ),
    "attribute-automatic": _must(
        _ATTRIBUTES,
        "De naam van een tussenpersoon komt vanzelf mee. Vraag die niet.",
        "The name of an intermediary comes by itself. Do not ask it.",
    ),
    "attribute-unknown": _must(
        _ATTRIBUTES,
        "Dit attribuut staat niet in de attribuutcatalogus.",
        "This attribute is not in the attribuutcatalogus.",
    ),
    "attribute-twice": _must(
        _ATTRIBUTES, "Dit attribuut staat er tweemaal in.", "This attribute occurs twice."
    ),
    "no-purpose": _must(
        _GIVING,
        "Schrijf in het Nederlands waarvoor u dit nodig hebt. Mensen lezen dit voor zij het geven.",
        "Write in Dutch what you need this for. People read it before they give it.",
    ),
    "service-id": _must(
        _SERVICE_ID,
        "Een ServiceID is urn:etoegang:DV:<OIN>:services:<nummer>.",
        "A ServiceID is urn:etoegang:DV:<OIN>:services:<number>.",
    ),
    "service-id-oin": _must(
        _SERVICE_ID,
        "Het OIN in de ServiceID is niet dat van deze dienstverlener.",
        "The OIN in the ServiceID is not that of this dienstverlener.",
    ),
    "definition": _must(
        _CATALOGUE, "Kies een definitie uit deze catalogus.", "Choose a definition of this catalogue."
    ),
    "no-privacy": _better(
        _CATALOGUE,
        "Geef het adres van uw privacyverklaring.",
        "Give the address of your privacy statement.",
    ),
    "other-makelaar": _must(
        _CATALOGUE,
        "Geen van de makelaars zijn wij. Dan kunnen wij de dienst niet bedienen.",
        "None of the makelaars is us. Then we cannot serve the service.",
    ),
    "certificate": _must(
        "RFC 4648, 4", "Dit is geen certificaat in base64.", "This is no certificate in base64."
    ),
    "bsnk": _better(
        _CATALOGUE,
        "Wie BSN of PseudoID vraagt, vult beide versies van BSNk in.",
        "Who asks a BSN or PseudoID fills in both versions of BSNk.",
    ),
    "portal-unknown": _must(
        "Afsprakenstelsel, GUC4.3",
        "Deze dienst staat niet in deze catalogus.",
        "This service is not in this catalogue.",
    ),
    "not-a-portal": _must(
        "Afsprakenstelsel, GUC4.3",
        "Alleen een portaal noemt diensten. Kruis aan dat dit een portaal is.",
        "Only a portal names services. Tick that this is a portal.",
    ),
    "intermediation": _must(
        _INTERMEDIATION,
        "Kies wie naar deze dienst mag bemiddelen.",
        "Choose who may take people to this service.",
    ),
    "nobody-approved": _better(
        _INTERMEDIATION,
        "Er is nog niemand toegelaten: noem het OIN van een dienstbemiddelaar.",
        "Nobody is approved yet: name the OIN of a dienstbemiddelaar.",
    ),
    "approved-for-nothing": _must(
        _INTERMEDIATION,
        "U noemt wie mag bemiddelen. Kies dan ook dat daarvoor toestemming nodig is.",
        "You name who may take people here. Then choose that this needs approval.",
    ),
    "classifier": _better(
        _CATALOGUE,
        "Dit kenmerk betekent hier niets. Wij kennen eIDAS-inbound en geen-ketenmachtiging.",
        "This classifier means nothing here. We know eIDAS-inbound and geen-ketenmachtiging.",
    ),
    "no-dutch": _must(_CATALOGUE, "Vul dit in het Nederlands in.", "Fill this in in Dutch."),
    "no-english": _better(
        _CATALOGUE,
        "Vul dit ook in het Engels in: niet iedereen leest Nederlands.",
        "Fill this in in English too: not everybody reads Dutch.",
    ),
    "language": _must(
        "BCP 47",
        "Een taal is een code van twee letters, zoals nl.",
        "A language is a code of two letters, such as nl.",
    ),
    "longer-than-64": _must(_CATALOGUE, "Gebruik hooguit 64 tekens.", "Use at most 64 characters."),
    "longer-than-512": _must(_CATALOGUE, "Gebruik hooguit 512 tekens.", "Use at most 512 characters."),
    "longer-than-1024": _must(_CATALOGUE, "Gebruik hooguit 1024 tekens.", "Use at most 1024 characters."),
    "characters": _must(
        "XML 1.0, Char",
        "Hier staat een teken in dat niet in XML kan, zoals een besturingsteken.",
        "This holds a character that XML cannot hold, such as a control character.",
    ),
    "url": _must(
        _CATALOGUE,
        "Dit is geen adres dat met https:// begint.",
        "This is no address that begins with https://.",
    ),
    "url-plain": _better(
        _CATALOGUE, "Gebruik een adres dat met https:// begint.", "Use an address that begins with https://."
    ),
}
"""By code."""
