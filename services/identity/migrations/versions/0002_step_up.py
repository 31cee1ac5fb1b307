"""Sessions that are raised for a while."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("step_up_until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("sessions", "step_up_until")
