"""The roster's indexes also carry what tells a status: of the list in its order, and of those who have left."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COLUMNS = ("employer_no", "start_month", "person_id")


def upgrade() -> None:
    build_index(
        op,
        "ix_roster_left",
        "roster",
        _COLUMNS,
        postgresql_where=sa.text("stop_month IS NOT NULL"),
        postgresql_include=["stop_month", "stop_reason"],
    )
    build_index(
        op,
        "ix_roster_listed",
        "roster",
        _COLUMNS,
        replaces="ix_roster_employer_no_start_month_person_id",
        postgresql_include=["stop_month"],
    )


def downgrade() -> None:
    op.create_index("ix_roster_employer_no_start_month_person_id", "roster", _COLUMNS)
    op.drop_index("ix_roster_listed", "roster")
    op.drop_index("ix_roster_left", "roster")
