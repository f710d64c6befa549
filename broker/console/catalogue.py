"""The dienstencatalogus of a dienstverlener as a form: edited, looked at as XML, and handed in as a version."""

from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from flask import Flask
from flask import abort
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from broker.console.access import requires
from broker.console.context import actor
from broker.console.context import console
from broker.console.partners import find
from broker.domain.attributes import ATTRIBUTE_KINDS
from broker.domain.attributes import AttributeOwner
from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue_rules import CLASSIFIERS
from broker.domain.catalogue_rules import RESTRICTIONS
from broker.domain.catalogue_rules import Problem
from broker.domain.catalogue_rules import stops
from broker.domain.identifiers import IdentifierType
from broker.domain.levels import LevelOfAssurance
from broker.domain.services import Intermediation
from broker.onboarding.catalogue_fields import acted
from broker.onboarding.catalogue_fields import form_of
from broker.onboarding.catalogue_form import CatalogueForms
from broker.onboarding.catalogue_form import NoCatalogue
from broker.ports.changes import OperatorRole
from broker.saml.findings import DocumentRefused
from broker.saml.findings import Finding
from broker.screens import current_language
from broker.settings import MAKELAAR


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is shown with the form: what is wrong, and once it was asked, the XML and what would change."""

    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    xml: str | None = None
    sentences: tuple[str, ...] | None = None
    asked: bool = field(default=False)


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/partners/<part>/catalogue", "catalogue", show)
    app.add_url_rule("/partners/<part>/catalogue", "catalogue_edit", edit, methods=["POST"])


@requires(OperatorRole.VIEWER)
def show(part: str) -> str | Response:
    """The form of the catalogue in force."""
    entity_id = find(part).entity_id
    forms = _forms()
    try:
        form = forms.of(entity_id)
    except NoCatalogue:
        abort(404)
    return _page(entity_id, form, _Seen(forms.problems(form)))


@requires(OperatorRole.OPERATOR)
def edit(part: str) -> str | Response:
    """What the pressed button says: add or remove a row, look at what it would be, or hand it in."""
    entity_id = find(part).entity_id
    forms, action = _forms(), request.form.get("do", "check")
    try:
        form = acted(form_of(dict(request.form.lists())), action, MAKELAAR.oin)
    except DocumentRefused:
        abort(400)
    problems = forms.problems(form)
    if action not in {"check", "save"}:
        return _page(entity_id, form, _Seen(problems))
    if stops(problems):
        return _page(entity_id, form, _Seen(problems, asked=True))
    try:
        if action == "save":
            saved = forms.save(entity_id, form, actor(), request.form.get("reason", "")[:1000])
            return redirect(url_for("version", version_id=saved.version.id), 303)
        xml = forms.preview(form)
        sentences = forms.compare(entity_id, xml).in_words(_language())
    except DocumentRefused as refused:
        return _page(entity_id, form, _Seen(problems, refused.findings, asked=True))
    except NoCatalogue:
        abort(404)
    return _page(entity_id, form, _Seen(problems, (), xml.decode(), sentences, asked=True))


def _forms() -> CatalogueForms:
    return CatalogueForms(console().assembled, console().clock)


def _language() -> Literal["nl", "en"]:
    return "nl" if current_language() == "nl" else "en"


def _page(entity_id: str, form: CatalogueForm, seen: _Seen) -> str:
    return render_template(
        "catalogue.html",
        entity_id=entity_id,
        form=form,
        seen=seen,
        stopped=stops(seen.problems),
        lang=_language(),
        kinds=[each.value for each in IdentifierType],
        levels={each.value: each.label for each in LevelOfAssurance if each is not LevelOfAssurance.LOA1},
        restrictions=RESTRICTIONS,
        classifiers=CLASSIFIERS,
        attributes=[
            name for name, kind in ATTRIBUTE_KINDS.items() if kind.owner is not AttributeOwner.AUTOMATIC
        ],
        intermediations=[each.value for each in Intermediation],
    )
