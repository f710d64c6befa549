"""SimpleSAMLphp as service provider: an authentication source, and what it knows of us."""

from typing import Any
from typing import Final

from broker.onboarding.snippets.addresses import Addresses
from broker.onboarding.snippets.keys_file import keys_file
from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import Makelaar
from broker.onboarding.snippets.model import SnippetFile
from broker.onboarding.snippets.syntaxes import php_value
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.policy import RSA_SHA256

_ASKED_FOR: Final = (
    "if (!empty($state['saml:sp:State']['saml:sp:isUnsolicited'])) "
    "{ throw new \\SimpleSAML\\Error\\Exception('This answer is to a question that was not asked.'); }"
)
"""By itself it takes an answer to no question of its own, and so the same answer twice, as one it did not ask for."""

_ALL_TEXT: Final = (
    "foreach (array_merge(...array_values($attributes)) as $value) { if (!is_string($value)) "
    "{ throw new \\SimpleSAML\\Error\\Exception('An attribute of this answer is no text.'); } }"
)
"""By itself it hands over a value with a comment in it as XML, of which an application sees no number."""


def files(ours: Makelaar, theirs: Dienstverlener, addresses: Addresses) -> tuple[SnippetFile, ...]:
    """A key pair, the authentication source ``default-sp`` and our metadata as PHP."""
    sources = {"default-sp": _source(ours, theirs, addresses)}
    return (
        keys_file("cert/dv.key", "cert/dv.crt"),
        SnippetFile("config/authsources.php", "php", f"<?php\n\n$config = {php_value(sources)};\n"),
        SnippetFile("metadata/saml20-idp-remote.php", "php", _remote(ours)),
    )


def _source(ours: Makelaar, theirs: Dienstverlener, addresses: Addresses) -> dict[str | int, Any]:
    source: dict[str | int, Any] = {
        0: "saml:SP",
        "entityID": theirs.entity_id,
        "idp": ours.entity_id,
        "privatekey": "dv.key",
        "certificate": "dv.crt",
        "acs.Bindings": [BINDING_POST],
        "ProtocolBinding": BINDING_POST,
        "AssertionConsumerServiceURL": addresses.consumer,
        "AuthnContextClassRef": theirs.level.urn,
        "AuthnContextComparison": "minimum",
        "signature.algorithm": RSA_SHA256,
        "sign.authnrequest": True,
        "sign.logout": True,
        "authproc": {
            10: {"class": "core:PHP", "code": _ASKED_FOR},
            20: {"class": "core:PHP", "code": _ALL_TEXT},
            30: {"class": "saml:ExpectedAuthnContextClassRef", "accepted": [theirs.level.urn]},
        },
    }
    if theirs.service_index is not None:
        source["AttributeConsumingServiceIndex"] = theirs.service_index
    return source


def _remote(ours: Makelaar) -> str:
    described = {
        "entityid": ours.entity_id,
        "metadata-set": "saml20-idp-remote",
        "SingleSignOnService": [_endpoint(BINDING_REDIRECT, ours.sign_on)],
        "SingleLogoutService": [_endpoint(BINDING_REDIRECT, ours.logout)],
        "ArtifactResolutionService": [
            {"Binding": each.binding, "Location": each.location, "index": each.index or 0}
            for each in ours.resolution
        ],
        "keys": [
            {"signing": True, "encryption": False, "type": "X509Certificate", "X509Certificate": each}
            for each in ours.certificates
        ],
        "sign.authnrequest": True,
    }
    return f"<?php\n\n$metadata[{php_value(ours.entity_id)}] = {php_value(described)};\n"


def _endpoint(binding: str, location: str) -> dict[str, str]:
    return {"Binding": binding, "Location": location}
