"""The roster's index of those who have left."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    build_index(
        op,
        "ix_roster_left",
        "roster",
        ["employer_no", "start_month", "person_id"],
        postgresql_where=sa.text("stop_month IS NOT NULL"),
        postgresql_include=["stop_month", "stop_reason"],
    )


def downgrade() -> None:
    op.drop_index("ix_roster_left", "roster")
