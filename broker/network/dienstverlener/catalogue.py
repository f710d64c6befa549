"""What Gemeente Voorbeeld offers: one service for each rule that a login can meet."""

from collections.abc import Mapping
from typing import Final
from uuid import NAMESPACE_URL
from uuid import uuid5

from broker.assembly.party import Assembled
from broker.assembly.publication import Requested
from broker.assembly.publication import Services
from broker.domain.attributes import COMPANY_NAME
from broker.domain.attributes import FAMILY_NAME
from broker.domain.attributes import FIRST_NAME
from broker.domain.attributes import AskedAttribute
from broker.domain.identifiers import IdentifierType
from broker.domain.identifiers import Oin
from broker.domain.levels import LevelOfAssurance
from broker.domain.portals import services_behind
from broker.domain.services import EIDAS_INBOUND_CLASSIFIER
from broker.domain.services import NO_CHAIN_CLASSIFIER
from broker.domain.services import SUBDOSSIER_RESTRICTION
from broker.domain.services import VESTIGING_RESTRICTION
from broker.domain.services import RequestedAttribute
from broker.domain.services import Service
from broker.saml.catalogue_writing import Offer
from broker.saml.catalogue_writing import make_catalogue
from broker.saml.keys import Certificate
from broker.settings import GEMEENTE
from broker.settings import MAKELAAR

DEFAULT_INDEX: Final = 3
"""The service of a request without AttributeConsumingServiceIndex."""

VERSION: Final = "urn:etoegang:1.13:service-catalogue:T:1"

_EIDAS = frozenset({EIDAS_INBOUND_CLASSIFIER})
_IDENTIFIERS = ((IdentifierType.RSIN, IdentifierType.KVKNR), (IdentifierType.KVKNR,))
_OF_AN_OBJECTION = (
    RequestedAttribute(
        FAMILY_NAME,
        True,
        {
            "nl": "Een bezwaar moet de naam hebben van wie het indient.",
            "en": "An objection must bear the name of who lodges it.",
        },
    ),
    RequestedAttribute(
        COMPANY_NAME,
        False,
        {
            "nl": "Wij zetten de naam van de organisatie boven de brief.",
            "en": "We put the name of the organisation at the head of the letter.",
        },
    ),
)


def _offer(
    index: int,
    level: LevelOfAssurance,
    names: tuple[str, str],
    descriptions: tuple[str, str],
    *,
    identifiers: tuple[tuple[IdentifierType, ...], ...] = _IDENTIFIERS,
    restrictions: frozenset[str] = frozenset(),
    classifiers: frozenset[str] = frozenset(),
    sso_support: bool = False,
    attributes: tuple[RequestedAttribute, ...] = (),
    is_portal: bool = False,
) -> Offer:
    service_id = f"urn:etoegang:DV:{GEMEENTE.oin}:services:{index}"
    service = Service(
        service_id=service_id,
        service_uuid=str(uuid5(NAMESPACE_URL, service_id)),
        instance_uuid=str(uuid5(NAMESPACE_URL, f"{service_id}:instance")),
        dienstverlener=Oin(GEMEENTE.oin),
        dienstverlener_names=dict(GEMEENTE.names),
        names=dict(zip(("nl", "en"), names, strict=True)),
        level=level,
        identifier_sets=identifiers,
        restrictions_allowed=restrictions,
        makelaars=frozenset({Oin(MAKELAAR.oin)}),
        classifiers=classifiers,
        sso_support=sso_support,
        requested_attributes=attributes,
        is_portal=is_portal,
    )
    return Offer(service, dict(zip(("nl", "en"), descriptions, strict=True)))


