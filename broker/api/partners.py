"""The partners that are in force, and the history of everything."""

from broker.api.models import Because
from broker.api.models import BecauseSaid
from broker.api.models import ChangeList
from broker.api.models import ChangeModel
from broker.api.models import Latest
from broker.api.models import PartnerList
from broker.api.models import PartnerModel
from broker.api.models import Search
from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.api.problems import Problem
from broker.onboarding.partners import overview
from broker.onboarding.partners import resume
from broker.onboarding.partners import suspend
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.overview import PartnerLine
from broker.ports.tokens import Scope
from broker.storage.changes import SqlChangeLog
from broker.storage.registry import source_id


def record_of(call: Call) -> PartnerRecord:
    """The partner in the path. Raises ``Problem``."""
    registry = call.makelaar.registry
    entity_id = registry.entity_id_for_source(bytes.fromhex(call.path["partner_id"]))
    record = None if entity_id is None else registry.find(entity_id)
    if record is None:
        raise Problem(404, "no partner has this id; it is the SHA-1 of the entityID, in hex")
    return record


def _model(partner: PartnerLine) -> PartnerModel:
    return PartnerModel(
        id=source_id(partner.entity_id).hex(),
        entity_id=partner.entity_id,
        role=partner.role.value,
        name=partner.name,
        version=partner.version,
        suspended_at=partner.suspended_at,
    )


def _found(call: Call) -> Reply:
    entity_id = record_of(call).entity_id
    lines = overview(call.makelaar.engine, entity_id).lines
    line = next((each for each in lines if each.entity_id == entity_id), None)
    if line is None:
        raise Problem(404, "this partner was removed at this moment")
    return Reply(_model(line))


def _list(call: Call) -> Reply:
    asked = call.query
    role = None if asked.role is None else Role(asked.role)
    page = overview(call.makelaar.engine, asked.search, role, asked.after, asked.size)
    return Reply(PartnerList(items=[_model(each) for each in page.lines], after=page.after))


def _suspend(call: Call) -> Reply:
    record = record_of(call)
    if not suspend(call.makelaar, record.entity_id, call.actor, call.body.reason, call.clock):
        raise Problem(409, "its logins are stopped already")
    return _found(call)


def _resume(call: Call) -> Reply:
    record = record_of(call)
    if not resume(call.makelaar, record.entity_id, call.actor, call.body.reason, call.clock):
        raise Problem(409, "its logins are not stopped")
    return _found(call)


def _changes(call: Call) -> Reply:
    log, asked = SqlChangeLog(call.makelaar.engine), call.query
    changes = log.latest(asked.limit) if asked.subject is None else log.of(asked.subject, asked.limit)
    items = [
        ChangeModel(
            at=each.at,
            who=each.who,
            what=each.what,
            subject=each.subject,
            why=each.why,
            detail=dict(each.detail),
        )
        for each in changes
    ]
    return Reply(ChangeList(items=items))


OPERATIONS = (
    Operation(
        "GET",
        "/partners",
        "listPartners",
        "Who is connected, by entityID",
        Scope.PARTNERS_READ,
        _list,
        query=Search,
        returns=PartnerList,
    ),
    Operation(
        "GET",
        "/partners/{partner_id}",
        "getPartner",
        "One partner",
        Scope.PARTNERS_READ,
        _found,
        returns=PartnerModel,
    ),
    Operation(
        "POST",
        "/partners/{partner_id}/suspension",
        "suspendPartner",
        "Refuse its logins from now on",
        Scope.PARTNERS_WRITE,
        _suspend,
        body=BecauseSaid,
        returns=PartnerModel,
    ),
    Operation(
        "POST",
        "/partners/{partner_id}/resumption",
        "resumePartner",
        "Let its people log in again",
        Scope.APPROVALS_WRITE,
        _resume,
        body=Because,
        returns=PartnerModel,
    ),
    Operation(
        "GET",
        "/changes",
        "listChanges",
        "Who changed what, when and why; newest first",
        Scope.CHANGES_READ,
        _changes,
        query=Latest,
        returns=ChangeList,
    ),
)
