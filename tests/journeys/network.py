"""The parties of the box as the tests know them: their certificates, and messages forged with their keys."""

from collections.abc import Mapping
from dataclasses import dataclass

import xmlsec
from lxml import etree

from broker.saml.keys import Certificate
from broker.settings import MAKELAAR
from broker.settings import PARTIES
from broker.settings import Party
from broker.signers.files import FileSigner
from tests.attacks.forging import forge
from tests.attacks.forging import prefix_list
from tests.attacks.forging import reference
from tests.attacks.forging import template
from tests.attacks.forging import transform
from tests.box import Box
from tests.journeys.received import NS
from tests.keys import certificate

_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = transform("http://www.w3.org/2000/09/xmldsig#enveloped-signature")


def party_certificate(box: Box, party: Party) -> Certificate:
    """The certificate of a party of the box."""
    signer = FileSigner.load(box.settings.key_stem(party))
    return Certificate.from_der(signer.certificate_der, signer.key_name)


def all_certificates(box: Box, *others: str) -> list[Certificate]:
    """The certificates of all parties of the box, and of others of the tests by name."""
    parties = [MAKELAAR, *(party for party in PARTIES if party is not MAKELAAR)]
    return [*(party_certificate(box, party) for party in parties), *map(certificate, others)]


@dataclass(frozen=True)
class Forger:
    """Somebody who holds the key of a party and changes what it says."""

    box: Box
    party: Party

    def sign(self, message: bytes, prefixes: str = "") -> bytes:
        """Sign a message anew."""
        name = etree.fromstring(message).get("ID")
        c14n = transform(_C14N, prefix_list(prefixes) if prefixes else "")
        key = xmlsec.Key.from_file(
            str(self.box.settings.key_stem(self.party)) + ".key", xmlsec.constants.KeyDataFormatPem
        )
        return forge(message, "", template(reference(f"#{name}", transforms=_ENVELOPED + c14n)), key)

    def change(self, response: bytes, outer: Mapping[str, str], inner: Mapping[str, str]) -> bytes:
        """A Response with pieces of text replaced, in its own part and in its assertion; both signed anew."""
        root = etree.fromstring(response)
        assertion = root.find("saml:Assertion", NS)
        if assertion is None:
            return self.sign(_replace(response, outer))
        alone = etree.tostring(assertion, with_tail=False)
        root.remove(assertion)
        signed = self.sign(_replace(alone, inner), "xs xacml-saml")
        shell = _replace(etree.tostring(root), outer)
        end = shell.rindex(b"</samlp:Response>")
        return self.sign(shell[:end] + signed + shell[end:])

    def gather(self, response: bytes, *assertions: bytes) -> bytes:
        """A Response with these assertions instead of its own, as they are; only the Response is signed anew."""
        root = etree.fromstring(response)
        for assertion in root.findall("saml:Assertion", NS):
            root.remove(assertion)
        shell = etree.tostring(root)
        end = shell.rindex(b"</samlp:Response>")
        return self.sign(shell[:end] + b"".join(assertions) + shell[end:])


def assertions_of(response: bytes) -> list[bytes]:
    """Each assertion in a Response, as it can stand alone."""
    root = etree.fromstring(response)
    return [etree.tostring(each, with_tail=False) for each in root.findall("saml:Assertion", NS)]


def _replace(data: bytes, changes: Mapping[str, str]) -> bytes:
    for old, new in changes.items():
        assert old.encode() in data, f"{old} is not there to be replaced"
        data = data.replace(old.encode(), new.encode())
    return data
