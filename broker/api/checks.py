"""Check reports: what is wrong with documents, where, by which rule, and how to mend it."""

from broker.api.models import CheckReportModel
from broker.api.models import ToCheck
from broker.api.operations import DOCUMENT_BYTES
from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.api.problems import Problem
from broker.checks import Document
from broker.checks import Subject
from broker.checks import check
from broker.checks import to_junit
from broker.ports.tokens import Scope
from broker.settings import MAKELAAR
from broker.storage.neighbours import SqlNeighbours

JUNIT = "application/junit+xml"


def _check(call: Call) -> Reply:
    asked = call.body
    if asked.metadata is None and asked.catalogue is None and asked.request is None:
        raise Problem(422, "send metadata, catalogue, request, or several of them")
    report = check(
        Subject(
            metadata=_document("metadata", asked.metadata),
            catalogue=_document("catalogue", asked.catalogue),
            request=_document("request", asked.request),
            now=call.clock(),
            profile=asked.profile,
            makelaar_oin=MAKELAAR.oin,
            lowest=call.makelaar.settings.lowest_level,
            known=SqlNeighbours(call.makelaar.engine),
        )
    )
    if call.accept == JUNIT:
        return Reply(content=to_junit(report), content_type=JUNIT)
    return Reply(CheckReportModel.model_validate_json(report.to_json()))


def _document(name: str, text: str | None) -> Document | None:
    return None if text is None else Document(name, text.encode())


OPERATIONS = (
    Operation(
        "POST",
        "/checks",
        "check",
        "Check documents; nothing is kept",
        Scope.CHECKS_WRITE,
        _check,
        body=ToCheck,
        returns=CheckReportModel,
        also=(JUNIT,),
        maximum=DOCUMENT_BYTES,
    ),
)
