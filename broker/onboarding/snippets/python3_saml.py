"""python3-saml: two JSON files in a folder, with the keys in ``certs`` beside them."""

from typing import Any

from broker.onboarding.snippets.addresses import Addresses
from broker.onboarding.snippets.keys_file import keys_file
from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import Makelaar
from broker.onboarding.snippets.model import SnippetFile
from broker.onboarding.snippets.syntaxes import json_text
from broker.saml.names import BINDING_POST
from broker.saml.names import BINDING_REDIRECT
from broker.saml.names import NAMEID_PERSISTENT
from broker.saml.policy import RSA_SHA256
from broker.saml.policy import SHA256


def files(ours: Makelaar, theirs: Dienstverlener, addresses: Addresses) -> tuple[SnippetFile, ...]:
    """A key pair and the two files of the folder ``saml``."""
    return (
        keys_file("saml/certs/sp.key", "saml/certs/sp.crt"),
        SnippetFile("saml/settings.json", "json", json_text(_settings(ours, theirs, addresses))),
        SnippetFile("saml/advanced_settings.json", "json", json_text(_advanced(theirs))),
    )


def _settings(ours: Makelaar, theirs: Dienstverlener, addresses: Addresses) -> dict[str, Any]:
    first, *further = ours.certificates
    keys: dict[str, Any] = {"x509cert": first}
    if further:
        keys = {"x509certMulti": {"signing": list(ours.certificates)}}
    return {
        "strict": True,
        "sp": {
            "entityId": theirs.entity_id,
            "assertionConsumerService": {"url": addresses.consumer, "binding": BINDING_POST},
            "NameIDFormat": NAMEID_PERSISTENT,
        },
        "idp": {
            "entityId": ours.entity_id,
            "singleSignOnService": {"url": ours.sign_on, "binding": BINDING_REDIRECT},
            "singleLogoutService": {"url": ours.logout, "binding": BINDING_REDIRECT},
            **keys,
        },
    }


def _advanced(theirs: Dienstverlener) -> dict[str, Any]:
    return {
        "security": {
            "authnRequestsSigned": True,
            "logoutRequestSigned": True,
            "signMetadata": True,
            "wantMessagesSigned": True,
            "wantAssertionsSigned": True,
            "wantAssertionsEncrypted": True,
            "requestedAuthnContext": [theirs.level.urn],
            "requestedAuthnContextComparison": "minimum",
            # Our answer names the strongest class that was asked for, so another one is a lower level.
            "failOnAuthnContextMismatch": True,
            "signatureAlgorithm": RSA_SHA256,
            "digestAlgorithm": SHA256,
            "rejectDeprecatedAlgorithm": True,
        }
    }
