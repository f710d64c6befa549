"""Small answers that the pages of all embedded parties give."""

import time

from flask import Response
from flask import request

from broker.assembly.binder import Binder
from broker.assembly.web import error_page
from broker.assembly.web import see_other
from broker.network.flows import Flows
from broker.network.flows import R
from broker.network.flows import is_flow_id
from broker.ports import StateStore

_WAY_SECONDS = 30
_LOOKS = 40
_BETWEEN_LOOKS = 0.05


def remember_way(state: StateStore, flow: str, response: Response) -> Response:
    """Keep where an answered flow sends the browser, for a moment: see ``same_way``."""
    location = response.headers.get("Location")
    if location is not None:
        state.put(_way(flow), location.encode(), _WAY_SECONDS)
    return response


def same_way(state: StateStore, flow: str) -> Response:
    """The answer to a second click on the button that ended a flow.

    The browser follows the last click only, so it must be sent where the first one led. That one may still be under
    way, so it is waited for.
    """
    for _ in range(_LOOKS):
        way = state.get(_way(flow))
        if way is not None:
            return see_other(way.decode())
        time.sleep(_BETWEEN_LOOKS)
    return error_page(400, "al-afgerond")


def _way(flow: str) -> str:
    return f"way:{flow}"


def bound_flow(flows: Flows[R], binder: Binder, flow: str) -> R | str:
    """The flow of the page that is asked for, or the code of the refusal when it is not to be shown here."""
    if not is_flow_id(flow):
        return "niet-gevonden"
    record = flows.find(flow)
    if record is None:
        return "sessie-verlopen"
    if not binder.is_bound(request, flow):
        return "cookie-ontbreekt"
    return record
