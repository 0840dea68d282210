"""privacy and audit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Entries are only ever added; the sealing job alone may fill in the two columns of the chain, once.
GUARD = """
CREATE FUNCTION audit_entries_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.sealed_position IS NULL
       AND (to_jsonb(NEW) - 'sealed_position' - 'sealed_hash') = (to_jsonb(OLD) - 'sealed_position' - 'sealed_hash')
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_entries_final BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_are_final();
CREATE TRIGGER audit_entries_kept BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_are_final();
"""


def upgrade() -> None:
    op.add_column("audit_entries", sa.Column("sealed_position", sa.BigInteger(), nullable=True))
    op.create_unique_constraint(
        op.f("uq_audit_entries_sealed_position"), "audit_entries", ["sealed_position"]
    )
    op.add_column("customers", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_audit_entries_unsealed",
        "audit_entries",
        ["id"],
        postgresql_where=sa.text("sealed_position IS NULL"),
    )
    op.create_table(
        "audit_seals",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_seals")),
    )
    op.execute(GUARD)


def downgrade() -> None:
    op.execute("DROP TRIGGER audit_entries_kept ON audit_entries")
    op.execute("DROP TRIGGER audit_entries_final ON audit_entries")
    op.execute("DROP FUNCTION audit_entries_are_final()")
    op.drop_table("audit_seals")
    op.drop_column("customers", "erased_at")
    op.drop_index("ix_audit_entries_unsealed", table_name="audit_entries")
    op.drop_constraint(op.f("uq_audit_entries_sealed_position"), "audit_entries", type_="unique")
    op.drop_column("audit_entries", "sealed_position")
