"""Filling in of a dienstencatalogus what follows from the rest, so that a template of somebody's software will do."""

from collections.abc import Iterator
from dataclasses import replace

from broker.domain.catalogue import AttributeForm
from broker.domain.catalogue import CatalogueForm
from broker.domain.catalogue import DefinitionForm
from broker.domain.catalogue import InstanceForm
from broker.domain.catalogue import Texts


def completed(form: CatalogueForm, makelaar: str) -> tuple[CatalogueForm, tuple[str, ...]]:
    """The form with what could be filled in, and the path of each field that was.

    A missing Dutch text is taken from the English one, for a person to translate; a missing description is the name; a
    missing makelaar is us, with OIN ``makelaar``.
    """
    done = replace(
        form,
        names=_dutch(form.names),
        definitions=tuple(_definition(each, makelaar) for each in form.definitions),
        instances=tuple(_instance(each, makelaar) for each in form.instances),
    )
    return done, tuple(_changed(form, done))


def _definition(form: DefinitionForm, makelaar: str) -> DefinitionForm:
    names = _dutch(form.names)
    return replace(
        form,
        names=names,
        descriptions=_dutch(form.descriptions) or names,
        makelaar=form.makelaar or makelaar,
        attributes=tuple(map(_attribute, form.attributes)),
    )


def _attribute(form: AttributeForm) -> AttributeForm:
    return replace(form, purposes=_dutch(form.purposes))


def _instance(form: InstanceForm, makelaar: str) -> InstanceForm:
    return replace(form, makelaar=form.makelaar or makelaar)


def _dutch(texts: Texts) -> Texts:
    filled = {lang: text for lang, text in texts.items() if text}
    if not filled:
        return filled
    return {"nl": filled.get("en") or next(iter(filled.values())), **filled}


def _changed(before: CatalogueForm, after: CatalogueForm) -> Iterator[str]:
    yield from _texts("names", before.names, after.names)
    for place, (old, new) in enumerate(zip(before.definitions, after.definitions, strict=True)):
        path = f"definitions.{place}"
        yield from _texts(f"{path}.names", old.names, new.names)
        yield from _texts(f"{path}.descriptions", old.descriptions, new.descriptions)
        if old.makelaar != new.makelaar:
            yield f"{path}.makelaar"
        for number, (one, other) in enumerate(zip(old.attributes, new.attributes, strict=True)):
            yield from _texts(f"{path}.attributes.{number}.purposes", one.purposes, other.purposes)
    for place, (was, now) in enumerate(zip(before.instances, after.instances, strict=True)):
        if was.makelaar != now.makelaar:
            yield f"instances.{place}.makelaar"


def _texts(path: str, before: Texts, after: Texts) -> Iterator[str]:
    yield from (f"{path}.{lang}" for lang in after if not before.get(lang))
