"""The tables of the SQL store, as SQLAlchemy Core sees them.

What creates and alters them are the revisions in ``migrations/``; a test holds the two equal.
"""

from broker.storage.tables.base import metadata
from broker.storage.tables.login import audit
from broker.storage.tables.login import audit_anchor
from broker.storage.tables.login import audit_opening
from broker.storage.tables.login import conformance
from broker.storage.tables.login import ketenmachtiging
from broker.storage.tables.login import ketenrelatie
from broker.storage.tables.login import machtiging
from broker.storage.tables.login import middel
from broker.storage.tables.login import network
from broker.storage.tables.login import organisation
from broker.storage.tables.login import partner
from broker.storage.tables.login import state
from broker.storage.tables.onboarding import api_token
from broker.storage.tables.onboarding import approval
from broker.storage.tables.onboarding import catalogue_edition
from broker.storage.tables.onboarding import change
from broker.storage.tables.onboarding import check_run
from broker.storage.tables.onboarding import document_source
from broker.storage.tables.onboarding import expiry
from broker.storage.tables.onboarding import idempotency
from broker.storage.tables.onboarding import key_sighting
from broker.storage.tables.onboarding import lease
from broker.storage.tables.onboarding import level_rationale
from broker.storage.tables.onboarding import operator
from broker.storage.tables.onboarding import outbox
from broker.storage.tables.onboarding import own_key
from broker.storage.tables.onboarding import partner_version
from broker.storage.tables.onboarding import passkey
from broker.storage.tables.onboarding import registry_edition
from broker.storage.tables.onboarding import rehearsal
from broker.storage.tables.onboarding import service
from broker.storage.tables.onboarding import setup_link
from broker.storage.tables.onboarding import signing_certificate

__all__ = [
    "api_token",
    "approval",
    "audit",
    "audit_anchor",
    "audit_opening",
    "catalogue_edition",
    "change",
    "check_run",
    "conformance",
    "document_source",
    "expiry",
    "idempotency",
    "ketenmachtiging",
    "ketenrelatie",
    "key_sighting",
    "lease",
    "level_rationale",
    "machtiging",
    "metadata",
    "middel",
    "network",
    "operator",
    "organisation",
    "outbox",
    "own_key",
    "partner",
    "partner_version",
    "passkey",
    "registry_edition",
    "rehearsal",
    "service",
    "setup_link",
    "signing_certificate",
    "state",
]
