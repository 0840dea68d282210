"""files of agents to customers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbound_files",
        sa.Column("outbound_id", sa.BigInteger(), nullable=False),
        sa.Column("stored_name", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbound_id"],
            ["outbound_messages.id"],
            name=op.f("fk_outbound_files_outbound_id_outbound_messages"),
        ),
        sa.PrimaryKeyConstraint("outbound_id", name=op.f("pk_outbound_files")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_outbound_files_stored_name")),
    )


def downgrade() -> None:
    op.drop_table("outbound_files")
