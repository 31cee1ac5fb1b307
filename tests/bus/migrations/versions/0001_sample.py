"""The sample service's tables."""

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import create_kit_tables, enable_unit_rls

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    create_kit_tables(op)
    op.create_table(
        "grants",
        sa.Column("mandate_id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("mandate_id", name="pk_grants"),
    )
    enable_unit_rls(op, "grants")
