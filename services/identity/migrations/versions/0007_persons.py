"""Whose an insured person's account is: announced to enrollment, and what it recognised."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("vouched", sa.Boolean, nullable=False, server_default=sa.text("false")))
    op.add_column("accounts", sa.Column("announced_version", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.add_column("accounts", sa.Column("person_id", sa.Uuid))


def downgrade() -> None:
    for column in ("person_id", "announced_version", "vouched"):
        op.drop_column("accounts", column)
