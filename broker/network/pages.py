"""Small answers that the pages of all embedded parties give."""

from flask import Response
from flask import request

from broker.assembly.binder import Binder
from broker.network.flows import Flows
from broker.network.flows import R
from broker.network.flows import is_flow_id


def see_other(path: str) -> Response:
    """Go on with a GET of ``path``, one of our own."""
    return Response(status=303, headers={"Location": path})


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
