"""People are found by the index of identity's accounts, and those who have none yet at once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    build_index(op, "ix_people_link_index", "people", ["link_index"])
    build_index(op, "ix_people_unlinked", "people", ["id"], postgresql_where=sa.text("link_index IS NULL"))


def downgrade() -> None:
    op.drop_index("ix_people_unlinked", "people")
    op.drop_index("ix_people_link_index", "people")
