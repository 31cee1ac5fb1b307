"""Who is looking at an application right now: the desk's 正在审核."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "review_claims",
        sa.Column("application_no", sa.Text, nullable=False),
        sa.Column("reviewer_id", sa.Uuid, nullable=False),
        sa.Column("reviewer_name", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application_no", name="pk_review_claims"),
    )
    op.create_index("ix_review_claims_until", "review_claims", ["until"])
    # The desk's own business: a unit isn't told who looks at its applications.
    op.execute("ALTER TABLE review_claims ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE review_claims FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY review_claims_of_the_agency ON review_claims "
        "USING ((SELECT current_setting('hall.scope', true)) IN ('agency', 'system'))"
    )


def downgrade() -> None:
    op.drop_table("review_claims")
