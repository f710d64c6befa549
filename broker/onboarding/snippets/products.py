"""The snippet of each product: its words and its files."""

from collections.abc import Callable
from typing import Final

from broker.domain.connection import Profile
from broker.onboarding.snippets import django
from broker.onboarding.snippets import keycloak
from broker.onboarding.snippets import python3_saml
from broker.onboarding.snippets import shibboleth
from broker.onboarding.snippets import simplesamlphp
from broker.onboarding.snippets.addresses import Addresses
from broker.onboarding.snippets.addresses import addresses_of
from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import Makelaar
from broker.onboarding.snippets.model import Product
from broker.onboarding.snippets.model import Snippet
from broker.onboarding.snippets.model import SnippetFile
from broker.onboarding.snippets.syntaxes import fill_template
from broker.onboarding.snippets.syntaxes import shell_word
from broker.onboarding.snippets.words import words_of
from broker.screens.language import Language

Files = Callable[[Makelaar, Dienstverlener, Addresses], tuple[SnippetFile, ...]]

_FILES: Final[dict[Product, Files]] = {
    Product.DJANGO: django.files,
    Product.PYTHON3_SAML: python3_saml.files,
    Product.SIMPLESAMLPHP: simplesamlphp.files,
    Product.SHIBBOLETH: shibboleth.files,
    Product.KEYCLOAK: keycloak.files,
}


def profile_for(product: Product) -> Profile:
    """The profile that the product is connected with."""
    return Profile.V1_13 if product is Product.DJANGO else Profile.SAML


def fill(makelaar: Makelaar, theirs: Dienstverlener, product: Product, language: Language) -> Snippet:
    """The snippet for this dienstverlener. Raises ``NotPossible``."""
    addresses = addresses_of(theirs, product)
    profile = profile_for(product)
    words = words_of(
        language,
        product,
        ours=makelaar,
        theirs=theirs,
        addresses=addresses,
        other_profile=theirs.profile not in (None, profile),
        only_look=theirs.profile is profile and profile is Profile.SAML,
        next_key=len(makelaar.certificates) > 1,
    )
    connect = fill_template(
        "connect.sh.j2", shell_word, theirs=theirs, addresses=addresses, product=str(product), profile=profile
    )
    files = (*_FILES[product](makelaar, theirs, addresses), SnippetFile("connect.sh", "sh", connect))
    return Snippet(product, words.title, words.steps, words.notes, files)
