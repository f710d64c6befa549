"""How a partner is connected, what it deviates in, the network metadata, attributes of persons, subdossiers.

All columns may be null: the version before writes none of them, and this version reads a null as the default.
"""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

_SUBDOSSIER = ("machtiging", "ketenmachtiging")


def upgrade() -> None:
    op.add_column("partner", sa.Column("connection", sa.Text))
    op.add_column("partner", sa.Column("source", sa.String(16)))
    op.add_column("middel", sa.Column("attributes", sa.JSON))
    for table in _SUBDOSSIER:
        op.add_column(table, sa.Column("subdossier", sa.String(4)))
    op.create_table(
        "conformance",
        sa.Column("entity_id", sa.String(1024), primary_key=True),
        sa.Column("tolerance", sa.String(64), primary_key=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.String(16)),
    )
    op.create_table(
        "network",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("edition", sa.String(200), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refresh_before", sa.DateTime(timezone=True)),
        sa.Column("valid_until", sa.DateTime(timezone=True)),
    )


def downgrade() -> None:
    op.drop_table("network")
    op.drop_table("conformance")
    for table in _SUBDOSSIER:
        # Without the column, what was granted for a part would be for the whole company.
        op.execute(sa.delete(sa.table(table)).where(sa.column("subdossier").is_not(None)))
        op.drop_column(table, "subdossier")
    op.drop_column("middel", "attributes")
    op.drop_column("partner", "source")
    op.drop_column("partner", "connection")
