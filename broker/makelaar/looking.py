"""The end of a test login whose answer does not leave: a page that says what it would have held, and no value of it."""

from flask import Response
from flask import make_response
from flask import render_template

from broker.journey.record import Journey
from broker.makelaar.context import Makelaar
from broker.makelaar.pages import dienstverlener_name
from broker.ports import Role
from broker.rehearsals.contents import contents
from broker.rehearsals.skeleton import skeleton
from broker.saml.errors import UnknownPartner
from broker.screens import current_language


def show(hm: Makelaar, journey: Journey, true: bytes) -> Response:
    """What this answer holds. It is not sent."""
    held = contents(true)
    registers = [each for each in (journey.register, journey.second_register) if each]
    service = hm.service(journey)
    page = render_template(
        "test_shown.html",
        held=held,
        skeleton=skeleton(true),
        reference=journey.reference,
        dv_name=dienstverlener_name(hm, journey, current_language()),
        service_id=journey.service_id,
        asked=journey.level.label if journey.level else None,
        authenticatiedienst=_name(hm, journey.authenticatiedienst),
        registers=[_name(hm, each, Role.MR) for each in registers],
        is_chain=journey.second_register is not None,
        sets=[[kind.value for kind in each] for each in service.deliverable_sets] if service else [],
    )
    return _end(hm, journey, page)


def over(hm: Makelaar, journey: Journey, outcome: str) -> Response:
    """The end of a test that no answer came of: its ticket is gone, or the answer cannot be made here."""
    page = render_template("test_over.html", outcome=outcome, reference=journey.reference)
    return _end(hm, journey, page, 410)


def _end(hm: Makelaar, journey: Journey, page: str, status: int = 200) -> Response:
    response = make_response(page, status)
    hm.binder.release(response, journey.id)
    return response


def _name(hm: Makelaar, entity_id: str | None, *roles: Role) -> str:
    if entity_id is None:
        return "–"
    try:
        partner = hm.station.partners.find(entity_id, *(roles or (Role.AD, Role.EB)))
    except UnknownPartner:
        return entity_id
    return f"{partner.display_name(current_language())} ({entity_id})"
