"""Test logins by a version that is in test, before it is in force."""

from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.api.problems import Problem
from broker.api.trial_models import LoginToTry
from broker.api.trial_models import StartedLogin
from broker.onboarding.gate import Gate
from broker.onboarding.gate import NotNow
from broker.onboarding.rehearsing import NotThisTest
from broker.onboarding.rehearsing import Rehearsals
from broker.ports.tokens import Scope
from broker.ports.versions import VersionState


def _start(call: Call) -> Reply:
    version, asked = Gate(call.makelaar, call.clock).find(call.path["version_id"]), call.body
    if version.state is not VersionState.TEST:
        raise NotNow(f"{version.label} is {version.state}: put it in test first")
    try:
        started = Rehearsals(call.makelaar).start(
            version.entity_id,
            asked.kind,
            call.actor,
            service_id=asked.service_id,
            login_url=asked.login_url,
            version_id=version.id,
        )
    except NotThisTest as error:
        raise Problem(422, f"{error}.", "fields") from None
    data = StartedLogin(
        id=started.rehearsal.id, version_id=version.id, kind=started.rehearsal.kind, url=started.url
    )
    return Reply(data, headers={"Location": f"/v1/versions/{version.id}"})


OPERATIONS = (
    Operation(
        "POST",
        "/versions/{version_id}/test-logins",
        "startTestLogin",
        "Let one browser log in by this version, which is in test; its address is in this answer and nowhere else",
        Scope.PARTNERS_WRITE,
        _start,
        body=LoginToTry,
        returns=StartedLogin,
        status=201,
        once=True,
    ),
)
