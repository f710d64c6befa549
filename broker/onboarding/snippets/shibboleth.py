"""Shibboleth SP: shibboleth2.xml, the map of attributes, and our certificates to verify metadata with."""

from textwrap import wrap

from broker.onboarding.snippets.addresses import Addresses
from broker.onboarding.snippets.keys_file import keys_file
from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import Makelaar
from broker.onboarding.snippets.model import SnippetFile
from broker.onboarding.snippets.syntaxes import fill_template
from broker.onboarding.snippets.syntaxes import xml_text
from broker.saml.names import NAMEFORMAT_BASIC
from broker.saml.names import NAMEFORMAT_URI
from broker.saml.plain_assertion import ATTRIBUTES


def files(ours: Makelaar, theirs: Dienstverlener, addresses: Addresses) -> tuple[SnippetFile, ...]:
    """A key pair, the two files of its folder, and a PEM file for each of our certificates."""
    certificates = [
        SnippetFile(f"makelaar-{number}.pem", "pem", _pem(each))
        for number, each in enumerate(ours.certificates, 1)
    ]
    configured = fill_template(
        "shibboleth2.xml.j2",
        xml_text,
        ours=ours,
        theirs=theirs,
        secure=addresses.base.startswith("https:"),
        certificates=[each.name for each in certificates],
    )
    names = [
        (ours_called, theirs.attribute_names.get(ours_called, ours_called)) for ours_called in ATTRIBUTES
    ]
    mapped = [(called, name, NAMEFORMAT_URI if ":" in name else NAMEFORMAT_BASIC) for called, name in names]
    return (
        keys_file("sp-key.pem", "sp-cert.pem"),
        SnippetFile("shibboleth2.xml", "xml", configured),
        SnippetFile(
            "attribute-map.xml", "xml", fill_template("attribute-map.xml.j2", xml_text, attributes=mapped)
        ),
        *certificates,
    )


def _pem(certificate: str) -> str:
    lines = "\n".join(wrap(certificate, 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"
