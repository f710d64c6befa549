"""A key pair for messages, which the dienstverlener makes itself: the private key never leaves it."""

from broker.onboarding.snippets.model import SnippetFile
from broker.onboarding.snippets.syntaxes import fill_template
from broker.onboarding.snippets.syntaxes import shell_word


def keys_file(key: str, certificate: str) -> SnippetFile:
    """The command that makes the files of these names."""
    text = fill_template("keys.sh.j2", shell_word, key=key, certificate=certificate)
    return SnippetFile("keys.sh", "sh", text)
