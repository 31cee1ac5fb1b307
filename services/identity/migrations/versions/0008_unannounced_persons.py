"""Insured persons' accounts that enrollment has not been told of are found at once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    where = sa.text("kind = 'person' AND announced_version = 0")
    build_index(op, "ix_accounts_unannounced", "accounts", ["id"], postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_accounts_unannounced", "accounts")
