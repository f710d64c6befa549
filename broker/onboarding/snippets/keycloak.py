"""Keycloak as a broker: one identity provider of a realm, and what of its answers goes to the user."""

import json
from typing import Any
from typing import Final

from broker.onboarding.snippets.addresses import Addresses
from broker.onboarding.snippets.model import Dienstverlener
from broker.onboarding.snippets.model import Makelaar
from broker.onboarding.snippets.model import SnippetFile
from broker.onboarding.snippets.syntaxes import json_text
from broker.saml.names import NAMEID_PERSISTENT

_ALIAS: Final = "eherkenning"
_KEPT: Final = ("KvKnr", "RSIN", "Vestigingsnr", "SubdossierNr", "IntermediateKvKnr", "LoA")
"""The attributes that a user gets: the Pseudonym is the NameID, by which Keycloak knows the person already."""


def files(ours: Makelaar, theirs: Dienstverlener, _addresses: Addresses) -> tuple[SnippetFile, ...]:
    """A document for "Partial import" of the realm. Keycloak has keys of its own."""
    mappers = [_mapper(each, theirs.attribute_names.get(each, each)) for each in _KEPT]
    document = {
        "ifResourceExists": "SKIP",
        "identityProviders": [_provider(ours, theirs)],
        "identityProviderMappers": mappers,
    }
    return (SnippetFile("eherkenning-realm.json", "json", json_text(document)),)


def _provider(ours: Makelaar, theirs: Dienstverlener) -> dict[str, Any]:
    config = {
        "entityId": theirs.entity_id,
        "idpEntityId": ours.entity_id,
        "singleSignOnServiceUrl": ours.sign_on,
        "singleLogoutServiceUrl": ours.logout,
        "postBindingAuthnRequest": "true",
        "postBindingResponse": "true",
        "postBindingLogout": "true",
        "wantAuthnRequestsSigned": "true",
        "signatureAlgorithm": "RSA_SHA256",
        "xmlSigKeyInfoKeyNameTransformer": "CERT_SUBJECT",
        "signSpMetadata": "true",
        "wantAssertionsSigned": "true",
        "wantAssertionsEncrypted": "true",
        "validateSignature": "true",
        "signingCertificate": ",".join(ours.certificates),
        "nameIDPolicyFormat": NAMEID_PERSISTENT,
        "principalType": "SUBJECT",
        "allowCreate": "true",
        "authnContextClassRefs": json.dumps([theirs.level.urn]),
        "authnContextComparisonType": "minimum",
        "syncMode": "FORCE",
        # Its metadata lists the attributes of the mappers as a service, which by the schema must have a name.
        "attributeConsumingServiceName": theirs.service_name,
        # Keys follow our metadata by themselves, where nobody on the way can change it.
        "useMetadataDescriptorUrl": str(ours.metadata.startswith("https:")).lower(),
        "metadataDescriptorUrl": ours.metadata,
    }
    if theirs.service_index is not None:
        config["attributeConsumingServiceIndex"] = str(theirs.service_index)
    return {
        "alias": _ALIAS,
        "displayName": "eHerkenning",
        "providerId": "saml",
        "enabled": True,
        "trustEmail": False,
        "storeToken": False,
        "linkOnly": False,
        "firstBrokerLoginFlowAlias": "first broker login",
        "config": config,
    }


def _mapper(ours: str, theirs: str) -> dict[str, Any]:
    return {
        "name": ours,
        "identityProviderAlias": _ALIAS,
        "identityProviderMapper": "saml-user-attribute-idp-mapper",
        "config": {"syncMode": "FORCE", "attribute.name": theirs, "user.attribute": ours},
    }
