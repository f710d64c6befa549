"""Onboarding: versions of partners and who approved them, operators and tokens, keys, mail, what is watched.

The new columns of ``partner`` may be null: the version before writes none of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("partner", sa.Column("name", sa.String(200)))
    op.add_column("partner", sa.Column("version", sa.BigInteger))
    op.add_column("partner", sa.Column("suspended_at", _moment()))
    op.create_index("ix_partner_changes", "partner", ["role", "added_at", "version", "suspended_at"])
    op.add_column("partner", sa.Column("indexed", sa.String(64)))
    unindexed = sa.text("indexed IS NULL OR indexed <> content_hash")
    op.create_index(
        "ix_partner_unindexed", "partner", ["entity_id"], sqlite_where=unindexed, postgresql_where=unindexed
    )
    op.create_index("ix_partner_source", "partner", ["source"])
    listed = ["entity_id", "name", "role", "version", "suspended_at"]
    op.create_index("ix_partner_listed", "partner", listed)
    by_role = ["role", "entity_id", "name", "version", "suspended_at"]
    op.create_index("ix_partner_listed_by_role", "partner", by_role)
    op.create_index("ix_audit_outcomes", "audit", ["dienstverlener", "at", "outcome"])
    _versions()
    _people()
    _what_is_watched()


def downgrade() -> None:
    for table in (
        "lease",
        "outbox",
        "level_rationale",
        "catalogue_edition",
        "key_sighting",
        "own_key",
        "rehearsal",
        "check_run",
        "setup_link",
        "idempotency",
        "api_token",
        "passkey",
        "operator",
        "change",
        "document_source",
        "registry_edition",
        "signing_certificate",
        "expiry",
        "service",
        "approval",
        "partner_version",
    ):
        op.drop_table(table)
    op.drop_index("ix_audit_outcomes", "audit")
    op.drop_index("ix_partner_changes", "partner")
    op.drop_index("ix_partner_listed", "partner")
    op.drop_index("ix_partner_listed_by_role", "partner")
    op.drop_index("ix_partner_unindexed", "partner")
    op.drop_index("ix_partner_source", "partner")
    for column in ("indexed", "suspended_at", "version", "name"):
        op.drop_column("partner", column)


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _versions() -> None:
    op.create_table(
        "partner_version",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("entity_id", sa.String(1024), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("metadata", sa.LargeBinary, nullable=False),
        sa.Column("catalogue", sa.LargeBinary),
        sa.Column("connection", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("created_by", sa.String(320), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("report", sa.Text),
        sa.Column("difference", sa.Text),
        sa.Column("activate_at", _moment()),
        sa.Column("activated_at", _moment()),
        sa.Column("ended_at", _moment()),
        sa.UniqueConstraint("entity_id", "number", name="uq_partner_version_number"),
    )
    op.create_index("ix_partner_version_content", "partner_version", ["entity_id", "content_hash"])
    op.create_index("ix_partner_version_state", "partner_version", ["state"])
    op.create_table(
        "approval",
        sa.Column("version_id", sa.String(40), primary_key=True),
        sa.Column("operator", sa.String(320), primary_key=True),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "service",
        sa.Column("service_id", sa.String(256), primary_key=True),
        sa.Column("entity_id", sa.String(1024), nullable=False),
        sa.Column("instance_uuid", sa.String(64), nullable=False),
        sa.Column("definition_uuid", sa.String(64), nullable=False),
        sa.Column("oin", sa.String(20), nullable=False),
    )
    op.create_index("ix_service_definition_uuid", "service", ["definition_uuid"])
    op.create_index("ix_service_entity_id", "service", ["entity_id"])
    op.create_index("ix_service_instance_uuid", "service", ["instance_uuid"])
    op.create_index("ix_service_oin", "service", ["oin"])
    op.create_table(
        "expiry",
        sa.Column("entity_id", sa.String(1024), primary_key=True),
        sa.Column("use", sa.String(16), primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("label", sa.String(300), nullable=False),
        sa.Column("not_after", _moment(), nullable=False),
    )
    op.create_index("ix_expiry_not_after", "expiry", ["not_after"])
    op.create_table(
        "signing_certificate",
        sa.Column("entity_id", sa.String(1024), primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("authority", sa.String(128), nullable=False),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_signing_certificate_authority", "signing_certificate", ["authority"])
    op.create_index("ix_signing_certificate_fingerprint", "signing_certificate", ["fingerprint"])
    op.create_table(
        "registry_edition",
        sa.Column("role", sa.String(8), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "document_source",
        sa.Column("entity_id", sa.String(1024), primary_key=True),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("metadata_url", sa.String(2048), nullable=False),
        sa.Column("catalogue_url", sa.String(2048)),
        sa.Column("every_seconds", sa.BigInteger, nullable=False),
        sa.Column("next_at", _moment(), nullable=False),
        sa.Column("last_at", _moment()),
        sa.Column("last_good_at", _moment()),
        sa.Column("last_outcome", sa.Text),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("validators", sa.Text),
        sa.Column("activates", sa.Boolean, nullable=False),
    )
    op.create_index("ix_document_source_next_at", "document_source", ["next_at"])
    op.create_table(
        "change",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("who", sa.String(320), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(1024), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_index("ix_change_at", "change", ["at"])
    op.create_index("ix_change_subject", "change", ["subject"])


def _people() -> None:
    op.create_table(
        "operator",
        sa.Column("username", sa.String(320), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password_hash", sa.String(512)),
        sa.Column("totp_secret", sa.String(128)),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("disabled_at", _moment()),
        sa.Column("last_login_at", _moment()),
    )
    op.create_table(
        "passkey",
        sa.Column("credential_id", sa.String(1400), primary_key=True),
        sa.Column("operator", sa.String(320), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("last_used_at", _moment()),
    )
    op.create_index("ix_passkey_operator", "passkey", ["operator"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", sa.JSON, nullable=False),
        sa.Column("created_by", sa.String(320), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("expires_at", _moment(), nullable=False),
        sa.Column("last_used_at", _moment()),
        sa.Column("revoked_at", _moment()),
    )
    op.create_table(
        "idempotency",
        sa.Column("token_id", sa.String(40), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.BigInteger),
        sa.Column("body", sa.Text),
        sa.Column("at", _moment(), nullable=False),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])
    op.create_table(
        "setup_link",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("entity_id", sa.String(1024)),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_by", sa.String(320), nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("expires_at", _moment(), nullable=False),
        sa.Column("last_used_at", _moment()),
        sa.Column("revoked_at", _moment()),
        sa.Column("bound_at", _moment()),
    )
    op.create_index("ix_setup_link_entity_id", "setup_link", ["entity_id"])


def _what_is_watched() -> None:
    op.create_table(
        "check_run",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("entity_id", sa.String(1024)),
        sa.Column("setup_link", sa.String(40)),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("who", sa.String(320), nullable=False),
        sa.Column("report", sa.Text, nullable=False),
    )
    op.create_index("ix_check_run_at", "check_run", ["at"])
    op.create_index("ix_check_run_entity_id", "check_run", ["entity_id"])
    op.create_table(
        "rehearsal",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("entity_id", sa.String(1024), nullable=False),
        sa.Column("version_id", sa.String(40)),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("service_id", sa.String(256)),
        sa.Column("started_by", sa.String(320), nullable=False),
        sa.Column("started_at", _moment(), nullable=False),
        sa.Column("reference", sa.String(16)),
        sa.Column("answered_at", _moment()),
        sa.Column("resolved_at", _moment()),
        sa.Column("asked_again_at", _moment()),
        sa.Column("seen", sa.String(64)),
        sa.Column("seen_by", sa.String(320)),
        sa.Column("seen_at", _moment()),
    )
    op.create_index("ix_rehearsal_entity_id", "rehearsal", ["entity_id"])
    op.create_table(
        "own_key",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False, unique=True),
        sa.Column("certificate", sa.LargeBinary, nullable=False),
        sa.Column("announced_at", _moment(), nullable=False),
        sa.Column("active_at", _moment()),
        sa.Column("retiring_at", _moment()),
        sa.Column("retired_at", _moment()),
    )
    op.create_table(
        "key_sighting",
        sa.Column("entity_id", sa.String(1024), primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("how", sa.String(16), primary_key=True),
        sa.Column("first_at", _moment(), nullable=False),
        sa.Column("last_at", _moment(), nullable=False),
    )
    op.create_table(
        "catalogue_edition",
        sa.Column("oin", sa.String(20), primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("made_at", _moment(), nullable=False),
        sa.Column("until", _moment()),
        sa.Column("document", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "level_rationale",
        sa.Column("entity_id", sa.String(1024), primary_key=True),
        sa.Column("definition_uuid", sa.String(64), primary_key=True),
        sa.Column("level", sa.String(16), primary_key=True),
        sa.Column("rationale", sa.Text, nullable=False),
        sa.Column("who", sa.String(320), nullable=False),
        sa.Column("at", _moment(), nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("subject_key", sa.String(300), nullable=False, unique=True),
        sa.Column("recipient", sa.String(320), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", _moment(), nullable=False),
        sa.Column("next_at", _moment(), nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("sent_at", _moment()),
        sa.Column("last_error", sa.String(200)),
    )
    op.create_index("ix_outbox_next_at", "outbox", ["next_at"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("until", _moment(), nullable=False),
        sa.Column("tick", sa.BigInteger, nullable=False),
    )
