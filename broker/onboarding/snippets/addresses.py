"""Where the software of a dienstverlener answers: as it is registered, else as the product has it by itself."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import NotPossible
from broker.onboarding.snippets.model import Product
from broker.saml.names import BINDING_ARTIFACT
from broker.saml.names import BINDING_POST


@dataclass(frozen=True, slots=True)
class _Paths:
    """Behind the address of the software: its consumer and its metadata, and by which binding it is answered."""

    consumer: str
    metadata: str
    binding: str = BINDING_POST


_PATHS: Final = {
    Product.DJANGO: _Paths("/eherkenning/acs/", "/metadata/eherkenning", BINDING_ARTIFACT),
    Product.PYTHON3_SAML: _Paths("/saml/acs", "/saml/metadata"),
    Product.SIMPLESAMLPHP: _Paths(
        "/module.php/saml/sp/saml2-acs.php/default-sp", "/module.php/saml/sp/metadata.php/default-sp"
    ),
    Product.SHIBBOLETH: _Paths("/Shibboleth.sso/SAML2/POST", "/Shibboleth.sso/Metadata"),
    Product.KEYCLOAK: _Paths("/broker/eherkenning/endpoint", "/broker/eherkenning/endpoint/descriptor"),
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """``base`` is where the software runs; the others are whole addresses."""

    base: str
    consumer: str
    metadata: str


def addresses_of(theirs: Dienstverlener, product: Product) -> Addresses:
    """Where this product of theirs is. Raises ``NotPossible`` when nothing tells."""
    paths = _PATHS[product]
    registered = [each.location for each in theirs.consumers if each.binding == paths.binding]
    as_usual = next((each for each in registered if each.endswith(paths.consumer)), None)
    consumer = as_usual or next(iter(registered), None)
    base = theirs.url or _base(consumer, paths.consumer) or _base(_any(theirs), paths.consumer)
    if base is None:
        raise NotPossible("nothing tells where the software runs: give --url.")
    return Addresses(base, consumer or base + paths.consumer, base + paths.metadata)


def _any(theirs: Dienstverlener) -> str | None:
    return next((each.location for each in theirs.consumers), None)


def _base(location: str | None, path: str) -> str | None:
    if location is None:
        return None
    if location.endswith(path):
        return location.removesuffix(path)
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}"
