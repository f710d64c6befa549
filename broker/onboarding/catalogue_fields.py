"""A dienstencatalogus as the fields of an HTML form: each has the path of what it holds as its name.

``definitions.0.names.nl`` is a text, ``instances.0.intermediaries`` holds a line for each, and the kinds of a set of
identifiers are boxes that are ticked. Whatever is not sent is empty, as browsers leave out boxes that are not ticked.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from typing import Final
from uuid import uuid4

from broker.domain.catalogue import AttributeForm
from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue import CertificateForm
from broker.domain.catalogue import DefinitionForm
from broker.domain.catalogue import InstanceForm
from broker.domain.identifiers import IdentifierType
from broker.onboarding.catalogue_form import from_data

Fields = Mapping[str, Sequence[str]]
"""The values of each field that was sent."""

_BOOLEANS: Final = {"required", "is_public", "is_portal"}
_LISTS: Final = {"restrictions", "additional_makelaars", "intermediaries", "classifiers", "portal_for"}
_ROWS: Final = {"definitions", "instances", "attributes", "certificates"}
_SETS: Final = {"identifier_sets", "acting_sets"}


def form_of(fields: Fields) -> CatalogueForm:
    """The form in these fields; ones that are not of a form are passed over. Raises ``DocumentRefused``."""
    tree: dict[str, Any] = {}
    for name, values in fields.items():
        *places, last = name.split(".")
        if not places and last not in {"oin", "is_public"}:
            continue
        if places and places[0] not in {"names", "definitions", "instances"}:
            continue
        node = tree
        for place in places:
            node = node.setdefault(place, {})
            if not isinstance(node, dict):
                break
        else:
            node[last] = _value(places, last, values)
    tree.setdefault("oin", "")
    return from_data(_rows(tree))


def acted(form: CatalogueForm, action: str, makelaar: str) -> CatalogueForm:
    """The form after a button: ``add.definitions``, ``add.instances.0.certificates``, ``remove.definitions.1``.

    What such a button names and is not there (any more) changes nothing.
    """
    what, _, path = action.partition(".")
    places = path.split(".")
    if what == "add":
        return _added(form, places, makelaar)
    return _removed(form, places) if what == "remove" else form


def _added(form: CatalogueForm, places: list[str], makelaar: str) -> CatalogueForm:
    match places:
        case ["definitions"]:
            new = DefinitionForm(
                str(uuid4()), makelaar=makelaar, identifier_sets=((IdentifierType.KVKNR.value,),)
            )
            return replace(form, definitions=(*form.definitions, new))
        case ["instances"]:
            return replace(form, instances=(*form.instances, _next_instance(form, makelaar)))
        case [rows, number, inner] if rows in {"definitions", "instances"} and number.isdecimal():
            empty: object = {
                "attributes": AttributeForm(""),
                "certificates": CertificateForm(""),
                "identifier_sets": ("",),
                "acting_sets": ("",),
            }.get(inner)
            return _within(form, rows, int(number), inner, lambda each: (*each, empty))
    return form


def _removed(form: CatalogueForm, places: list[str]) -> CatalogueForm:
    match places:
        case [("definitions" | "instances") as rows, number] if number.isdecimal():
            return _with(form, rows, _without(getattr(form, rows), int(number)))
        case [("definitions" | "instances") as rows, number, inner, row] if (number + row).isdecimal():
            return _within(form, rows, int(number), inner, lambda each: _without(each, int(row)))
    return form


def _within(form: CatalogueForm, rows: str, number: int, inner: str, change: Any) -> CatalogueForm:
    all_rows = list(getattr(form, rows))
    if number >= len(all_rows) or not hasattr(all_rows[number], inner):
        return form
    all_rows[number] = replace(all_rows[number], **{inner: change(getattr(all_rows[number], inner))})
    return _with(form, rows, tuple(all_rows))


def _with(form: CatalogueForm, rows: str, changed: tuple[Any, ...]) -> CatalogueForm:
    return replace(form, definitions=changed) if rows == "definitions" else replace(form, instances=changed)


def _without(rows: Sequence[Any], number: int) -> tuple[Any, ...]:
    return tuple(row for place, row in enumerate(rows) if place != number)


def _next_instance(form: CatalogueForm, makelaar: str) -> InstanceForm:
    numbers = [each.service_id.rpartition(":")[2] for each in form.instances]
    number = max((int(each) for each in numbers if each.isdecimal()), default=0) + 1
    used = {each.definition for each in form.instances}
    free = [each.uuid for each in form.definitions if each.uuid not in used]
    return InstanceForm(
        f"urn:etoegang:DV:{form.oin}:services:{number}",
        str(uuid4()),
        definition=next(iter(free), ""),
        makelaar=makelaar,
        sso_support=False,
    )


def _value(places: list[str], last: str, values: Sequence[str]) -> Any:
    if places and places[-1] in _SETS:
        return [each for each in values if each]
    if last in _LISTS:
        return [line.strip() for each in values for line in each.splitlines() if line.strip()]
    if last in _BOOLEANS:
        return values[-1] == "yes"
    if last == "sso_support":
        return {"yes": True, "no": False}.get(values[-1])
    text = values[-1].replace("\r\n", "\n").strip()
    return "".join(text.split()) if last == "certificate" else text


def _rows(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The tree with what has numbers as lists, in their order, and without texts that are empty."""
    done: dict[str, Any] = {}
    for name, value in tree.items():
        if not isinstance(value, Mapping):
            done[name] = value
        elif name in _ROWS or name in _SETS:
            numbered = sorted((int(place), each) for place, each in value.items() if place.isdecimal())
            rows = [_rows(each) if isinstance(each, Mapping) else each for _, each in numbered]
            done[name] = [each for each in rows if each or name not in _SETS]
        else:
            done[name] = {lang: text for lang, text in value.items() if text}
    return done
