"""The units of a person are found at once."""

from alembic import op

from servicekit.db.migrations import build_index

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index."""
    build_index(op, "ix_roster_person_id", "roster", ["person_id", "employer_no"])


def downgrade() -> None:
    """Drops it."""
    op.drop_index("ix_roster_person_id", "roster")
