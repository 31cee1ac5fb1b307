"""Corrections of assessed months: which coverages a stop or a return made look at again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the mark and the index by which an assessment finds it."""
    op.add_column("roster", sa.Column("revised_from", sa.Date()))
    op.create_index(
        "ix_roster_revised", "roster", ["employer_no"], postgresql_where=sa.text("revised_from IS NOT NULL")
    )


def downgrade() -> None:
    """Drops both."""
    op.drop_index("ix_roster_revised", "roster")
    op.drop_column("roster", "revised_from")
