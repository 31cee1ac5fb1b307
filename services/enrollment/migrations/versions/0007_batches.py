"""Batches: uploaded files and their sealed rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.db.migrations import enable_unit_rls

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_TABLES = ("batches", "batch_parts", "batch_rows")


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("business_day", sa.Date, nullable=False),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("layout", postgresql.JSONB),
        sa.Column("refusal", postgresql.JSONB),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("good", sa.Integer, nullable=False),
        sa.Column("bad", sa.Integer, nullable=False),
        sa.Column("submitted", sa.Integer, nullable=False),
        sa.Column("uploaded_by", sa.Uuid, nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid),
        sa.Column("confirmed_as", sa.Text),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("employer_no", "id", name="pk_batches"),
        sa.CheckConstraint("kind IN ('addition', 'removal')", name=op.f("ck_batches_known_kind")),
        sa.CheckConstraint(
            "stage IN ('checking', 'refused', 'checked', 'submitting', 'submitted', 'expired')",
            name=op.f("ck_batches_known_stage"),
        ),
        sa.CheckConstraint(
            "(stage = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_batches_refused_with_a_reason")
        ),
    )
    op.create_index(
        "uq_batches_one_per_file", "batches", ["employer_no", "kind", "digest", "business_day"], unique=True
    )
    op.create_index(
        "ix_batches_employer_no_kind_uploaded_at", "batches", ["employer_no", "kind", sa.text("uploaded_at DESC")]
    )
    op.create_index("ix_batches_expires_at", "batches", ["expires_at"], postgresql_where=sa.text("stage <> 'expired'"))
    op.create_table(
        "batch_parts",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("employer_no", "batch_id", "position", name="pk_batch_parts"),
        _of_batch("batch_parts"),
    )
    op.create_table(
        "batch_rows",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("batch_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("application_no", sa.Text),
        sa.PrimaryKeyConstraint("employer_no", "batch_id", "number", name="pk_batch_rows"),
        _of_batch("batch_rows"),
        sa.CheckConstraint("state IN ('good', 'bad', 'submitted')", name=op.f("ck_batch_rows_known_state")),
        sa.CheckConstraint(
            "(state = 'submitted') = (sealed IS NULL)", name=op.f("ck_batch_rows_sealed_until_submitted")
        ),
    )
    for table in _TABLES:
        enable_unit_rls(op, table)


def _of_batch(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["employer_no", "batch_id"],
        ["batches.employer_no", "batches.id"],
        name=f"fk_{table}_employer_no_batch_id_batches",
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
