"""The dienstencatalogus of a dienstverlener as a form: taken from what is in force, previewed, and handed in again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import Any
from typing import NoReturn

from pydantic import TypeAdapter
from pydantic import ValidationError

from broker.assembly.party import Assembled
from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue_completion import completed
from broker.domain.catalogue_rules import Problem
from broker.domain.catalogue_rules import problems
from broker.exchange.own import Clock
from broker.exchange.own import random_id
from broker.exchange.own import system_clock
from broker.onboarding.actors import require
from broker.onboarding.difference import Difference
from broker.onboarding.difference import difference
from broker.onboarding.gate import Gate
from broker.onboarding.gate import Submission
from broker.onboarding.gate import Submitted
from broker.onboarding.shelf import Shelf
from broker.ports import PartnerRecord
from broker.ports import Role
from broker.ports.changes import Actor
from broker.ports.changes import OperatorRole
from broker.ports.versions import Origin
from broker.saml.catalogue_form import LeftOut
from broker.saml.catalogue_form import read_form
from broker.saml.catalogue_form import write_form
from broker.saml.findings import Report
from broker.settings import MAKELAAR
from broker.storage.rationales import SqlRationales

_ADAPTER = TypeAdapter(CatalogueForm)
_DRAFT = "urn:etoegang:1.13:service-catalogue:T:1"
"""The Version of what is handed in; what is published gets a number of its own."""


_FORM = "docs/api.md, the form of a dienstencatalogus"


class NoCatalogue(LookupError):
    """There is no such dienstverlener, or it has no dienstencatalogus."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A document as it can be handed in.

    ``document`` is what came as it came, unless something was ``filled_in`` (the paths of fields) or it came as a form.
    ``left_out`` names what a form does not hold, for a document that was written anew.
    """

    form: CatalogueForm
    document: bytes
    filled_in: tuple[str, ...]
    left_out: tuple[LeftOut, ...]


class CatalogueForms:
    """The forms of the dienstverleners of the makelaar."""

    def __init__(self, assembled: Assembled, clock: Clock = system_clock) -> None:
        """Works on the stores of the makelaar."""
        self._registry = assembled.registry
        self._gate = Gate(assembled, clock)
        self._shelf = Shelf(assembled, clock)
        self._rationales = SqlRationales(assembled.engine)
        self._clock = clock

    def document(self, entity_id: str) -> bytes:
        """The catalogue in force, as it was handed in. Raises ``NoCatalogue``."""
        return self._record(entity_id)[1]

    def of(self, entity_id: str) -> CatalogueForm:
        """The form of the catalogue in force, with why each level is as it is. Raises ``NoCatalogue``."""
        form = read_form(self.document(entity_id)).form
        known = self._rationales.of(entity_id)
        definitions = tuple(
            replace(each, rationale=known.get((each.uuid, each.level), "")) for each in form.definitions
        )
        return replace(form, definitions=definitions)

    def problems(self, form: CatalogueForm) -> tuple[Problem, ...]:
        """What must or should be mended in a form."""
        return problems(form, MAKELAAR.oin)

    def preview(self, form: CatalogueForm) -> bytes:
        """The XML of a form, unsigned. Raises ``DocumentRefused`` for what the schema forbids."""
        return write(form, self._clock())

    def imported(self, data: bytes) -> Imported:
        """What is to be handed in of a file: XML, a template without Dutch names too, or a form as JSON.

        Raises ``DocumentRefused``.
        """
        now = self._clock()
        if data.lstrip()[:1] == b"{":
            form, filled_in = completed(from_json(data), MAKELAAR.oin)
            return Imported(form, write(form, now), filled_in, ())
        read = read_form(data)
        form, filled_in = completed(read.form, MAKELAAR.oin)
        if not filled_in:
            return Imported(form, data, (), ())
        return Imported(form, write(form, now), filled_in, read.left_out)

    def save(
        self, entity_id: str, form: CatalogueForm, actor: Actor, reason: str, origin: Origin = Origin.FORM
    ) -> Submitted:
        """Hand a form in as a version. Raises ``NoCatalogue``, ``NotAllowed``, and ``DocumentRefused``."""
        require(actor, OperatorRole.OPERATOR)
        return self.hand_in(entity_id, form, self.preview(form), actor, reason, origin)

    def hand_in(
        self,
        entity_id: str,
        form: CatalogueForm,
        document: bytes,
        actor: Actor,
        reason: str,
        origin: Origin = Origin.FORM,
    ) -> Submitted:
        """Hand in ``document``, which says what ``form`` does, with the metadata in force. Raises as ``save``.

        One that says what the catalogue in force says already is no new version.
        """
        require(actor, OperatorRole.OPERATOR)
        record, in_force = self._record(entity_id)
        if read_form(in_force).form == read_form(document).form:
            document = in_force
        submitted = self._gate.submit(
            Submission(
                role=Role.DV,
                metadata=record.metadata,
                catalogue=document,
                connection=record.connection,
                origin=origin,
                reason=reason,
            ),
            actor,
        )
        reasons = {
            (each.uuid, each.level): each.rationale for each in form.definitions if each.rationale.strip()
        }
        self._rationales.save(entity_id, reasons, actor.name, self._clock())
        return submitted

    def compare(self, entity_id: str, document: bytes) -> Difference:
        """What would change with this document; nothing is kept. Raises ``NoCatalogue`` and ``DocumentRefused``."""
        before, _ = self._record(entity_id)
        now = self._clock()
        submission = Submission(Role.DV, before.metadata, document, before.connection)
        after = self._shelf.examined(submission, now, new_keys=False).record
        return difference(self._shelf.descriptions(before), self._shelf.descriptions(after), now)

    def _record(self, entity_id: str) -> tuple[PartnerRecord, bytes]:
        record = self._registry.find(entity_id)
        if record is None or record.role is not Role.DV or record.catalogue is None:
            raise NoCatalogue(f"{entity_id} is not connected, or has no dienstencatalogus")
        return record, record.catalogue


def write(form: CatalogueForm, now: datetime) -> bytes:
    """The unsigned catalogue of a form. Raises ``DocumentRefused`` for what the schema forbids."""
    return write_form(form, catalogue_id=random_id(), version=_DRAFT, now=now)


def from_json(data: bytes | str) -> CatalogueForm:
    """The form in a JSON text. Raises ``DocumentRefused`` with a finding for each field that is not as it should be."""
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError as error:
        _refuse(error)


def from_data(data: Mapping[str, Any]) -> CatalogueForm:
    """The form in plain data. Raises as ``from_json``."""
    try:
        return _ADAPTER.validate_python(data)
    except ValidationError as error:
        _refuse(error)


def _refuse(error: ValidationError) -> NoReturn:
    report = Report("form")
    *others, last = error.errors(include_url=False, include_context=False, include_input=False)
    for fault in others:
        report.error(0, f"{_place(fault['loc'])}: {fault['msg']}", _FORM)
    report.refuse(0, f"{_place(last['loc'])}: {last['msg']}", _FORM)


def _place(path: tuple[int | str, ...]) -> str:
    return ".".join(map(str, path)) or "the whole"


def to_json(form: CatalogueForm) -> str:
    """A form as JSON, for people to edit: what is empty is left out."""
    return json.dumps(to_data(form), ensure_ascii=False, indent=2) + "\n"


def to_data(form: CatalogueForm) -> Mapping[str, Any]:
    """A form as plain data; what is empty is left out."""
    data: Mapping[str, Any] = _ADAPTER.dump_python(form, mode="json", exclude_defaults=True)
    return data
