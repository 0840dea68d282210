"""customers, changes and tasks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEQUENCES = ("task_numbers", "change_numbers", "feed_places")
# Tables whose records other systems pull, and what the feed calls them.
IN_THE_FEED = {"customers": "customer", "policies": "policy", "claims": "claim", "change_requests": "change"}
NOTE_FEED = """
CREATE FUNCTION note_feed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE feed_entries SET place = NULL, is_deleted = true, changed_at = now()
        FROM changed WHERE feed_entries.kind = TG_ARGV[0] AND feed_entries.record_id = changed.id;
    ELSE
        INSERT INTO feed_entries (kind, record_id, is_deleted)
        SELECT TG_ARGV[0], id, false FROM changed ORDER BY id
        ON CONFLICT (kind, record_id) DO UPDATE SET place = NULL, is_deleted = false, changed_at = now();
    END IF;
    RETURN NULL;
END $$
"""


def _add_triggers() -> None:
    op.execute(NOTE_FEED)
    for table, kind in IN_THE_FEED.items():
        for event, rows in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
            op.execute(
                f"CREATE TRIGGER {table}_feed_{event} AFTER {event.upper()} ON {table} "
                f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_feed('{kind}')"
            )
        op.execute(
            f"INSERT INTO feed_entries (kind, record_id, is_deleted) SELECT '{kind}', id, false FROM {table}"  # noqa: S608
        )


def upgrade() -> None:
    for name in SEQUENCES:
        op.execute(sa.schema.CreateSequence(sa.Sequence(name)))
    op.create_table(
        "feed_entries",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "record_id", name=op.f("pk_feed_entries")),
    )
    op.create_index("ix_feed_entries_place", "feed_entries", ["kind", "place"], unique=False)
    op.create_index(
        "ix_feed_entries_waiting",
        "feed_entries",
        ["kind", "changed_at"],
        unique=False,
        postgresql_where=sa.text("place IS NULL"),
    )
    op.create_table(
        "customer_standings",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value_points", sa.BigInteger(), nullable=False),
        sa.Column(
            "value_parts",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("risk_points", sa.BigInteger(), nullable=False),
        sa.Column(
            "risk_reasons",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_standings_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_standings")),
    )
    op.create_index(
        "ix_customer_standings_risk",
        "customer_standings",
        ["risk_points", "customer_id"],
        unique=False,
        postgresql_where=sa.text("risk_points > 0"),
    )
    op.create_table(
        "customer_tags",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("is_by_rule", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["agents.id"], name=op.f("fk_customer_tags_added_by_agents")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_tags_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("customer_id", "tag", name=op.f("pk_customer_tags")),
    )
    op.create_index(op.f("ix_customer_tags_tag"), "customer_tags", ["tag"], unique=False)
    op.create_table(
        "family_members",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("relative_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(relative_id IS NULL) <> (name IS NULL)", name=op.f("ck_family_members_known_or_named")
        ),
        sa.CheckConstraint("relative_id <> customer_id", name=op.f("ck_family_members_not_oneself")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_family_members_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["relative_id"],
            ["customers.id"],
            name=op.f("fk_family_members_relative_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_members")),
        sa.UniqueConstraint(
            "customer_id", "relative_id", name=op.f("uq_family_members_customer_id_relative_id")
        ),
    )
    op.create_index(op.f("ix_family_members_relative_id"), "family_members", ["relative_id"], unique=False)
    op.create_table(
        "product_parts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("waiting_period_days", sa.BigInteger(), nullable=False),
        sa.Column("deductible", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_parts_product_id_products"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_parts")),
        sa.UniqueConstraint("product_id", "kind", "code", name=op.f("uq_product_parts_product_id_kind_code")),
    )
    op.create_table(
        "payment_accounts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column("bank", sa.String(), nullable=True),
        sa.Column("holder_name", sa.String(), nullable=False),
        sa.Column("account_sealed", sa.String(), nullable=False),
        sa.Column("account_index", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_payment_accounts_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["policies.id"],
            name=op.f("fk_payment_accounts_policy_id_policies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_accounts")),
    )
    op.create_index(
        op.f("ix_payment_accounts_account_index"), "payment_accounts", ["account_index"], unique=False
    )
    op.create_index(op.f("ix_payment_accounts_policy_id"), "payment_accounts", ["policy_id"], unique=False)
    op.create_index(
        "uq_payment_accounts_in_use",
        "payment_accounts",
        ["customer_id", sa.literal_column("coalesce(policy_id, 0)")],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("unused", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name=op.f("fk_payments_policy_id_policies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_payments_source_external_id")),
    )
    op.create_index("ix_payments_policy", "payments", ["policy_id", "paid_on", "id"], unique=False)
    op.create_table(
        "policy_riders",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("sum_insured", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("premium", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"],
            ["policies.id"],
            name=op.f("fk_policy_riders_policy_id_policies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_riders")),
        sa.UniqueConstraint("policy_id", "code", name=op.f("uq_policy_riders_policy_id_code")),
    )
    op.create_table(
        "change_requests",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("before_sealed", sa.String(), nullable=True),
        sa.Column("after_sealed", sa.String(), nullable=True),
        sa.Column(
            "checks",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("asked_by", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("core_reference", sa.String(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["agents.id"], name=op.f("fk_change_requests_asked_by_agents")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_change_requests_contact_id_contacts")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_change_requests_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["agents.id"], name=op.f("fk_change_requests_decided_by_agents")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.id"], name=op.f("fk_change_requests_policy_id_policies")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_change_requests_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_change_requests_number")),
    )
    op.create_index("ix_change_requests_customer", "change_requests", ["customer_id", "id"], unique=False)
    op.create_index(op.f("ix_change_requests_policy_id"), "change_requests", ["policy_id"], unique=False)
    op.create_index("ix_change_requests_state", "change_requests", ["state", "id"], unique=False)
    op.create_index(op.f("ix_change_requests_ticket_id"), "change_requests", ["ticket_id"], unique=False)
    op.create_index(
        "uq_change_requests_asked",
        "change_requests",
        ["customer_id", "matter"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "payment_allocations",
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("instalment_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["instalment_id"],
            ["premium_instalments.id"],
            name=op.f("fk_payment_allocations_instalment_id_premium_instalments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"],
            ["payments.id"],
            name=op.f("fk_payment_allocations_payment_id_payments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("payment_id", "instalment_id", name=op.f("pk_payment_allocations")),
    )
    op.create_index(
        op.f("ix_payment_allocations_instalment_id"), "payment_allocations", ["instalment_id"], unique=False
    )
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("policy_id", sa.BigInteger(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("product_type", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("origin_key", sa.String(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_tasks_closed")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_tasks_contact_id_contacts")),
        sa.ForeignKeyConstraint(["created_by"], ["agents.id"], name=op.f("fk_tasks_created_by_agents")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_tasks_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["agents.id"], name=op.f("fk_tasks_owner_id_agents")),
        sa.ForeignKeyConstraint(["policy_id"], ["policies.id"], name=op.f("fk_tasks_policy_id_policies")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_tasks_ticket_id_tickets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("number", name=op.f("uq_tasks_number")),
        sa.UniqueConstraint("origin_key", name=op.f("uq_tasks_origin_key")),
    )
    op.create_index(op.f("ix_tasks_contact_id"), "tasks", ["contact_id"], unique=False)
    op.create_index(op.f("ix_tasks_customer_id"), "tasks", ["customer_id"], unique=False)
    op.create_index(
        "ix_tasks_open",
        "tasks",
        ["owner_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_tasks_policy_id"), "tasks", ["policy_id"], unique=False)
    op.create_index(op.f("ix_tasks_ticket_id"), "tasks", ["ticket_id"], unique=False)
    op.add_column("claims", sa.Column("source_version", sa.BigInteger(), nullable=True))
    op.add_column("customers", sa.Column("occupation", sa.String(), nullable=True))
    op.add_column("customers", sa.Column("source_version", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_customers_tier"), "customers", ["tier"], unique=False)
    op.alter_column("interactions", "contact_id", existing_type=sa.BIGINT(), nullable=True)
    op.alter_column("interactions", "conversation_id", existing_type=sa.BIGINT(), nullable=True)
    op.add_column("policies", sa.Column("cash_value", sa.Numeric(precision=14, scale=2), nullable=True))
    op.add_column("policies", sa.Column("source_version", sa.BigInteger(), nullable=True))
    op.add_column(
        "premium_instalments",
        sa.Column("paid_amount", sa.Numeric(precision=14, scale=2), server_default="0", nullable=False),
    )
    op.add_column(
        "products",
        sa.Column(
            "cash_value_percents",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    _add_triggers()


def downgrade() -> None:
    for table in IN_THE_FEED:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_feed_{event} ON {table}")
    op.execute("DROP FUNCTION note_feed()")
    # What was logged by hand has no conversation: it cannot stay where each entry needs one.
    op.execute("DELETE FROM interactions WHERE conversation_id IS NULL OR contact_id IS NULL")
    op.drop_column("products", "cash_value_percents")
    op.drop_column("premium_instalments", "paid_amount")
    op.drop_column("policies", "source_version")
    op.drop_column("policies", "cash_value")
    op.alter_column("interactions", "conversation_id", existing_type=sa.BIGINT(), nullable=False)
    op.alter_column("interactions", "contact_id", existing_type=sa.BIGINT(), nullable=False)
    op.drop_index(op.f("ix_customers_tier"), table_name="customers")
    op.drop_column("customers", "source_version")
    op.drop_column("customers", "occupation")
    op.drop_column("claims", "source_version")
    op.drop_index(op.f("ix_tasks_ticket_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_policy_id"), table_name="tasks")
    op.drop_index("ix_tasks_open", table_name="tasks", postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f("ix_tasks_customer_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_contact_id"), table_name="tasks")
    op.drop_table("tasks")
    op.drop_index(op.f("ix_payment_allocations_instalment_id"), table_name="payment_allocations")
    op.drop_table("payment_allocations")
    op.drop_index(
        "uq_change_requests_asked", table_name="change_requests", postgresql_where=sa.text("state = 'asked'")
    )
    op.drop_index(op.f("ix_change_requests_ticket_id"), table_name="change_requests")
    op.drop_index("ix_change_requests_state", table_name="change_requests")
    op.drop_index(op.f("ix_change_requests_policy_id"), table_name="change_requests")
    op.drop_index("ix_change_requests_customer", table_name="change_requests")
    op.drop_table("change_requests")
    op.drop_table("policy_riders")
    op.drop_index("ix_payments_policy", table_name="payments")
    op.drop_table("payments")
    op.drop_index(
        "uq_payment_accounts_in_use",
        table_name="payment_accounts",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_payment_accounts_policy_id"), table_name="payment_accounts")
    op.drop_index(op.f("ix_payment_accounts_account_index"), table_name="payment_accounts")
    op.drop_table("payment_accounts")
    op.drop_table("product_parts")
    op.drop_index(op.f("ix_family_members_relative_id"), table_name="family_members")
    op.drop_table("family_members")
    op.drop_index(op.f("ix_customer_tags_tag"), table_name="customer_tags")
    op.drop_table("customer_tags")
    op.drop_index(
        "ix_customer_standings_risk",
        table_name="customer_standings",
        postgresql_where=sa.text("risk_points > 0"),
    )
    op.drop_table("customer_standings")
    op.drop_index(
        "ix_feed_entries_waiting", table_name="feed_entries", postgresql_where=sa.text("place IS NULL")
    )
    op.drop_index("ix_feed_entries_place", table_name="feed_entries")
    op.drop_table("feed_entries")
    for name in SEQUENCES:
        op.execute(sa.schema.DropSequence(sa.Sequence(name)))
