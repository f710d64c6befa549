"""What a dienstverlener asks that wants the list of authenticatiediensten, held against the dienstencatalogus.

Interface specifications DV-HM RequestADlist: ``ServiceUUID`` of a ServiceInstance, and optionally
``RequestedAuthnContext``. Unlike a login, the question is not signed: anyone may know who authenticatiedienst is.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Final

from broker.domain.identifiers import Oin
from broker.domain.intermediation import find_intermediated
from broker.domain.intermediation import may_intermediate
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import LevelAboveCatalogue
from broker.domain.services import Service

SERVICE: Final = "ServiceUUID"
LEVEL: Final = "RequestedAuthnContext"


class QuestionRefused(Exception):
    """A question without an answer. The text names parameter and rule, and repeats nothing of what was sent."""


def asked_level(
    parameters: Sequence[tuple[str, str]], services: Iterable[Service], makelaar: Oin
) -> LevelOfAssurance:
    """The level that a login for the service in question needs. Raises ``QuestionRefused``."""
    values = _once(parameters)
    known = tuple(services)
    service = _service(values.get(SERVICE, ""), known)
    if makelaar not in service.makelaars:
        raise QuestionRefused(f"{SERVICE}: the dienstencatalogus gives this service to another makelaar")
    if service.intermediated_service:
        provided = find_intermediated(service.intermediated_service, known)
        if provided is None or not may_intermediate(provided, service, known):
            raise QuestionRefused(f"{SERVICE}: its dienstaanbieder does not allow that it is intermediated")
        service = provided
    if service.is_eidas_inbound:
        raise QuestionRefused(
            f"{SERVICE}: this service is for eIDAS; the person is sent on without a choice, so there is no list"
        )
    if not service.identifier_sets:
        raise QuestionRefused(f"{SERVICE}: no identifier that this service accepts can be delivered here")
    try:
        return service.required_level(_level(values.get(LEVEL)))
    except LevelAboveCatalogue:
        raise QuestionRefused(
            f"{LEVEL}: higher than the catalogue allows for this service, which is {service.level.urn}"
        ) from None


def _once(parameters: Sequence[tuple[str, str]]) -> dict[str, str]:
    names = [name for name, _ in parameters]
    if not set(names) <= {SERVICE, LEVEL}:
        raise QuestionRefused(f"an unknown parameter: there are {SERVICE} and, if you like, {LEVEL}")
    for name in (SERVICE, LEVEL):
        if names.count(name) > 1:
            raise QuestionRefused(f"{name}: it may occur once")
    return dict(parameters)


def _service(uuid: str, services: Iterable[Service]) -> Service:
    """The one instance with this ServiceUUID; UUIDs are compared without regard to case (RFC 9562, 4)."""
    if not uuid:
        raise QuestionRefused(f"{SERVICE}: it must be there, with the ServiceUUID of a ServiceInstance")
    found: list[Service] = []
    is_definition = False
    for service in services:
        if service.instance_uuid.casefold() == uuid.casefold():
            found.append(service)
        is_definition = is_definition or service.service_uuid.casefold() == uuid.casefold()
    if len(found) > 1:
        raise QuestionRefused(
            f"{SERVICE}: several dienstverleners use it; a ServiceInstance needs one of its own"
        )
    if not found and is_definition:
        raise QuestionRefused(
            f"{SERVICE}: this is that of a ServiceDefinition; give that of the ServiceInstance"
        )
    if not found:
        raise QuestionRefused(f"{SERVICE}: no service of this makelaar has it")
    return found[0]


def _level(text: str | None) -> LevelOfAssurance | None:
    if text is None:
        return None
    try:
        return LevelOfAssurance.from_urn(text)
    except ValueError:
        known = ", ".join(level.urn for level in LevelOfAssurance)
        raise QuestionRefused(f"{LEVEL}: not a level of assurance; there are {known}") from None
