"""Review: what the checks found, what a decision did, change requests of units, who set what to automatic."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KNOWN_FLAG = "ck_applications_known_flag"
_NAMES_ITS_REQUEST = "ck_applications_change_names_its_request"


def upgrade() -> None:
    for column in (
        sa.Column("flag", sa.Text),
        sa.Column("effect", postgresql.JSONB),
        sa.Column("change_id", sa.Uuid),
        sa.Column("changed_fields", postgresql.ARRAY(sa.Text)),
    ):
        op.add_column("applications", column)
    for name, condition in (
        (_KNOWN_FLAG, "flag IN ('ok', 'warning', 'refusal')"),
        (_NAMES_ITS_REQUEST, "(kind = 'employer_change') = (change_id IS NOT NULL)"),
    ):
        # Not valid first: the rows are read afterwards, under a lock that lets everybody work on.
        op.create_check_constraint(op.f(name), "applications", condition, postgresql_not_valid=True)
        op.execute(f"ALTER TABLE applications VALIDATE CONSTRAINT {name}")
    for column in (
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("changed_by", sa.Uuid),
        sa.Column("changed_by_name", sa.Text),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("decision_settings", column)


def downgrade() -> None:
    for column in ("changed_at", "changed_by_name", "changed_by", "version"):
        op.drop_column("decision_settings", column)
    op.drop_constraint(_NAMES_ITS_REQUEST, "applications")
    op.drop_constraint(_KNOWN_FLAG, "applications")
    for column in ("changed_fields", "change_id", "effect", "flag"):
        op.drop_column("applications", column)
