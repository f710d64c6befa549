"""The tables that a login reads and writes.

Numbers that are made by the database (sequences) are avoided: they would tie all nodes to one counter on every login.
"""

from sqlalchemy import JSON
from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import text

from broker.storage.columns import UtcDateTime
from broker.storage.tables.base import metadata

UNINDEXED = text("indexed IS NULL OR indexed <> content_hash")
"""Which partners are not in the index tables as they are: see ``ports.partner_index``."""

partner = Table(
    "partner",
    metadata,
    Column("entity_id", String(1024), primary_key=True),
    Column("source_id", LargeBinary(20), nullable=False, unique=True),
    Column("role", String(8), nullable=False, index=True),
    Column("metadata", LargeBinary, nullable=False),
    Column("catalogue", LargeBinary),
    Column("content_hash", String(64), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    # Added in r0002, so nullable: the version before writes neither.
    Column("connection", Text),
    Column("source", String(16), index=True),
    # Added in r0003, so nullable. The name that a list shows, and the version that is in force.
    Column("name", String(200)),
    Column("version", BigInteger),
    Column("suspended_at", UtcDateTime),
    # Whether anything changed can be asked without touching a document: see storage.editions.
    Index("ix_partner_changes", "role", "added_at", "version", "suspended_at"),
    # Lists are read from these indexes, of all and of one role, without touching a document: see storage.overview.
    Index("ix_partner_listed", "entity_id", "name", "role", "version", "suspended_at"),
    Index("ix_partner_listed_by_role", "role", "entity_id", "name", "version", "suspended_at"),
    # The content hash as which it stands in the index tables; another, or none, after the version before wrote it.
    Column("indexed", String(64)),
    Index("ix_partner_unindexed", "entity_id", sqlite_where=UNINDEXED, postgresql_where=UNINDEXED),
)

conformance = Table(
    "conformance",
    metadata,
    Column("entity_id", String(1024), primary_key=True),
    Column("tolerance", String(64), primary_key=True),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("reference", String(16)),
)

network = Table(
    "network",
    metadata,
    # There is one network, so one row; this column says so.
    Column("name", String(200), primary_key=True),
    # The Name of the edition, and the number in it.
    Column("edition", String(200), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("refresh_before", UtcDateTime),
    Column("valid_until", UtcDateTime),
)

state = Table(
    "state",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("counter", BigInteger),
    # Milliseconds since the epoch: compared on every call, so a plain number.
    Column("expires_at", BigInteger, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    # Time of writing and a random tail: unique without a sequence, and records of one moment keep their
    # order.
    Column("id", String(40), primary_key=True),
    Column("reference", String(16), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("outcome", String(100), nullable=False),
    Column("dienstverlener", String(1024)),
    Column("service_id", String(1024)),
    Column("authenticatiedienst", String(1024)),
    Column("registers", JSON, nullable=False),
    Column("level", String(16)),
    Column("request_id", String(256)),
    # The place in its chain, see ports.audit. Added in r0004, so nullable: the version before writes none.
    Column("writer", String(32)),
    Column("sequence", BigInteger),
    Column("previous", String(64)),
    Column("digest", String(64)),
    Column("signature", LargeBinary(64)),
    Index("ix_audit_chain", "writer", "sequence", unique=True),
    # The outcomes of one dienstverlener since a moment, however many logins there were: see storage.outcomes.
    Index("ix_audit_outcomes", "dienstverlener", "at", "outcome"),
)

audit_opening = Table(
    "audit_opening",
    metadata,
    Column("writer", String(32), primary_key=True),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("key_name", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

audit_anchor = Table(
    "audit_anchor",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("previous", String(64), nullable=False),
    # [writer, sequence, digest] of each chain that grew.
    Column("heads", JSON, nullable=False),
    # The same, of records that were taken away with it.
    Column("removed", JSON, nullable=False),
    Column("key_name", String(64), nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

middel = Table(
    "middel",
    metadata,
    # The username as it is compared: see ``middelen.folded``.
    Column("username_folded", String(320), primary_key=True),
    Column("username", String(320), nullable=False),
    Column("password_hash", String(512), nullable=False),
    Column("totp_secret", String(128)),
    Column("pseudonym", String(256), nullable=False),
    Column("level", String(16), nullable=False),
    Column("register", String(1024), nullable=False),
    # What the authenticatiedienst knows of the person, by attribute name; nullable since r0002.
    Column("attributes", JSON),
)

organisation = Table(
    "organisation",
    metadata,
    Column("kvk", String(8), primary_key=True),
    Column("rsin", String(9)),
    Column("name", String(500), nullable=False),
    Column("vestigingen", JSON, nullable=False),
)

machtiging = Table(
    "machtiging",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("subject", String(256), nullable=False, index=True),
    Column("company", String(8), nullable=False),
    Column("service_uuid", String(64)),
    Column("dienstverlener", String(20)),
    Column("level", String(16), nullable=False),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("vestiging", String(12)),
    Column("subdossier", String(4)),
)

ketenmachtiging = Table(
    "ketenmachtiging",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("client", String(8), nullable=False),
    Column("intermediary", String(8), nullable=False),
    Column("service_uuid", String(64)),
    Column("dienstverlener", String(20)),
    Column("level", String(16), nullable=False),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Column("vestiging", String(12)),
    Column("subdossier", String(4)),
    Index("ix_ketenmachtiging_pair", "client", "intermediary"),
)

ketenrelatie = Table(
    "ketenrelatie",
    metadata,
    Column("intermediary", String(8), primary_key=True),
    Column("client", String(8), primary_key=True),
    Column("register", String(1024), primary_key=True),
)
