"""The pages of a login: choosing an authenticatiedienst, and what to do after a refusal."""

from flask import Response
from flask import request

from broker.assembly.web import error_page
from broker.assembly.web import see_other
from broker.journey.record import Journey
from broker.journey.table import Event
from broker.journey.table import State
from broker.makelaar import asking
from broker.makelaar import eidas
from broker.makelaar import pages
from broker.makelaar.answering import end_refused
from broker.makelaar.answering import forget_answers
from broker.makelaar.context import Makelaar
from broker.makelaar.sso import lost
from broker.makelaar.sso import unbound

_CHOICE = frozenset({State.CHOOSING, State.AT_AD, State.AT_MR})
"""States in which our list may be on the screen: the back button leads to it from the other parties."""


_TOWARDS_EB = frozenset({State.FORWARDING, State.AT_EB})
_DEAD_ENDS = frozenset({State.REFUSED, State.EIDAS_REFUSED, State.REJECTED})


def show(hm: Makelaar, journey_id: str) -> Response:
    """The page of a login, by its state."""
    journey = hm.journeys.find(journey_id)
    if journey is None:
        return lost("sessie-verlopen", "no such login")
    if not hm.binder.is_bound(request, journey_id):
        return unbound(journey, "the binder cookie is not there")
    if journey.state in _CHOICE:
        return pages.choose_ad(hm, journey)
    if journey.state in _TOWARDS_EB:
        return pages.towards_eb(hm, journey)
    if journey.state in _DEAD_ENDS:
        return pages.refused(hm, journey)
    return error_page(410, "al-afgerond", journey.reference)


def act(hm: Makelaar, journey_id: str) -> Response:
    """A button of a login's page was pressed."""
    journey = hm.journeys.find(journey_id)
    if journey is None:
        return lost("sessie-verlopen", "no such login")
    if not hm.binder.accepts(request, journey_id):
        return unbound(journey, "the form is not of this browser")
    button = request.form.get("do", "choose")
    if journey.state in _CHOICE and button == "choose":
        return _choose(hm, journey)
    if journey.state in _CHOICE | _TOWARDS_EB and button == "cancel":
        return end_refused(hm, journey, Event.CANCELLED, "geannuleerd")
    if journey.state is State.REFUSED and button == "other":
        hm.journeys.advance(journey, forget_answers(journey.after(Event.CHOOSES_OTHER)))
        return see(journey)
    if journey.state in _TOWARDS_EB and button == "choose":
        return eidas.forward(hm, journey)
    if journey.state is State.EIDAS_REFUSED and button == "other" and pages.can_try_again(journey):
        return eidas.forward(hm, forget_answers(journey))
    if journey.state in _DEAD_ENDS and button == "back":
        return end_refused(hm, journey, Event.RETURNS, journey.code or "storing")
    return see(journey)


def see(journey: Journey) -> Response:
    """To the page of a login, after a POST."""
    return see_other(pages.action(journey))


def _choose(hm: Makelaar, journey: Journey) -> Response:
    choice = request.form.get("ad", "")
    if not choice:
        return pages.choose_ad(hm, journey, 400, "choose_one")
    able = {dienst.entity_id for dienst in pages.able_diensten(hm, journey, journey.language)}
    if choice not in able:
        return pages.choose_ad(hm, journey, 400, "unavailable_ad")
    return asking.ask_ad(hm, journey, choice, remember=request.form.get("remember") == "1")
