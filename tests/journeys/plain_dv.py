"""A dienstverlener whose software knows SAML and nothing of eHerkenning: other metadata, and answers by POST."""

from dataclasses import dataclass

from tests.journeys.foreign_dv import ForeignDv
from tests.keys import certificate
from tests.keys import expired_certificate

_ROOT = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}">
 <md:SPSSODescriptor AuthnRequestsSigned="1" WantAssertionsSigned="1"
  protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{keys}
  <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
  <md:AssertionConsumerService Binding="{bindings}HTTP-POST" Location="{url}/post" index="0"/>
  <md:AssertionConsumerService Binding="{bindings}HTTP-Artifact" Location="{url}/art" index="1"/>
 </md:SPSSODescriptor>
</md:EntityDescriptor>"""
_BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"
_KEY = """
  <md:KeyDescriptor{use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate
  >{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>{method}</md:KeyDescriptor>"""


@dataclass
class PlainDv(ForeignDv):
    """Of the profile ``saml``; with ``content_encryption`` its metadata asks for that algorithm.

    ``lapsed`` is whether the certificate that it lists for encryption has expired.
    """

    content_encryption: str | None = None
    lapsed: bool = False

    @property
    def entity_id(self) -> str:
        """An address, as such software has it."""
        return f"{self.url}/metadata"

    def metadata(self) -> bytes:
        """Unsigned, without AttributeConsumingService, KeyName or Organization."""
        written = certificate(self.name).base64()
        keys = _KEY.format(use=' use="signing"', certificate=written, method="")
        if self.content_encryption:
            method = f'<md:EncryptionMethod Algorithm="{self.content_encryption}"/>'
            encryption = expired_certificate(self.name).base64() if self.lapsed else written
            keys += _KEY.format(use=' use="encryption"', certificate=encryption, method=method)
        return _ROOT.format(entity_id=self.entity_id, url=self.url, bindings=_BINDINGS, keys=keys).encode()
