"""Versions of partners: handed in, compared, approved, put in force, put back."""

from collections.abc import Callable
from dataclasses import replace

from broker.api.models import Activation
from broker.api.models import Asked
from broker.api.models import Because
from broker.api.models import BecauseSaid
from broker.api.models import DifferenceModel
from broker.api.models import FindingModel
from broker.api.models import Language
from broker.api.models import OfEntity
from broker.api.models import SubmittedDocuments
from broker.api.models import SubmittedModel
from broker.api.models import VersionList
from broker.api.models import VersionModel
from broker.api.operations import DOCUMENT_BYTES
from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.api.problems import Problem
from broker.assembly.onboarding import connection_of
from broker.domain.connection import STANDARD
from broker.domain.connection import Connection
from broker.onboarding.difference import difference_of
from broker.onboarding.gate import Gate
from broker.onboarding.gate import Outcome
from broker.onboarding.gate import Submission
from broker.onboarding.gate import Submitted
from broker.ports import Role
from broker.ports.tokens import Scope
from broker.ports.versions import Origin
from broker.ports.versions import Version
from broker.saml.proposal import propose_profile


def _gate(call: Call) -> Gate:
    return Gate(call.makelaar, call.clock)


def model_of(version: Version) -> VersionModel:
    """A version for a program."""
    return VersionModel(
        id=version.id,
        entity_id=version.entity_id,
        number=version.number,
        role=version.role.value,
        state=version.state.value,
        origin=version.origin.value,
        created_at=version.created_at,
        created_by=version.created_by,
        reason=version.reason,
        activate_at=version.activate_at,
        activated_at=version.activated_at,
        ended_at=version.ended_at,
    )


def reply_of(submitted: Submitted) -> Reply:
    """What came of handing something in: 201 for a version that was not there."""
    data = SubmittedModel(
        outcome=submitted.outcome.value,
        version=model_of(submitted.version),
        difference=list(submitted.difference.in_words("nl")),
        findings=[
            FindingModel(
                severity=each.severity.value,
                document=each.document,
                line=each.line,
                reason=each.reason,
                rule=each.rule,
            )
            for each in submitted.findings
        ],
    )
    status = 201 if submitted.outcome is Outcome.NEW else 200
    return Reply(data, status, {"Location": f"/v1/versions/{submitted.version.id}"})


def _listed(call: Call) -> Reply:
    versions = _gate(call).versions(call.query.entity_id)
    if not versions:
        raise Problem(404, f"nothing was ever handed in of {call.query.entity_id}")
    return Reply(VersionList(items=[model_of(each) for each in versions]))


def _pending(call: Call) -> Reply:
    return Reply(VersionList(items=[model_of(each) for each in _gate(call).pending()]))


def _one(call: Call) -> Reply:
    return Reply(model_of(_gate(call).find(call.path["version_id"])))


def _submit(call: Call) -> Reply:
    asked = call.body
    role, metadata = Role(asked.role), asked.metadata.encode()
    connection = connection_of(call.makelaar.registry, metadata)
    if asked.profile is not None:
        connection = replace(connection or Connection(), profile=asked.profile)
    elif connection is None:
        connection = Connection(profile=propose_profile(metadata).profile) if role is Role.DV else STANDARD
    submission = Submission(
        role=role,
        metadata=metadata,
        catalogue=None if asked.catalogue is None else asked.catalogue.encode(),
        origin=Origin.API,
        reason=asked.reason,
        new_keys=asked.new_keys,
        connection=connection,
    )
    return reply_of(_gate(call).submit(submission, call.actor))


def _difference(call: Call) -> Reply:
    version = _gate(call).find(call.path["version_id"])
    points = difference_of(version.difference)
    return Reply(DifferenceModel(points=points.to_json(), sentences=list(points.in_words(call.query.lang))))


def _document(call: Call) -> Reply:
    return Reply(
        content=_gate(call).find(call.path["version_id"]).metadata,
        content_type="application/samlmetadata+xml",
    )


