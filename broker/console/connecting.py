"""What somebody at a dienstverlener is handed: a setup link, and the configuration of their software."""

from flask import Flask
from flask import abort
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from broker.console.access import requires
from broker.console.context import actor
from broker.console.context import console
from broker.console.context import now
from broker.console.downloads import as_download
from broker.console.partners import find
from broker.console.shown import address
from broker.onboarding.setup_links import DAYS
from broker.onboarding.setup_links import LONGEST_DAYS
from broker.onboarding.setup_links import SetupLinks
from broker.onboarding.setup_links import UnknownLink
from broker.onboarding.setup_links import address_of
from broker.onboarding.snippets import NotPossible
from broker.onboarding.snippets import Product
from broker.onboarding.snippets import Snippet
from broker.onboarding.snippets import snippets
from broker.ports import Role
from broker.ports.changes import OperatorRole
from broker.ports.overview import PartnerLine
from broker.saml.errors import UnknownPartner
from broker.screens import current_language


def add_to(app: Flask) -> None:
    """Give the application these pages."""
    app.add_url_rule("/partners/<part>/connect", "connect", connect)
    app.add_url_rule("/partners/<part>/connect/<product>/<int:number>", "connect_file", connect_file)
    app.add_url_rule("/links", "links", links)
    app.add_url_rule("/links", "link_make", make, methods=["POST"])
    app.add_url_rule("/links/revoke", "link_revoke", revoke, methods=["POST"])


@requires(OperatorRole.VIEWER)
def connect(part: str) -> str | Response:
    """The configuration of one product, filled in for this dienstverlener."""
    line = find(part)
    product = _product(request.args.get("product", Product.DJANGO))
    snippet, refused = None, None
    try:
        snippet = _filled(line, product)
    except NotPossible as error:
        refused = str(error)
    return render_template(
        "connect.html",
        line=line,
        part=address(line.entity_id),
        product=product,
        products=list(Product),
        snippet=snippet,
        refused=refused,
    )


@requires(OperatorRole.VIEWER)
def connect_file(part: str, product: str, number: int) -> str | Response:
    """One file of that configuration, to put in its place."""
    try:
        file = _filled(find(part), _product(product)).files[number]
    except (NotPossible, IndexError):
        abort(404)
    return as_download(file.text, file.name.rpartition("/")[2], "text/plain")


def _product(name: str) -> Product:
    try:
        return Product(name)
    except ValueError:
        abort(404)


def _filled(line: PartnerLine, product: Product) -> Snippet:
    try:
        partner = console().assembled.station.partners.find(line.entity_id, Role.DV)
    except UnknownPartner:
        abort(404)
    return snippets(console().assembled, partner, product, current_language())


@requires(OperatorRole.VIEWER)
def links() -> str | Response:
    """The setup links, of one dienstverlener or of all."""
    return _page(_wanted(request.args.get("partner", "")))


@requires(OperatorRole.OPERATOR)
def make() -> str | Response:
    """Make a setup link, and show it once."""
    entity_id = _wanted(request.form.get("partner", ""))
    try:
        days = int(request.form.get("days", ""))
        made, token = _links().make(entity_id, request.form.get("name", ""), actor(), days)
    except ValueError:
        return _page(entity_id, error="link")
    url = address_of(console().assembled.settings, token)
    return _page(entity_id, url=url, name=made.name)


@requires(OperatorRole.OPERATOR)
def revoke() -> str | Response:
    """End a setup link at once."""
    try:
        _links().revoke(request.form.get("id", ""), actor())
    except UnknownLink:
        abort(404)
    return redirect(url_for("links", partner=request.form.get("partner") or None), 303)


def _links() -> SetupLinks:
    return SetupLinks(console().assembled.engine, console().clock)


def _wanted(part: str) -> str | None:
    """The dienstverlener that a page is about, None for all of them; a 404 for anybody else."""
    if not part:
        return None
    line = find(part)
    if line.role is not Role.DV:
        abort(404)
    return line.entity_id


def _page(
    entity_id: str | None, error: str | None = None, url: str | None = None, name: str = ""
) -> Response:
    page = render_template(
        "links.html",
        links=_links().of(entity_id),
        entity_id=entity_id,
        part=address(entity_id) if entity_id else "",
        error=error,
        url=url,
        name=name,
        typed=request.form if error else {},
        days=DAYS,
        longest=LONGEST_DAYS,
        at=now(),
    )
    return make_response(page, 422 if error else 200)
