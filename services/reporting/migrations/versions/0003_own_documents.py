"""Documents of insured persons: asked for by their owner, of no unit."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCOPE = "(SELECT current_setting('hall.scope', true))"
_ACCOUNT = "(SELECT current_setting('hall.account_id', true))"


def upgrade() -> None:
    op.alter_column("documents", "employer_no", existing_type=sa.Text, nullable=True)
    op.execute(
        "CREATE POLICY documents_of_person ON documents FOR SELECT"
        f" USING ({_SCOPE} = 'person' AND employer_no IS NULL AND requested_by::text = {_ACCOUNT})"
    )


def downgrade() -> None:
    op.execute("DROP POLICY documents_of_person ON documents")
    op.execute("DELETE FROM documents WHERE employer_no IS NULL")
    op.alter_column("documents", "employer_no", existing_type=sa.Text, nullable=False)
