"""Kinds of employer say who changed them, and carry a version."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("employer_kinds", sa.Column("changed_by_name", sa.String(50)))
    op.add_column("employer_kinds", sa.Column("changed_at", sa.DateTime(timezone=True)))
    op.add_column("employer_kinds", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))


def downgrade() -> None:
    """Drops them."""
    for column in ("version", "changed_at", "changed_by_name"):
        op.drop_column("employer_kinds", column)
