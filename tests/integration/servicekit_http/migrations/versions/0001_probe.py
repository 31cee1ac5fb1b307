"""The probe service's tables."""

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
        "things",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("number_sealed", sa.LargeBinary, nullable=False),
        sa.Column("number_index", sa.LargeBinary, nullable=False),
        sa.Column("number_masked", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_things"),
        # Checked at the commit only, to see what an answer says when the commit itself fails.
        sa.UniqueConstraint("name", name="uq_things_name", deferrable=True, initially="DEFERRED"),
    )
    enable_unit_rls(op, "things")
