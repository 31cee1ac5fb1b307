"""Parts of an assessment are jobs of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A part names its job; one that was cut before has none and gets it when its assessment goes on."""
    op.add_column("assessment_parts", sa.Column("job_id", sa.Uuid()))


def downgrade() -> None:
    """Drops the column."""
    op.drop_column("assessment_parts", "job_id")
