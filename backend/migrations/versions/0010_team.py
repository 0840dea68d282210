"""team"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agents", sa.Column("totp_pending_sealed", sa.String(), nullable=True))
    op.add_column("agents", sa.Column("version", sa.BigInteger(), nullable=False, server_default="1"))
    op.alter_column("agents", "version", server_default=None)
    op.add_column("agent_sessions", sa.Column("browser", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("agent_sessions", "browser")
    op.drop_column("agents", "version")
    op.drop_column("agents", "totp_pending_sealed")
