"""Writes a page of `docs/connect/` for each product, with the values of the box: `python -m tools.snippets`."""

from pathlib import Path
from typing import Final

from broker.onboarding.snippets import Dienstverlener
from broker.onboarding.snippets import Product
from broker.onboarding.snippets import Snippet
from broker.onboarding.snippets import fill
from broker.onboarding.snippets import newcomer
from broker.onboarding.snippets.parties import makelaar_with
from broker.settings import Settings

FOLDER: Final = Path(__file__).parent.parent / "docs" / "connect"

_CERTIFICATE: Final = "MIIE...THE-CERTIFICATE-OF-YOUR-MAKELAAR"
"""Each box makes a key of its own, so a page can hold no true one."""

_DV: Final = "urn:etoegang:DV:00000099000000005000:entities:9001"
_APPLICATION: Final = "https://app.example.nl/saml"
_SERVICE: Final = "urn:etoegang:DV:00000003900000010000:services:1"
_URLS: Final = {
    Product.PYTHON3_SAML: "http://localhost:8000",
    Product.SIMPLESAMLPHP: "http://localhost:8000/simplesaml",
    Product.SHIBBOLETH: "https://www.example.nl",
    Product.KEYCLOAK: "http://localhost:8080/realms/voorbeeld",
}

_HEAD: Final = """# {title}

Made by `python -m tools.snippets` from `broker/onboarding/snippets`; do not edit. The values are those of the box of
`make run`, with an invented dienstverlener. With your own values, and the certificate of your makelaar:

    {command}

"""


def pages() -> dict[Path, str]:
    """Each page and what it holds."""
    return {FOLDER / f"{product}.md": _page(product) for product in Product}


def _page(product: Product) -> str:
    theirs, command = _dienstverlener(product)
    # The settings of whoever runs this must not end up in the page.
    ours = makelaar_with(Settings.model_construct(), (_CERTIFICATE,))
    snippet = fill(ours, theirs, product, "en")
    return _HEAD.format(title=snippet.title, command=command) + _body(snippet)


def _dienstverlener(product: Product) -> tuple[Dienstverlener, str]:
    if product is Product.DJANGO:
        url = "http://localhost:8000"
        command = f"makelaar dv snippets {_DV} --url {url} --into ."
        return newcomer(_DV, url), command
    url = _URLS[product]
    command = (
        f"makelaar dv snippets {_APPLICATION} --for {product} --url {url} \\\n"
        f"        --service-id {_SERVICE} --into ."
    )
    return newcomer(_APPLICATION, url, service_id=_SERVICE), command


def _body(snippet: Snippet) -> str:
    steps = "\n".join(f"{number}. {_code(step)}" for number, step in enumerate(snippet.steps, 1))
    files = "\n".join(f"`{each.name}`:\n\n```{each.language}\n{each.text}```\n" for each in snippet.files)
    notes = "\n".join(f"- {_code(note)}" for note in snippet.notes)
    return f"{steps}\n\n## Files\n\n{files}\n## To know\n\n{notes}\n"


def _code(sentence: str) -> str:
    """The sentence, with what Markdown would take for markup made plain."""
    return sentence.replace("_", "\\_").replace("*", "\\*")


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
