"""Issued documents, and the kit's tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.db.migrations import create_kit_tables, drop_kit_tables, enable_unit_rls

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    create_kit_tables(op)
    op.execute("CREATE SEQUENCE document_numbers")
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("facts", postgresql.JSONB, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("file_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_removed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("job_id", name=op.f("uq_documents_job_id")),
        sa.UniqueConstraint("code", name=op.f("uq_documents_code")),
        sa.UniqueConstraint("number", name=op.f("uq_documents_number")),
        sa.CheckConstraint("char_length(code) = 25", name=op.f("ck_documents_whole_code")),
    )
    op.create_index(
        "ix_documents_file_expires_at",
        "documents",
        ["file_expires_at"],
        postgresql_where=sa.text("file_removed_at IS NULL"),
    )
    op.create_index("ix_documents_sha256", "documents", ["sha256"])
    enable_unit_rls(op, "documents")


def downgrade() -> None:
    op.drop_table("documents")
    op.execute("DROP SEQUENCE document_numbers")
    drop_kit_tables(op)
