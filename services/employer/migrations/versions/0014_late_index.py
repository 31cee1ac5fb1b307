"""Coverages declared too late are found at once."""

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index."""
    build_index(op, "ix_roster_late", "roster", ["employer_no"], postgresql_where=sa.text("late"))


def downgrade() -> None:
    """Drops it."""
    op.drop_index("ix_roster_late", "roster")
