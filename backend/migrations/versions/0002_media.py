"""media and channels"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbound_media",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("platform_ref", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=True),
        sa.Column("stored_name", sa.String(), nullable=True),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_messages.id"],
            name=op.f("fk_inbound_media_inbound_id_inbound_messages"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_media")),
        sa.UniqueConstraint("inbound_id", "position", name=op.f("uq_inbound_media_inbound_id_position")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_inbound_media_stored_name")),
    )
    op.create_index(
        "ix_inbound_media_pending",
        "inbound_media",
        ["due_at"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.add_column("conversations", sa.Column("read_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("outbound_messages", sa.Column("via", sa.String(), nullable=True))
    op.add_column("outbound_messages", sa.Column("carried_by", sa.BigInteger(), nullable=True))
    op.add_column(
        "outbound_messages",
        sa.Column("parts_sent", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.create_foreign_key(
        op.f("fk_outbound_messages_carried_by_outbound_messages"),
        "outbound_messages",
        "outbound_messages",
        ["carried_by"],
        ["id"],
    )
    op.create_index(op.f("ix_outbound_messages_carried_by"), "outbound_messages", ["carried_by"])
    op.create_table(
        "dismissed_letters",
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_dismissed_letters_agent_id_agents")
        ),
        sa.PrimaryKeyConstraint("direction", "message_id", name=op.f("pk_dismissed_letters")),
    )
    op.create_index(
        "ix_inbound_messages_failed",
        "inbound_messages",
        ["id"],
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(
        "ix_outbound_messages_dead",
        "outbound_messages",
        ["id"],
        postgresql_where=sa.text("state IN ('failed', 'expired', 'in_doubt')"),
    )


def downgrade() -> None:
    op.drop_index("ix_outbound_messages_dead", table_name="outbound_messages")
    op.drop_index("ix_inbound_messages_failed", table_name="inbound_messages")
    op.drop_table("dismissed_letters")
    op.drop_index(op.f("ix_outbound_messages_carried_by"), table_name="outbound_messages")
    op.drop_constraint(
        op.f("fk_outbound_messages_carried_by_outbound_messages"), "outbound_messages", type_="foreignkey"
    )
    op.drop_column("outbound_messages", "parts_sent")
    op.drop_column("outbound_messages", "carried_by")
    op.drop_column("outbound_messages", "via")
    op.drop_column("conversations", "read_seq")
    op.drop_table("inbound_media")
