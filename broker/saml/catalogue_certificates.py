"""The ServiceCertificates of a dienstencatalogus: what identifiers for a service are encrypted for.

Afsprakenstelsel, Service catalog.
"""

from lxml import etree

from broker.saml.findings import Report
from broker.saml.keys import Certificate
from broker.saml.keys import UnusableCertificate
from broker.saml.names import CATALOGUE
from broker.saml.names import DS
from broker.saml.names import tag
from broker.saml.parsing import parse
from broker.saml.policy import LIMITS

_RULES = "Afsprakenstelsel, Service catalog"


def service_certificates(data: bytes) -> dict[str, Certificate]:
    """The ServiceCertificates in a catalogue that was read before, by ServiceID; without what cannot be used."""
    root = parse(data, maximum=LIMITS.metadata_bytes)
    found: dict[str, Certificate] = {}
    for provider in root.iterfind(tag(CATALOGUE, "ServiceProvider")):
        found |= certificates_in(provider, Report("catalogue"))
    return found


def certificates_in(provider: etree._Element, report: Report) -> dict[str, Certificate]:
    """ServiceID to the last certificate in its ServiceCertificate elements."""
    certificates: dict[str, Certificate] = {}
    for instance in provider.iterfind(tag(CATALOGUE, "ServiceInstance")):
        for holder in instance.iterfind(tag(CATALOGUE, "ServiceCertificate")):
            found = holder.find(f".//{tag(DS, 'X509Certificate')}")
            name = holder.findtext(f".//{tag(DS, 'KeyName')}")
            try:
                text = "" if found is None else found.text or ""
                certificates[(instance.findtext(tag(CATALOGUE, "ServiceID")) or "").strip()] = (
                    Certificate.from_base64(text, name and name.strip())
                )
            except UnusableCertificate as error:
                report.error(holder.sourceline or 0, f"ServiceCertificate: {error}", _RULES)
    return certificates
