"""The configuration of well-known software, filled in for the dienstverlener that holds a setup link."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

from flask import Response
from flask import make_response
from flask import render_template
from flask import request
from werkzeug.exceptions import NotFound

from broker.assembly.party import Assembled
from broker.onboarding.setup_desk import SetupDesk
from broker.onboarding.setup_links import PATH
from broker.onboarding.snippets import NotPossible
from broker.onboarding.snippets import Product
from broker.onboarding.snippets import Snippet
from broker.onboarding.snippets import as_connected
from broker.onboarding.snippets import as_makelaar
from broker.onboarding.snippets import fill
from broker.onboarding.snippets import newcomer
from broker.screens import current_language

_BAD = 400


class SoftwarePages:
    """One page for each product, and its files to download."""

    def __init__(self, assembled: Assembled, desk: Callable[[str], SetupDesk]) -> None:
        """``desk`` finds that of a token, or raises ``NotFound``."""
        self._assembled = assembled
        self._desk = desk

    def show(self, token: str) -> Response:
        """The steps, files and notes of one product."""
        desk = self._desk(token)
        product = _product(request.args.get("product", Product.DJANGO))
        snippet, problem = None, None
        try:
            snippet = self._fill(desk, product)
        except NotPossible:
            problem = "address" if desk.partner() is None else "documents"
        here = f"{PATH}/{token}"
        page = render_template(
            "setup_software.html",
            here=here,
            product=product,
            products=list(Product),
            entity_id=desk.link.entity_id,
            is_known=desk.partner() is not None,
            typed=request.args,
            query=urlencode({name: request.args.get(name, "") for name in ("entity_id", "url")}),
            snippet=snippet,
            problem=problem,
            metadata_url=desk.metadata_url(),
            is_theirs=desk.is_theirs(),
        )
        return make_response(page, _BAD if problem else 200)

    def file(self, token: str, product: str, number: int) -> Response:
        """One file, to download; ``number`` counts from one."""
        desk = self._desk(token)
        try:
            snippet = self._fill(desk, _product(product))
        except NotPossible:
            snippet = None
        if snippet is None or not 1 <= number <= len(snippet.files):
            raise NotFound
        found = snippet.files[number - 1]
        response = Response(found.text, content_type="text/plain; charset=utf-8")
        response.headers.set("Content-Disposition", "attachment", filename=found.name.rpartition("/")[2])
        return response

    def _fill(self, desk: SetupDesk, product: Product) -> Snippet | None:
        """The snippet, None as long as nothing tells where the software is. Raises ``NotPossible``."""
        # The software of who is connected fetches our metadata at the address that is its own.
        makelaar = replace(as_makelaar(self._assembled), metadata=desk.metadata_url())
        partner = desk.partner()
        if partner is not None:
            return fill(makelaar, as_connected(partner), product, current_language())
        # What is typed here is only filled in: nobody who is connected is looked up by it.
        entity_id = desk.link.entity_id or request.args.get("entity_id", "").strip()
        url = request.args.get("url", "").strip()
        if not entity_id and not url:
            return None
        return fill(makelaar, newcomer(entity_id, url), product, current_language())


def _product(name: str) -> Product:
    try:
        return Product(name)
    except ValueError:
        raise NotFound from None
