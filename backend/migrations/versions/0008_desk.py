"""desk"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("shortcut", sa.String(), nullable=False),
        sa.Column("title_zh", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["agents.id"], name=op.f("fk_canned_replies_changed_by_agents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
        sa.UniqueConstraint("shortcut", name=op.f("uq_canned_replies_shortcut")),
    )
    op.create_table(
        "bot_tasks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_bot_tasks_agent_id_agents")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_bot_tasks_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_bot_tasks_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bot_tasks")),
    )
    op.create_index(op.f("ix_bot_tasks_ticket_id"), "bot_tasks", ["ticket_id"], unique=False)
    op.create_index(
        "uq_bot_tasks_running",
        "bot_tasks",
        ["conversation_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "complaints",
        sa.Column("ticket_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("product_type", sa.String(), nullable=True),
        sa.Column("root_cause", sa.String(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_complaints_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_complaints")),
    )
    op.create_table(
        "satisfactions",
        sa.Column("ticket_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rating", sa.BigInteger(), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment_awaited", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_satisfactions_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_satisfactions")),
    )
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id_tickets"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "kind", "number", name=op.f("pk_ticket_links")),
    )
    op.create_index(op.f("ix_ticket_links_number"), "ticket_links", ["number"], unique=False)
    op.add_column(
        "tickets",
        sa.Column(
            "brief",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
            server_default=sa.text("'{}'"),
        ),
    )
    op.add_column("tickets", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("proposal_due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("offered_to", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("told_position", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("reopened", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("tickets", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.alter_column("tickets", "brief", server_default=None)
    op.alter_column("tickets", "reopened", server_default=None)
    op.create_foreign_key(op.f("fk_tickets_offered_to_agents"), "tickets", "agents", ["offered_to"], ["id"])
    op.create_foreign_key(
        op.f("fk_tickets_merged_into_id_tickets"), "tickets", "tickets", ["merged_into_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_tickets_merged_into_id_tickets"), "tickets", type_="foreignkey")
    op.drop_constraint(op.f("fk_tickets_offered_to_agents"), "tickets", type_="foreignkey")
    op.drop_column("tickets", "merged_into_id")
    op.drop_column("tickets", "reopened")
    op.drop_column("tickets", "told_at")
    op.drop_column("tickets", "told_position")
    op.drop_column("tickets", "offered_at")
    op.drop_column("tickets", "offered_to")
    op.drop_column("tickets", "escalated_at")
    op.drop_column("tickets", "warned_at")
    op.drop_column("tickets", "proposed_at")
    op.drop_column("tickets", "proposal_due_at")
    op.drop_column("tickets", "paused_at")
    op.drop_column("tickets", "brief")
    op.drop_index(op.f("ix_ticket_links_number"), table_name="ticket_links")
    op.drop_table("ticket_links")
    op.drop_table("satisfactions")
    op.drop_table("complaints")
    op.drop_index(
        "uq_bot_tasks_running", table_name="bot_tasks", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(op.f("ix_bot_tasks_ticket_id"), table_name="bot_tasks")
    op.drop_table("bot_tasks")
    op.drop_table("canned_replies")
