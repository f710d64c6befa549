"""What a dienstverlener was given for an artifact, read with nothing but lxml and opened with python-xmlsec."""

from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from functools import cached_property

import requests
from lxml import etree

from tests.judges import python_xmlsec_opens

NS = {
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "om": "urn:openmakelaar:1.0:status",
}
_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
SUCCESS = ("Success",)
AUTHN_FAILED = ("Responder", "AuthnFailed")
RESPONDER = ("Responder",)
UNSUPPORTED = ("Requester", "RequestUnsupported")
UNDELIVERABLE = ("Responder", "RequestUnsupported")


def moment(text: str) -> datetime:
    """An xs:dateTime of ours."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@dataclass(frozen=True)
class Received:
    """The HTTP answer to an ArtifactResolve of the dienstverlener with the key ``owner``."""

    http: requests.Response
    owner: str

    @cached_property
    def envelope(self) -> etree._Element:
        """The SOAP envelope."""
        assert self.http.status_code == 200, self.http.text
        return etree.fromstring(self.http.content)

    def find(self, path: str) -> list[etree._Element]:
        """Elements by XPath, from the envelope."""
        found = self.envelope.xpath(path, namespaces=NS)
        assert isinstance(found, list)
        return [each for each in found if isinstance(each, etree._Element)]

    def one(self, path: str) -> etree._Element:
        """The only element."""
        found = self.find(path)
        assert len(found) == 1, f"{len(found)} of {path}"
        return found[0]

    def text(self, path: str) -> str:
        """The text of the only element."""
        return self.one(path).text or ""

    @property
    def sent(self) -> bytes:
        """The envelope that asked for it."""
        body = self.http.request.body
        assert isinstance(body, bytes)
        return body

    @property
    def outer(self) -> etree._Element:
        """The ArtifactResponse."""
        return self.one("/s:Envelope/s:Body/samlp:ArtifactResponse")

    @property
    def is_empty(self) -> bool:
        """Whether the artifact led to nothing, told by status Requester as dienstverleners need it."""
        return self.outer_status == ("Requester", "RequestUnsupported") and not self.find("//samlp:Response")

    @property
    def outer_status(self) -> tuple[str, ...]:
        """Top and second level status code of the ArtifactResponse, without their prefix."""
        codes = self.find(
            "//samlp:ArtifactResponse/samlp:Status//samlp:StatusCode[not(ancestor::samlp:Response)]"
        )
        return tuple((code.get("Value") or "").removeprefix(_STATUS) for code in codes)

    @property
    def response(self) -> etree._Element:
        """The Response inside."""
        return self.one("//samlp:Response")

    @property
    def status(self) -> tuple[str, ...]:
        """Top and second level status code, without their prefix."""
        codes = self.find("//samlp:Response/samlp:Status//samlp:StatusCode")
        return tuple((code.get("Value") or "").removeprefix(_STATUS) for code in codes)

    @property
    def message(self) -> str:
        """The StatusMessage."""
        return self.text("//samlp:Response/samlp:Status/samlp:StatusMessage")

    @property
    def assertion(self) -> etree._Element:
        """The makelaar's own assertion."""
        return self.one("//samlp:Response/saml:Assertion")

    @property
    def name_id(self) -> str:
        """The NameID of the session."""
        return self.text("//samlp:Response/saml:Assertion/saml:Subject/saml:NameID")

    @property
    def session_index(self) -> str:
        """The SessionIndex of the session."""
        return self.one("//samlp:Response/saml:Assertion/saml:AuthnStatement").get("SessionIndex") or ""

    @property
    def advice(self) -> list[etree._Element]:
        """The assertions it rests on."""
        return self.find("//samlp:Response/saml:Assertion/saml:Advice/saml:Assertion")

    @property
    def level(self) -> str:
        """The effective level, without its prefix."""
        path = (
            "//samlp:Response/saml:Assertion/saml:AuthnStatement/saml:AuthnContext/saml:AuthnContextClassRef"
        )
        return self.text(path).removeprefix("urn:etoegang:core:assurance-class:")

    def attribute(self, name: str) -> list[etree._Element]:
        """The values of an attribute of the makelaar's assertion."""
        attributes = "//samlp:Response/saml:Assertion/saml:AttributeStatement/saml:Attribute"
        return self.find(f"{attributes}[@Name='{name}']/saml:AttributeValue")

    def plain(self, name: str) -> str | None:
        """A plain attribute, None when it is absent."""
        values = self.attribute(name)
        assert len(values) < 2
        return values[0].text if values else None

    def passed_on(self, inside: etree._Element | None = None) -> dict[str, str]:
        """The EncryptedAttributes of the makelaar's assertion, or of another, opened with the dienstverlener's key."""
        assertion = self.assertion if inside is None else inside
        found: dict[str, str] = {}
        for encrypted in assertion.findall("saml:AttributeStatement/saml:EncryptedAttribute", NS):
            plain = python_xmlsec_opens(etree.tostring(encrypted, with_tail=False), self.owner)
            assert plain is not None, "cannot be opened"
            attribute = etree.fromstring(plain).find("saml:Attribute", NS)
            assert attribute is not None
            found[attribute.get("Name", "")] = attribute.findtext("saml:AttributeValue", "", NS)
        return found

    def opened(self, name: str) -> dict[str, str]:
        """The identifiers in an encrypted attribute, by type, opened with the key of the dienstverlener."""
        found: dict[str, str] = {}
        for value in self.attribute(f"urn:etoegang:core:{name}"):
            plain = python_xmlsec_opens(etree.tostring(value[0], with_tail=False), self.owner)
            assert plain is not None, "cannot be opened"
            name_id = etree.fromstring(plain).find(f"{{{NS['saml']}}}NameID")
            assert name_id is not None
            found[(name_id.get("NameQualifier") or "").rpartition(":")[2]] = name_id.text or ""
        return found


@dataclass(frozen=True)
class Posted(Received):
    """A Response that came by HTTP-POST: ``http`` is the page that carried it, ``raw`` what the form held."""

    raw: bytes = b""

    @cached_property
    def envelope(self) -> etree._Element:
        """The Response itself: nothing is around it."""
        return etree.fromstring(self.raw)

    @property
    def response(self) -> etree._Element:
        """The Response."""
        return self.envelope
