"""How much of its minute an API key has left, for all gateways together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("requests_left", sa.Double))
    op.add_column("api_keys", sa.Column("counted_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("api_keys", "counted_at")
    op.drop_column("api_keys", "requests_left")
