"""The dienstencatalogus of a dienstverlener as a form, and the editions that we publish."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated
from typing import Any

from pydantic import BaseModel
from pydantic import Field

from broker.api.models import Asked
from broker.api.models import EditionList
from broker.api.models import EditionModel
from broker.api.models import Language
from broker.api.models import ProblemModel
from broker.api.models import Reason
from broker.api.models import SubmittedModel
from broker.api.operations import DOCUMENT_BYTES
from broker.api.operations import Call
from broker.api.operations import Operation
from broker.api.operations import Reply
from broker.api.partners import record_of
from broker.api.problems import Problem
from broker.api.versions import reply_of
from broker.domain.catalogue import CatalogueForm
from broker.onboarding.catalogue_editions import ALL
from broker.onboarding.catalogue_editions import CatalogueEditions
from broker.onboarding.catalogue_form import CatalogueForms
from broker.onboarding.catalogue_form import to_data
from broker.ports.editions import Edition
from broker.ports.tokens import Scope
from broker.ports.versions import Origin
from broker.storage.editions import SqlEditionStore

_XML = "application/xml"
_SHOWN = 50


class FormModel(BaseModel):
    """The catalogue in force, as a form: what is empty is left out."""

    form: dict[str, Any]


class EditedForm(Asked):
    """A whole form, and why it is handed in."""

    form: CatalogueForm
    reason: Reason = ""


class Preview(Asked):
    """A form to look at."""

    form: CatalogueForm


class Previewed(BaseModel):
    """A form as XML, and what must or should be mended. ``xml`` is None when it cannot be written."""

    xml: Annotated[str | None, Field()]
    problems: list[ProblemModel]


def _forms(call: Call) -> CatalogueForms:
    return CatalogueForms(call.makelaar, call.clock)


def _get(call: Call) -> Reply:
    entity_id = record_of(call).entity_id
    forms = _forms(call)
    if call.accept == _XML:
        return Reply(content=forms.document(entity_id), content_type=_XML)
    form = to_data(forms.of(entity_id))
    return Reply(FormModel(form=dict(form)), headers={"ETag": _etag(form)})


def _put(call: Call) -> Reply:
    entity_id = record_of(call).entity_id
    forms = _forms(call)
    if call.if_match not in {None, "*", _etag(to_data(forms.of(entity_id)))}:
        raise Problem(412, "the catalogue was changed meanwhile: get it again, and change that")
    return reply_of(forms.save(entity_id, call.body.form, call.actor, call.body.reason, Origin.API))


def _preview(call: Call) -> Reply:
    forms, form = _forms(call), call.body.form
    found = forms.problems(form)
    problems = [
        ProblemModel(
            path=each.path,
            must=each.reason.must,
            reason=each.reason.text(call.query.lang),
            rule=each.reason.rule,
        )
        for each in found
    ]
    xml = None if any(each.must for each in problems) else forms.preview(form).decode()
    return Reply(Previewed(xml=xml, problems=problems))


def _etag(form: Mapping[str, Any]) -> str:
    digest = hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()
    return f'"{digest[:32]}"'


def _editions(call: Call) -> CatalogueEditions:
    makelaar = call.makelaar
    store, station = SqlEditionStore(makelaar.engine), makelaar.station
    return CatalogueEditions(store, makelaar.registry, station.partners, station.own)


def _list(call: Call) -> Reply:
    editions = _editions(call)
    return Reply(EditionList(items=[_model(editions, each) for each in editions.store.listed(ALL, _SHOWN)]))


def _one(call: Call) -> Reply:
    editions = _editions(call)
    edition = editions.find(ALL, int(call.path["sequence"]))
    if edition is None:
        raise Problem(404, "there was no such edition, or it is kept no longer")
    if call.accept == _XML:
        return Reply(content=editions.document(edition), content_type=_XML)
    return Reply(_model(editions, edition))


def _model(editions: CatalogueEditions, edition: Edition) -> EditionModel:
    return EditionModel(
        sequence=edition.sequence,
        version=editions.version(edition),
        made_at=edition.made_at,
        location=f"/catalogue/editions/{edition.sequence}",
    )


OPERATIONS = (
    Operation(
        "GET",
        "/partners/{partner_id}/catalogue",
        "getCatalogue",
        "The catalogue in force, as a form or as XML",
        Scope.CATALOGUE_READ,
        _get,
        returns=FormModel,
        also=(_XML,),
    ),
    Operation(
        "PUT",
        "/partners/{partner_id}/catalogue",
        "putCatalogue",
        "Hand in a form as a version: a concept, like any other",
        Scope.CATALOGUE_WRITE,
        _put,
        body=EditedForm,
        returns=SubmittedModel,
        status=201,
        or_status=200,
        errors=(409, 412),
        maximum=DOCUMENT_BYTES,
    ),
    Operation(
        "POST",
        "/catalogue-previews",
        "previewCatalogue",
        "A form as XML, with what is wrong at which field; nothing is kept",
        Scope.CATALOGUE_READ,
        _preview,
        query=Language,
        body=Preview,
        returns=Previewed,
        maximum=DOCUMENT_BYTES,
    ),
    Operation(
        "GET",
        "/catalogue-editions",
        "listEditions",
        "The catalogues that we published, newest first",
        Scope.CATALOGUE_READ,
        _list,
        returns=EditionList,
    ),
    Operation(
        "GET",
        "/catalogue-editions/{sequence}",
        "getEdition",
        "One of them",
        Scope.CATALOGUE_READ,
        _one,
        returns=EditionModel,
        also=(_XML,),
    ),
)
