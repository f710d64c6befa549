"""A dienstverlener built on pysaml2's ``Saml2Client``: its metadata, its requests, its artifact resolution.

pysaml2 reads every message of the stelsel without an MR assertion in Advice by itself. With one it does not: before it
looks at a signature it validates against its own schemas, from a copy in which the declarations of the prefixes in
``xsi:type`` are lost. For that case only, ``verified`` and ``decrypted`` use pysaml2's security context (xmlsec1) on
the message as it arrived.
"""

import shutil
from pathlib import Path
from typing import Any

from lxml import etree
from saml2 import BINDING_HTTP_ARTIFACT
from saml2 import BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.metadata import create_metadata_string
from saml2.sigver import make_temp
from saml2.sigver import pem_format
from saml2.xmldsig import DIGEST_SHA256
from saml2.xmldsig import SIG_RSA_SHA256

from broker.settings import MAKELAAR

OIN = "00000099000000007000"
ENTITY_ID = f"urn:etoegang:DV:{OIN}:entities:9001"
SERVICE_ID = f"urn:etoegang:DV:{OIN}:services:1"

_SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"


class Dienstverlener:
    """One dienstverlener; ``acs`` is where artifacts come in."""

    def __init__(self, stem: Path, acs: str, makelaar_metadata: str, *, lists_services: bool) -> None:
        """``stem`` is the path of its key and certificate; without ``lists_services`` its metadata names no service."""
        self._key, certificate = f"{stem}.key", f"{stem}.crt"
        service = {
            "name": ("Waterschap Proefpolder", "nl"),
            "endpoints": {"assertion_consumer_service": [(acs, BINDING_HTTP_ARTIFACT)]},
            "authn_requests_signed": True,
            "want_assertions_signed": True,
            "want_response_signed": True,
            "required_attributes": [SERVICE_ID] if lists_services else [],
        }
        self._config = SPConfig().load(
            {
                "entityid": ENTITY_ID,
                "xmlsec_binary": shutil.which("xmlsec1"),
                "key_file": self._key,
                "cert_file": certificate,
                "encryption_keypairs": [{"key_file": self._key, "cert_file": certificate}],
                "signing_algorithm": SIG_RSA_SHA256,
                "digest_algorithm": DIGEST_SHA256,
                "valid_for": 48,
                "metadata": {"inline": [makelaar_metadata]},
                "service": {"sp": service},
            }
        )
        self.client = Saml2Client(config=self._config)

    def metadata(self) -> bytes:
        """Its metadata as pysaml2 generates and signs it."""
        text = create_metadata_string(None, config=self._config, sign=True)
        return text if isinstance(text, bytes) else str(text).encode("utf-8")

    def ask(
        self, relay_state: str, *, algorithm: str | None = SIG_RSA_SHA256, **extra: str
    ) -> tuple[str, str]:
        """The ID of a new request, and the URL of the makelaar with its query string signed by pysaml2."""
        request_id, info = self.client.prepare_for_authenticate(
            entityid=MAKELAAR.entity_id,
            relay_state=relay_state,
            binding=BINDING_HTTP_REDIRECT,
            response_binding=BINDING_HTTP_ARTIFACT,
            sigalg=algorithm,
            **extra,
        )
        return request_id, dict(info["headers"])["Location"]

    def resolve(self, artifact: str) -> str:
        """The SOAP answer to an ArtifactResolve that pysaml2 makes, signs, addresses and sends."""
        answer = self.client.artifact2message(
            artifact, "idpsso", sign=True, sign_alg=SIG_RSA_SHA256, digest_alg=DIGEST_SHA256
        )
        return str(answer.text)

    def verified(self, document: str, kind: Any, identifier: str) -> bool:
        """Whether xmlsec1, called by pysaml2, finds the element signed with a key of our metadata."""
        name = f"{kind.c_namespace}:{kind.c_tag}"
        for _, certificate in self.client.metadata.certs(MAKELAAR.entity_id, "idpsso", "signing"):
            file = make_temp(pem_format(certificate), ".pem", decode=False)
            if self.client.sec.verify_signature(
                document, cert_file=file.name, cert_type="pem", node_name=name, node_id=identifier
            ):
                return True
        return False

    def decrypted(self, document: str, attribute: str) -> dict[str, str]:
        """NameQualifier to value of the EncryptedIDs in an attribute of the declaration, opened by xmlsec1."""
        path = "s:Assertion/s:AttributeStatement/s:Attribute[@Name=$name]/s:AttributeValue/s:EncryptedID"
        response = etree.fromstring(response_in(document).encode("utf-8"))
        opened: dict[str, str] = {}
        for encrypted in response.xpath(path, namespaces={"s": _SAML}, name=attribute):
            alone = etree.tostring(encrypted, encoding="unicode", with_tail=False)
            plain = etree.fromstring(self.client.sec.decrypt(alone, key_file=[self._key]).encode("utf-8"))
            name_id = plain.find(f"{{{_SAML}}}NameID")
            assert name_id is not None
            opened[str(name_id.get("NameQualifier"))] = str(name_id.text)
        return opened


def response_in(answer: str) -> str:
    """The Response in an ArtifactResponse, as a document of its own.

    pysaml2's own way to take it out writes the message anew with other prefixes, after which no signature holds.
    """
    (response,) = etree.fromstring(answer.encode("utf-8")).iter(f"{{{_SAMLP}}}Response")
    return etree.tostring(response, encoding="unicode", with_tail=False)
