"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _partner()
    _state()
    _audit()
    _middel()
    _organisation()
    _machtiging()
    _ketenmachtiging()
    _ketenrelatie()


def downgrade() -> None:
    for table in (
        "ketenrelatie",
        "ketenmachtiging",
        "machtiging",
        "organisation",
        "middel",
        "audit",
        "state",
        "partner",
    ):
        op.drop_table(table)


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _partner() -> None:
    op.create_table(
        "partner",
        sa.Column("entity_id", sa.String(1024), primary_key=True),
        sa.Column("source_id", sa.LargeBinary(20), nullable=False, unique=True),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("metadata", sa.LargeBinary, nullable=False),
        sa.Column("catalogue", sa.LargeBinary),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("added_at", _moment(), nullable=False),
    )
    op.create_index("ix_partner_role", "partner", ["role"])


def _state() -> None:
    op.create_table(
        "state",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("counter", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_state_expires_at", "state", ["expires_at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("outcome", sa.String(100), nullable=False),
        sa.Column("dienstverlener", sa.String(1024)),
        sa.Column("service_id", sa.String(1024)),
        sa.Column("authenticatiedienst", sa.String(1024)),
        sa.Column("registers", sa.JSON, nullable=False),
        sa.Column("level", sa.String(16)),
        sa.Column("request_id", sa.String(256)),
    )
    op.create_index("ix_audit_reference", "audit", ["reference"])
    op.create_index("ix_audit_at", "audit", ["at"])


def _middel() -> None:
    op.create_table(
        "middel",
        sa.Column("username_folded", sa.String(320), primary_key=True),
        sa.Column("username", sa.String(320), nullable=False),
        sa.Column("password_hash", sa.String(512), nullable=False),
        sa.Column("totp_secret", sa.String(128)),
        sa.Column("pseudonym", sa.String(256), nullable=False),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("register", sa.String(1024), nullable=False),
    )


def _organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("kvk", sa.String(8), primary_key=True),
        sa.Column("rsin", sa.String(9)),
        sa.Column("name", sa.String(500), nullable=False),
        sa.Column("vestigingen", sa.JSON, nullable=False),
    )


def _machtiging() -> None:
    op.create_table(
        "machtiging",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("company", sa.String(8), nullable=False),
        *_terms(),
    )
    op.create_index("ix_machtiging_subject", "machtiging", ["subject"])


def _ketenmachtiging() -> None:
    op.create_table(
        "ketenmachtiging",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("client", sa.String(8), nullable=False),
        sa.Column("intermediary", sa.String(8), nullable=False),
        *_terms(),
    )
    op.create_index("ix_ketenmachtiging_pair", "ketenmachtiging", ["client", "intermediary"])


def _ketenrelatie() -> None:
    op.create_table(
        "ketenrelatie",
        sa.Column("intermediary", sa.String(8), primary_key=True),
        sa.Column("client", sa.String(8), primary_key=True),
        sa.Column("register", sa.String(1024), primary_key=True),
    )


def _terms() -> list[sa.Column[object]]:
    return [
        sa.Column("service_uuid", sa.String(64)),
        sa.Column("dienstverlener", sa.String(20)),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("valid_from", _moment(), nullable=False),
        sa.Column("valid_until", _moment(), nullable=False),
        sa.Column("revoked_at", _moment()),
        sa.Column("vestiging", sa.String(12)),
    ]
