"""Filled-in configuration of well-known software, for one dienstverlener at one makelaar.

The command line, the console and the page of a setup link show the same: ``snippets`` is the way in.
"""

from broker.assembly.party import Assembled
from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import Makelaar
from broker.onboarding.snippets.model import NotPossible
from broker.onboarding.snippets.model import Product
from broker.onboarding.snippets.model import Snippet
from broker.onboarding.snippets.model import SnippetFile
from broker.onboarding.snippets.parties import as_connected
from broker.onboarding.snippets.parties import as_makelaar
from broker.onboarding.snippets.parties import newcomer
from broker.onboarding.snippets.parties import requests_go_to
from broker.onboarding.snippets.products import fill
from broker.saml.partner import Partner
from broker.screens.language import Language

__all__ = [
    "Dienstverlener",
    "Makelaar",
    "NotPossible",
    "Product",
    "Snippet",
    "SnippetFile",
    "as_connected",
    "as_makelaar",
    "fill",
    "newcomer",
    "requests_go_to",
    "snippets",
]


def snippets(
    makelaar: Assembled, partner: Partner | Dienstverlener, product: Product, language: Language
) -> Snippet:
    """What the software ``product`` of a dienstverlener needs to log in here, with our keys of this moment.

    ``partner`` is one that is connected, or a ``newcomer``. Raises ``NotPossible``.
    """
    theirs = as_connected(partner) if isinstance(partner, Partner) else partner
    return fill(as_makelaar(makelaar), theirs, product, language)
