"""Corrections of assessed months: coverages that a stop or a return made look at again are found at once."""

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index by which an assessment finds them."""
    build_index(
        op, "ix_roster_revised", "roster", ["employer_no"], postgresql_where=sa.text("revised_from IS NOT NULL")
    )


def downgrade() -> None:
    """Drops it."""
    op.drop_index("ix_roster_revised", "roster")
