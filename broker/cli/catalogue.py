"""`makelaar catalogue`: the dienstencatalogus of a dienstverlener, out to a file that people can edit and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from typing import cast

import click

from broker.cli.actors import cli_actor
from broker.cli.documents import read_document
from broker.cli.findings import print_findings
from broker.cli.makelaar import open_makelaar
from broker.domain.catalogue import DefinitionForm
from broker.domain.catalogue_rules import Problem
from broker.onboarding.catalogue_form import CatalogueForms
from broker.onboarding.catalogue_form import Imported
from broker.onboarding.catalogue_form import NoCatalogue
from broker.onboarding.catalogue_form import to_json
from broker.onboarding.gate import Gate
from broker.onboarding.gate import NotNow
from broker.onboarding.gate import Outcome
from broker.saml.findings import DocumentRefused

_LANG = click.option(
    "--lang", type=click.Choice(["nl", "en"]), default="en", show_default=True, help="Language of the answer."
)


@click.group()
def catalogue() -> None:
    """Show, export, compare and import the dienstencatalogus of a dienstverlener.

    \b
    makelaar catalogue export urn:etoegang:DV:... --output catalogue.json
    (edit it)
    makelaar catalogue diff urn:etoegang:DV:... catalogue.json
    makelaar catalogue import urn:etoegang:DV:... catalogue.json --activate

    Everything goes through the same checks and approvals as `dv add`.
    """


@catalogue.command()
@click.argument("entity_id")
@_LANG
def show(entity_id: str, lang: str) -> None:
    """Show the services of the dienstverlener with ENTITY_ID as its catalogue in force describes them."""
    with _explained():
        forms = CatalogueForms(open_makelaar())
        form = forms.of(entity_id)
    click.echo(f"{form.names.get(lang) or next(iter(form.names.values()), '')}  (OIN {form.oin})")
    by_uuid = {each.uuid: each for each in form.definitions}
    for instance in form.instances:
        click.echo(f"\n{instance.service_id}")
        definition = by_uuid.get(instance.definition)
        if definition is not None:
            _print_definition(definition, lang)
        else:
            click.echo(f"  of a dienstaanbieder  {instance.intermediated_service}")
        notes = [*instance.classifiers]
        notes += ["portal"] if instance.is_portal else []
        notes += ["single sign-on"] if instance.sso_support else []
        notes += [instance.intermediation] if instance.intermediation else []
        if notes:
            click.echo(f"  rules      {', '.join(notes)}")
    _print_problems(forms.problems(form), lang)


@catalogue.command()
@click.argument("entity_id")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "xml"]),
    default="json",
    show_default=True,
    help="A form to edit, or the document as it was handed in.",
)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file; default: the terminal."
)
def export(entity_id: str, form: str, output: Path | None) -> None:
    """Write the catalogue of ENTITY_ID that is in force, as a form to edit or as XML.

    \b
    makelaar catalogue export urn:etoegang:DV:... --output catalogue.json

    The form is described in docs/api.md.
    """
    with _explained():
        forms = CatalogueForms(open_makelaar())
        data = forms.document(entity_id) if form == "xml" else to_json(forms.of(entity_id)).encode()
    if output is None:
        click.echo(data, nl=False)
    else:
        output.write_bytes(data)
        click.echo(f"written: {output}", err=True)


@catalogue.command()
@click.argument("entity_id")
@click.argument("file")
@_LANG
def diff(entity_id: str, file: str, lang: Literal["nl", "en"]) -> None:
    """Say in words what would change with the catalogue in FILE (XML or a form; a URL too)."""
    with _explained():
        forms = CatalogueForms(open_makelaar())
        imported = forms.imported(read_document(file))
        points = forms.compare(entity_id, imported.document).in_words(lang)
    for sentence in points:
        click.echo(sentence)
    if not points:
        click.echo({"nl": "Er verandert niets.", "en": "Nothing changes."}[lang])


@catalogue.command("import")
@click.argument("entity_id")
@click.argument("file")
@click.option("--reason", default="", help="For the history.")
@click.option("--activate", is_flag=True, help="Put it in force at once, where that needs no approval.")
@_LANG
def import_(entity_id: str, file: str, reason: str, activate: bool, lang: str) -> None:
    """Hand in the catalogue in FILE (XML or a form; a URL too) as a new version of ENTITY_ID.

    A template of software without Dutch names is completed; what was filled in is named. A signed document that lacks
    nothing is kept to the byte.
    """
    makelaar = open_makelaar()
    actor = cli_actor()
    with _explained():
        forms = CatalogueForms(makelaar)
        imported = forms.imported(read_document(file))
        _print_imported(imported, forms, lang)
        submitted = forms.hand_in(entity_id, imported.form, imported.document, actor, reason)
        print_findings(submitted.findings, with_checks=True)
        if submitted.outcome is Outcome.UNCHANGED:
            click.echo("unchanged: it is what is in force")
            return
        for sentence in submitted.difference.in_words(cast("Literal['nl', 'en']", lang)):
            click.echo(f"  {sentence}")
        version = submitted.version
        if activate:
            version = Gate(makelaar).activate(version.id, actor, reason=reason)
        click.echo(f"version {version.number}, {version.state}: {entity_id}")


def _print_imported(imported: Imported, forms: CatalogueForms, lang: str) -> None:
    for path in imported.filled_in:
        click.secho(f"filled in: {path}; look at it", fg="yellow", err=True)
    for left in imported.left_out:
        click.secho(
            f"left out, since a form does not hold it: line {left.line}: {left.what}", fg="yellow", err=True
        )
    _print_problems(forms.problems(imported.form), lang)


def _print_problems(problems: tuple[Problem, ...], lang: str) -> None:
    for problem in problems:
        reason = problem.reason
        colour = "red" if reason.must else "yellow"
        click.secho(f"{problem.path}: {reason.text(lang)} [{reason.rule}]", fg=colour, err=True)


def _print_definition(form: DefinitionForm, lang: str) -> None:
    click.echo(f"  name       {form.names.get(lang) or next(iter(form.names.values()), '')}")
    click.echo(f"  level      {form.level}{f'  ({form.rationale})' if form.rationale else ''}")
    for kinds in form.identifier_sets:
        click.echo(f"  gets       {' and '.join(each.rpartition(':')[2] for each in kinds)}")
    for attribute in form.attributes:
        need = "required" if attribute.required else "if known"
        purpose = attribute.purposes.get(lang) or next(iter(attribute.purposes.values()), "")
        click.echo(f"  attribute  {attribute.name.rpartition(':')[2]} ({need}): {purpose}")


@contextmanager
def _explained() -> Iterator[None]:
    """What the services refuse, as the command line says it."""
    try:
        yield
    except NoCatalogue as error:
        raise click.ClickException(f"{error}. See: makelaar dv list") from None
    except NotNow as error:
        raise click.ClickException(f"{error}.") from None
    except DocumentRefused as refused:
        print_findings(refused.findings, with_checks=True)
        raise click.ClickException("refused; nothing was changed. Mend the errors above.") from None
