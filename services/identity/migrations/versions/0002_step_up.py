"""Sessions that are raised for a while; whoever is signed in may have wrong answers counted."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCOPE = "(SELECT current_setting('hall.scope', true))"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("step_up_until", sa.DateTime(timezone=True)))
    # Rows of keyed digests: they say nothing of whose they are.
    op.execute(
        f"ALTER POLICY login_attempts_seen ON login_attempts USING ({_SCOPE} IN ('system', 'unit', 'person', 'agency'))"
    )


def downgrade() -> None:
    op.execute(f"ALTER POLICY login_attempts_seen ON login_attempts USING ({_SCOPE} = 'system')")
    op.drop_column("sessions", "step_up_until")