def _in_test(call: Call) -> Reply:
    return Reply(model_of(_gate(call).put_in_test(call.path["version_id"], call.actor)))


def _ask_approval(call: Call) -> Reply:
    return Reply(model_of(_gate(call).ask_approval(call.path["version_id"], call.actor, call.body.reason)))


def _approve(call: Call) -> Reply:
    return Reply(model_of(_gate(call).approve(call.path["version_id"], call.actor, call.body.reason)))


def _reject(call: Call) -> Reply:
    return Reply(model_of(_gate(call).reject(call.path["version_id"], call.actor, call.body.reason)))


def _withdraw(call: Call) -> Reply:
    return Reply(model_of(_gate(call).withdraw(call.path["version_id"], call.actor, call.body.reason)))


def _activate(call: Call) -> Reply:
    asked = call.body
    version = _gate(call).activate(call.path["version_id"], call.actor, asked.at, asked.reason)
    return Reply(model_of(version))


def _rollback(call: Call) -> Reply:
    gate = _gate(call)
    version = gate.find(call.path["version_id"])
    return Reply(model_of(gate.rollback(version.entity_id, version.number, call.actor, call.body.reason)))


def _step(
    path: str,
    name: str,
    summary: str,
    run: Callable[[Call], Reply],
    body: type[Asked],
    scope: Scope = Scope.PARTNERS_WRITE,
) -> Operation:
    return Operation(
        "POST", f"/versions/{{version_id}}/{path}", name, summary, scope, run, body=body, returns=VersionModel
    )


OPERATIONS = (
    Operation(
        "GET",
        "/versions",
        "listVersions",
        "Every version of a partner, newest first",
        Scope.PARTNERS_READ,
        _listed,
        query=OfEntity,
        returns=VersionList,
        errors=(404,),
    ),
    Operation(
        "POST",
        "/versions",
        "submitVersion",
        "Hand in metadata, and a catalogue: checked, and kept as a concept",
        Scope.PARTNERS_WRITE,
        _submit,
        body=SubmittedDocuments,
        returns=SubmittedModel,
        status=201,
        or_status=200,
        maximum=DOCUMENT_BYTES,
    ),
    Operation(
        "GET",
        "/pending-versions",
        "listPending",
        "What waits for an approver, or for its date",
        Scope.PARTNERS_READ,
        _pending,
        returns=VersionList,
    ),
    Operation(
        "GET",
        "/versions/{version_id}",
        "getVersion",
        "One version",
        Scope.PARTNERS_READ,
        _one,
        returns=VersionModel,
    ),
    Operation(
        "GET",
        "/versions/{version_id}/difference",
        "getDifference",
        "How it differs from what was in force when it came in",
        Scope.PARTNERS_READ,
        _difference,
        query=Language,
        returns=DifferenceModel,
    ),
    Operation(
        "GET",
        "/versions/{version_id}/metadata",
        "getMetadata",
        "The metadata as it was handed in",
        Scope.PARTNERS_READ,
        _document,
        also=("application/samlmetadata+xml",),
    ),
    _step(
        "test",
        "putInTest",
        "Try it out with its dienstverlener, in test logins",
        _in_test,
        Because,
    ),
    _step("approval-request", "askApproval", "Have it wait for an approver", _ask_approval, Because),
    _step("approval", "approve", "Say yes to it", _approve, Because, Scope.APPROVALS_WRITE),
    _step("rejection", "reject", "Say no to it, and why", _reject, BecauseSaid, Scope.APPROVALS_WRITE),
    _step("withdrawal", "withdraw", "Give it up", _withdraw, Because),
    _step("activation", "activate", "Put it in force, now or at a moment", _activate, Activation),
    _step(
        "rollback",
        "rollBack",
        "Put this version, which was in force, back",
        _rollback,
        BecauseSaid,
        Scope.APPROVALS_WRITE,
    ),
)
