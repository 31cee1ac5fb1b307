"""Coverages declared too late are marked, instead of all that no assessment has looked at yet.

For the old mark a unit's first assessment rewrote its whole roster. What carries it now keeps it until the next
assessment has booked what is lacking, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Renames the mark; what comes from now on has none unless it is late. No room need be kept for rewriting rows."""
    op.alter_column("roster", "fresh", new_column_name="late", server_default=sa.false())
    op.execute("ALTER TABLE roster RESET (fillfactor)")


def downgrade() -> None:
    """Gives the mark its name back."""
    op.execute("ALTER TABLE roster SET (fillfactor = 80)")
    op.alter_column("roster", "late", new_column_name="fresh", server_default=sa.true())
