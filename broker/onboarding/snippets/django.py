"""django-digid-eherkenning: its configuration is a record in the database of the site."""

from broker.onboarding.snippets.addresses import Addresses
from broker.onboarding.snippets.keys_file import keys_file
from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import Makelaar
from broker.onboarding.snippets.model import NotPossible
from broker.onboarding.snippets.model import SnippetFile
from broker.onboarding.snippets.syntaxes import fill_template
from broker.onboarding.snippets.syntaxes import python_literal


def files(ours: Makelaar, theirs: Dienstverlener, addresses: Addresses) -> tuple[SnippetFile, ...]:
    """A key pair, and what fills the record. Raises ``NotPossible`` for an entityID without OIN."""
    if theirs.oin is None:
        raise NotPossible("this software needs an entityID urn:etoegang:DV:<OIN>:entities:<number>.")
    index = "" if theirs.service_index is None else str(theirs.service_index)
    setup = fill_template(
        "django.py.j2", python_literal, ours=ours, theirs=theirs, addresses=addresses, index=index
    )
    return (keys_file("dv.key", "dv.crt"), SnippetFile("eherkenning_setup.py", "python", setup))
