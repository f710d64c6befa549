"""The audit log in chains: the place of each record in one, what vouches for them, and anchors.

The new columns of ``audit`` may be null: the version before writes none of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit", sa.Column("writer", sa.String(32)))
    op.add_column("audit", sa.Column("sequence", sa.BigInteger))
    op.add_column("audit", sa.Column("previous", sa.String(64)))
    op.add_column("audit", sa.Column("digest", sa.String(64)))
    op.add_column("audit", sa.Column("signature", sa.LargeBinary(64)))
    op.create_index("ix_audit_chain", "audit", ["writer", "sequence"], unique=True)
    op.create_table(
        "audit_opening",
        sa.Column("writer", sa.String(32), primary_key=True),
        sa.Column("public_key", sa.LargeBinary(32), nullable=False),
        sa.Column("opened_at", _moment(), nullable=False),
        sa.Column("key_name", sa.String(64), nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", _moment(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("heads", sa.JSON, nullable=False),
        sa.Column("removed", sa.JSON, nullable=False),
        sa.Column("key_name", sa.String(64), nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("audit_anchor")
    op.drop_table("audit_opening")
    op.drop_index("ix_audit_chain", "audit")
    for column in ("signature", "digest", "previous", "sequence", "writer"):
        op.drop_column("audit", column)


def _moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)
