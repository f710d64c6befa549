"""The tables behind onboarding: versions of partners, who may change them, and what is watched meanwhile.

A login reads none of these but ``partner`` (see ``login``); a journey that began with a version which is no longer in
force reads ``partner_version`` too. Documents are kept as they were handed over.
"""

from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import UniqueConstraint

from broker.storage.columns import UtcDateTime
from broker.storage.tables.base import metadata

partner_version = Table(
    "partner_version",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("entity_id", String(1024), nullable=False),
    # 1, 2, 3, ... for each partner; two that are made at once are told apart by the constraint below.
    Column("number", BigInteger, nullable=False),
    Column("role", String(8), nullable=False),
    Column("metadata", LargeBinary, nullable=False),
    Column("catalogue", LargeBinary),
    Column("connection", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("state", String(16), nullable=False, index=True),
    # How it came in: uploaded, pasted, fetched, ... and by whom, and why.
    Column("origin", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String(320), nullable=False),
    Column("reason", Text, nullable=False),
    # The report of the checks and the difference with what was in force, both JSON.
    Column("report", Text),
    Column("difference", Text),
    Column("activate_at", UtcDateTime),
    Column("activated_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("entity_id", "number", name="uq_partner_version_number"),
    Index("ix_partner_version_content", "entity_id", "content_hash"),
)

approval = Table(
    "approval",
    metadata,
    Column("version_id", String(40), primary_key=True),
    Column("operator", String(320), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

service = Table(
    "service",
    metadata,
    Column("service_id", String(256), primary_key=True),
    Column("entity_id", String(1024), nullable=False, index=True),
    Column("instance_uuid", String(64), nullable=False, index=True),
    Column("definition_uuid", String(64), nullable=False, index=True),
    Column("oin", String(20), nullable=False, index=True),
)

expiry = Table(
    "expiry",
    metadata,
    Column("entity_id", String(1024), primary_key=True),
    # signing, encryption, service (ServiceCertificate), metadata (validUntil), client, own.
    Column("use", String(16), primary_key=True),
    # SHA-256 of the certificate, hex; empty for validUntil.
    Column("fingerprint", String(64), primary_key=True),
    Column("label", String(300), nullable=False),
    Column("not_after", UtcDateTime, nullable=False, index=True),
)

signing_certificate = Table(
    "signing_certificate",
    metadata,
    Column("entity_id", String(1024), primary_key=True),
    Column("fingerprint", String(64), primary_key=True, index=True),
    # The key identifier of the authority that issued it, hex; empty when it names none.
    Column("authority", String(128), nullable=False, index=True),
    Column("certificate", LargeBinary, nullable=False),
)

registry_edition = Table(
    "registry_edition",
    metadata,
    Column("role", String(8), primary_key=True),
    # One more at each change of a partner in this role.
    Column("number", BigInteger, nullable=False),
)

document_source = Table(
    "document_source",
    metadata,
    Column("entity_id", String(1024), primary_key=True),
    Column("role", String(8), nullable=False),
    Column("metadata_url", String(2048), nullable=False),
    Column("catalogue_url", String(2048)),
    Column("every_seconds", BigInteger, nullable=False),
    Column("next_at", UtcDateTime, nullable=False, index=True),
    Column("last_at", UtcDateTime),
    Column("last_good_at", UtcDateTime),
    Column("last_outcome", Text),
    Column("failures", BigInteger, nullable=False),
    # ETag and Last-Modified of both documents, JSON.
    Column("validators", Text),
    # Whether what comes in without anything to mend is put in force by itself.
    Column("activates", Boolean, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("who", String(320), nullable=False),
    # A word of a closed vocabulary: see ports.changes.
    Column("what", String(64), nullable=False),
    # The entityID, key, operator, ... that was changed.
    Column("subject", String(1024), nullable=False, index=True),
    Column("why", Text, nullable=False),
    Column("detail", JSON, nullable=False),
)

operator = Table(
    "operator",
    metadata,
    # As it is compared: folded.
    Column("username", String(320), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", String(512)),
    Column("totp_secret", String(128)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("last_login_at", UtcDateTime),
)

passkey = Table(
    "passkey",
    metadata,
    # base64url, as WebAuthn gives it.
    Column("credential_id", String(1400), primary_key=True),
    Column("operator", String(320), nullable=False, index=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    # SHA-256 of the token, hex: the token itself is shown once and kept nowhere.
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("created_by", String(320), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("token_id", String(40), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    # Null while the first request is still being carried out.
    Column("status", BigInteger),
    Column("body", Text),
    Column("at", UtcDateTime, nullable=False, index=True),
)

setup_link = Table(
    "setup_link",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    # Null until the dienstverlener behind the link has handed its metadata over.
    Column("entity_id", String(1024), index=True),
    Column("name", String(200), nullable=False),
    Column("created_by", String(320), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    # When a link for somebody who was still to come got its entity_id.
    Column("bound_at", UtcDateTime),
)

check_run = Table(
    "check_run",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("entity_id", String(1024), index=True),
    Column("setup_link", String(40)),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("who", String(320), nullable=False),
    # The report as JSON.
    Column("report", Text, nullable=False),
)

rehearsal = Table(
    "rehearsal",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("entity_id", String(1024), nullable=False, index=True),
    Column("version_id", String(40)),
    # Which answer it gets: see broker.rehearsals.
    Column("kind", String(64), nullable=False),
    Column("service_id", String(256)),
    Column("started_by", String(320), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("reference", String(16)),
    Column("answered_at", UtcDateTime),
    Column("resolved_at", UtcDateTime),
    # When the dienstverlener sent somebody to log in once more, in the same browser.
    Column("asked_again_at", UtcDateTime),
    # What the person saw, by name, and when that was said.
    Column("seen", String(64)),
    Column("seen_by", String(320)),
    Column("seen_at", UtcDateTime),
)

own_key = Table(
    "own_key",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False, unique=True),
    Column("certificate", LargeBinary, nullable=False),
    # The state of a key follows from these moments and the clock, so that all nodes switch together.
    Column("announced_at", UtcDateTime, nullable=False),
    Column("active_at", UtcDateTime),
    Column("retiring_at", UtcDateTime),
    Column("retired_at", UtcDateTime),
)

key_sighting = Table(
    "key_sighting",
    metadata,
    Column("entity_id", String(1024), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    # fetched (our metadata with this key in it), encrypted (for this key), accepted (a login signed with it).
    Column("how", String(16), primary_key=True),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

catalogue_edition = Table(
    "catalogue_edition",
    metadata,
    # Of the dienstverlener whose part it is; empty for the catalogue of all.
    Column("oin", String(20), primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    # Over the parts that it was made of: as long as these are the same, so is the edition.
    Column("content_hash", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    # When a part changes by itself, since a key or a descriptor comes in force or ceases to be.
    Column("until", UtcDateTime),
    Column("document", LargeBinary, nullable=False),
)

level_rationale = Table(
    "level_rationale",
    metadata,
    Column("entity_id", String(1024), primary_key=True),
    # Of the definition in the dienstencatalogus, and the level that it explains.
    Column("definition_uuid", String(64), primary_key=True),
    Column("level", String(16), primary_key=True),
    Column("rationale", Text, nullable=False),
    Column("who", String(320), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(40), primary_key=True),
    # The same mail is put in once, however many processes think of it.
    Column("subject_key", String(300), nullable=False, unique=True),
    Column("recipient", String(320), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, nullable=False, index=True),
    Column("attempts", BigInteger, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("last_error", String(200)),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),
    # The tick of the schedule that was carried out last.
    Column("tick", BigInteger, nullable=False),
)