OFFERS: Final[Mapping[int, Offer]] = {
    1: _offer(
        1,
        LevelOfAssurance.LOA2,
        ("Melding openbare ruimte", "Report a problem in a public space"),
        ("Een kapotte lantaarn of losse tegel melden.", "Report a broken lamp or a loose tile."),
    ),
    2: _offer(
        2,
        LevelOfAssurance.LOA2PLUS,
        ("Parkeervergunning aanvragen", "Apply for a parking permit"),
        ("Vraagt naast een wachtwoord ook een code.", "Asks for a code as well as a password."),
    ),
    3: _offer(
        3,
        LevelOfAssurance.LOA3,
        ("Omgevingsvergunning aanvragen", "Apply for an environmental permit"),
        (
            "Ook voor intermediairs, met een ketenmachtiging van hun klant.",
            "For intermediaries too, with a chain authorisation of their client.",
        ),
    ),
    4: _offer(
        4,
        LevelOfAssurance.LOA3,
        ("Subsidie aanvragen", "Apply for a grant"),
        (
            "Alleen voor de organisatie zelf: geen intermediairs.",
            "For the organisation itself: no intermediaries.",
        ),
        classifiers=frozenset({NO_CHAIN_CLASSIFIER}),
    ),
    5: _offer(
        5,
        LevelOfAssurance.LOA4,
        ("Aanbesteding inschrijven", "Submit a tender"),
        ("Vraagt het hoogste niveau.", "Asks for the highest level."),
    ),
    6: _offer(
        6,
        LevelOfAssurance.LOA3,
        ("Standplaats beheren", "Manage a market stall"),
        ("Kan ook voor één vestiging of subdossier.", "Possible for one branch or subdossier as well."),
        restrictions=frozenset({VESTIGING_RESTRICTION, SUBDOSSIER_RESTRICTION}),
    ),
    11: _offer(
        11,
        LevelOfAssurance.LOA3,
        ("Mijn zaken bekijken", "View my cases"),
        (
            "Met single sign-on: blijf ingelogd, en de andere dienst met single sign-on vraagt niets meer.",
            "With single sign-on: stay logged in, and the other service with single sign-on asks nothing more.",
        ),
        sso_support=True,
    ),
    12: _offer(
        12,
        LevelOfAssurance.LOA2PLUS,
        ("Belastingaanslag bekijken", "View a tax assessment"),
        (
            "Met single sign-on: bent u al ingelogd bij ‘Mijn zaken bekijken’, dan gaat u direct verder.",
            "With single sign-on: logged in to ‘View my cases’ already? Then you go on at once.",
        ),
        sso_support=True,
    ),
    10: _offer(
        10,
        LevelOfAssurance.LOA2,
        ("Bezwaar maken", "Lodge an objection"),
        (
            "Vraagt om uw naam, en of de naam van de organisatie mee mag.",
            "Asks for your name, and whether the name of the organisation may come along.",
        ),
        sso_support=True,
        attributes=(
            RequestedAttribute(
                FIRST_NAME,
                False,
                {"nl": "Wij spreken u aan met uw naam.", "en": "We address you by your name."},
            ),
            *_OF_AN_OBJECTION,
        ),
    ),
    21: _offer(
        21,
        LevelOfAssurance.LOA3,
        ("Omgevingsvergunning aanvragen (eIDAS)", "Apply for an environmental permit (eIDAS)"),
        (
            "Voor bedrijven en burgers uit andere lidstaten.",
            "For companies and citizens of other member states.",
        ),
        identifiers=((IdentifierType.EIDAS_LEGAL,), (IdentifierType.PSEUDO_1_9,)),
        classifiers=_EIDAS,
    ),
    22: _offer(
        22,
        LevelOfAssurance.LOA2,
        ("Uittreksel opvragen (eIDAS)", "Request an extract (eIDAS)"),
        (
            "Voor burgers uit andere lidstaten die een BSN hebben.",
            "For citizens of other member states who have a BSN.",
        ),
        identifiers=((IdentifierType.BSN,),),
        classifiers=_EIDAS,
    ),
    23: _offer(
        23,
        LevelOfAssurance.LOA3,
        ("Bezwaar maken (eIDAS)", "Lodge an objection (eIDAS)"),
        (
            "Vraagt mensen uit andere lidstaten om hun naam, en die van hun bedrijf.",
            "Asks people of other member states for their name, and that of their company.",
        ),
        identifiers=((IdentifierType.EIDAS_LEGAL,), (IdentifierType.PSEUDO_1_9,)),
        classifiers=_EIDAS,
        attributes=_OF_AN_OBJECTION,
    ),
    0: _offer(
        0,
        LevelOfAssurance.LOA2,
        ("Digitaal loket", "Digital counter"),
        (
            "Portaal: u ziet daarna voor welke diensten u gemachtigd bent.",
            "Portal: you see afterwards for which services you are authorised.",
        ),
        is_portal=True,
    ),
}


EIDAS_SERVICES: Final = frozenset(
    offer.service.service_id for offer in OFFERS.values() if offer.service.is_eidas_inbound
)
"""The services where people may act for nobody but themselves."""


def answerable(service_id: str | None) -> frozenset[str]:
    """The ServiceIDs that an answer to a login for this service may name: itself, or those behind it as a portal."""
    services = [offer.service for offer in OFFERS.values()]
    asked = next((service for service in services if service.service_id == service_id), None)
    if asked is None or not asked.is_portal:
        return frozenset({service_id} if service_id else ())
    return frozenset(service.service_id for service in services_behind(asked, services))


def offered_services() -> Services:
    """The services for in metadata, by AttributeConsumingService index, the default one first."""
    order = sorted(OFFERS, key=lambda index: (index != DEFAULT_INDEX, index))
    return {index: (OFFERS[index].service.service_id, dict(OFFERS[index].service.names)) for index in order}


def offered_attributes() -> Requested:
    """What those services ask for, by index: all that the catalogue declares."""
    return {
        index: tuple(AskedAttribute(each.name, each.is_required) for each in asked)
        for index, offer in OFFERS.items()
        if (asked := offer.service.requested_attributes)
    }


def make_own_catalogue(assembled: Assembled) -> bytes:
    """The signed dienstencatalogus, with our own certificate to encrypt for."""
    own = assembled.station.own
    return make_catalogue(
        tuple(OFFERS.values()),
        makelaar=Oin(MAKELAAR.oin),
        certificate=Certificate.from_der(assembled.signer.certificate_der, assembled.signer.key_name),
        catalogue_id=own.new_id(),
        version=VERSION,
        now=own.clock(),
        key=assembled.signer,
    )
