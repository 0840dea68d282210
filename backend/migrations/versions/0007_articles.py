"""articles"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _json() -> sa.types.TypeEngine[Any]:
    return sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("live_revision", sa.BigInteger(), nullable=True),
        sa.Column("scheduled_revision", sa.BigInteger(), nullable=True),
        sa.Column("scheduled_from", sa.Date(), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("topic", "language", name=op.f("uq_articles_topic_language")),
    )
    op.create_index(op.f("ix_articles_changed"), "articles", ["changed"])
    op.create_table(
        "article_revisions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("products", _json(), nullable=False),
        sa.Column("tags", _json(), nullable=False),
        sa.Column("questions", _json(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("restored_from", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_article_revisions_agent_id_agents")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_revisions_article_id_articles")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_revisions")),
        sa.UniqueConstraint("article_id", "number", name=op.f("uq_article_revisions_article_id_number")),
    )
    op.create_table(
        "article_feed",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_feed")),
    )
    op.execute("INSERT INTO article_feed (id, origin, changed) VALUES (1, gen_random_uuid()::text, 0)")
    op.create_table(
        "knowledge_questions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("product_type", sa.String(), nullable=True),
        sa.Column("is_answered", sa.Boolean(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_knowledge_questions_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["inbound_id"],
            ["inbound_messages.id"],
            name=op.f("fk_knowledge_questions_inbound_id_inbound_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_questions")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_knowledge_questions_inbound_id")),
    )
    op.create_index(
        op.f("ix_knowledge_questions_conversation_id"), "knowledge_questions", ["conversation_id"]
    )
    op.create_index("ix_knowledge_questions_newest", "knowledge_questions", ["asked_at", "id"])


def downgrade() -> None:
    op.drop_table("knowledge_questions")
    op.drop_table("article_feed")
    op.drop_table("article_revisions")
    op.drop_table("articles")
