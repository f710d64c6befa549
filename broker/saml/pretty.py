"""Messages laid out for people to read: never to be verified or sent, since a space more breaks a signature."""

from lxml import etree

from broker.saml.parsing import parse


def lay_out(message: bytes) -> str:
    """The message indented by two spaces. Raises what ``parsing.parse`` raises."""
    root = parse(message)
    etree.indent(root, space="  ")
    return etree.tostring(root, encoding="unicode")
