"""claim drafts, documents and imports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("claim_numbers", start=500001)))
    op.create_table(
        "import_runs",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("stored_name", sa.String(), nullable=True),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("unchanged", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_index(
        "ix_import_runs_open",
        "import_runs",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "import_rejections",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column(
            "reasons",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("row_sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["import_runs.id"],
            name=op.f("fk_import_rejections_run_id_import_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rejections")),
        sa.UniqueConstraint("run_id", "line", name=op.f("uq_import_rejections_run_id_line")),
    )
    op.create_table(
        "claim_drafts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("started_on", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column("product_type", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=True),
        sa.Column("incident_date", sa.Date(), nullable=True),
        sa.Column("incident_place", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("claimed_amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("is_injured", sa.Boolean(), nullable=True),
        sa.Column("contact_phone", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_claim_drafts_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name=op.f("fk_claim_drafts_policy_id_policies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_drafts")),
    )
    op.create_index(op.f("ix_claim_drafts_customer_id"), "claim_drafts", ["customer_id"], unique=False)
    op.create_index(
        "uq_claim_drafts_open",
        "claim_drafts",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "claim_decisions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("approved_amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "rules",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_claim_decisions_claim_id_claims"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_decisions")),
    )
    op.create_index(op.f("ix_claim_decisions_claim_id"), "claim_decisions", ["claim_id"], unique=False)
    op.create_table(
        "claim_disputes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("ticket_number", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_note", sa.String(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_claim_disputes_claim_id_claims"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_disputes")),
    )
    op.create_index(op.f("ix_claim_disputes_claim_id"), "claim_disputes", ["claim_id"], unique=False)
    op.create_index(
        "uq_claim_disputes_open",
        "claim_disputes",
        ["claim_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "claim_files",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.BigInteger(), nullable=True),
        sa.Column("draft_id", sa.BigInteger(), nullable=True),
        sa.Column("media_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shown_name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_from", sa.String(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("num_nonnulls(claim_id, draft_id) = 1", name=op.f("ck_claim_files_belongs")),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_claim_files_claim_id_claims"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["claim_drafts.id"],
            name=op.f("fk_claim_files_draft_id_claim_drafts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_files")),
        sa.UniqueConstraint("media_id", name=op.f("uq_claim_files_media_id")),
        sa.UniqueConstraint("name", name=op.f("uq_claim_files_name")),
    )
    op.create_index("ix_claim_files_claim", "claim_files", ["claim_id", "sha256"], unique=False)
    op.create_index(op.f("ix_claim_files_draft_id"), "claim_files", ["draft_id"], unique=False)
    op.add_column("claims", sa.Column("payment_reference", sa.String(), nullable=True))
    op.add_column("claims", sa.Column("incident_place", sa.String(), nullable=True))
    op.add_column("claims", sa.Column("is_injured", sa.Boolean(), nullable=True))
    op.add_column("claims", sa.Column("contact_phone", sa.String(), nullable=True))
    op.add_column(
        "claims", sa.Column("is_flagged", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("claims", sa.Column("draft_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_claims_stage", "claims", ["stage", "stage_since"], unique=False)
    op.create_unique_constraint(op.f("uq_claims_draft_id"), "claims", ["draft_id"])
    op.create_foreign_key(
        op.f("fk_claims_draft_id_claim_drafts"), "claims", "claim_drafts", ["draft_id"], ["id"]
    )


def downgrade() -> None:

    op.drop_constraint(op.f("fk_claims_draft_id_claim_drafts"), "claims", type_="foreignkey")
    op.drop_constraint(op.f("uq_claims_draft_id"), "claims", type_="unique")
    op.drop_index("ix_claims_stage", table_name="claims")
    op.drop_column("claims", "draft_id")
    op.drop_column("claims", "is_flagged")
    op.drop_column("claims", "contact_phone")
    op.drop_column("claims", "is_injured")
    op.drop_column("claims", "incident_place")
    op.drop_column("claims", "payment_reference")
    op.drop_index(op.f("ix_claim_files_draft_id"), table_name="claim_files")
    op.drop_index("ix_claim_files_claim", table_name="claim_files")
    op.drop_table("claim_files")
    op.drop_index(
        "uq_claim_disputes_open", table_name="claim_disputes", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(op.f("ix_claim_disputes_claim_id"), table_name="claim_disputes")
    op.drop_table("claim_disputes")
    op.drop_index(op.f("ix_claim_decisions_claim_id"), table_name="claim_decisions")
    op.drop_table("claim_decisions")
    op.drop_index(
        "uq_claim_drafts_open", table_name="claim_drafts", postgresql_where=sa.text("state = 'open'")
    )
    op.drop_index(op.f("ix_claim_drafts_customer_id"), table_name="claim_drafts")
    op.drop_table("claim_drafts")
    op.drop_table("import_rejections")
    op.drop_index(
        "ix_import_runs_open",
        table_name="import_runs",
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.drop_table("import_runs")
    op.execute(sa.schema.DropSequence(sa.Sequence("claim_numbers")))
