"""The end of a long report is told to whoever asked for it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import enable_unit_rls

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLE = "report_notices"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("failed", sa.Boolean, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_report_notices"),
    )
    op.create_index(f"ix_{_TABLE}_employer_no_account_id_told_at", _TABLE, ["employer_no", "account_id", "told_at"])
    op.create_index(f"ix_{_TABLE}_told_at", _TABLE, ["told_at"])
    enable_unit_rls(op, _TABLE)


def downgrade() -> None:
    op.drop_table(_TABLE)
