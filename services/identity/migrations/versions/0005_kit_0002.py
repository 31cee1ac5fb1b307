"""The kit's second change: jobs that wait, and that are found faster."""

from collections.abc import Sequence

from alembic import op

from servicekit.db.migrations import change_kit_0002, undo_kit_0002

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    change_kit_0002(op)


def downgrade() -> None:
    undo_kit_0002(op)
