"""Files apart from documents: a report may make many documents in one file, or a workbook and no document at all."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import enable_unit_rls

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCOPE = "(SELECT current_setting('hall.scope', true))"
_ACCOUNT = "(SELECT current_setting('hall.account_id', true))"
# Row level security holds the migrator too.
_SEE_ALL = "SELECT set_config('hall.scope', 'system', true)"


def upgrade() -> None:
    op.execute(_SEE_ALL)
    op.create_table(
        "files",
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text),
        sa.Column("requested_by", sa.Uuid, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("full_numbers", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_files")),
        sa.CheckConstraint("type IN ('pdf', 'zip', 'xlsx')", name=op.f("ck_files_known_type")),
    )
    op.create_index("ix_files_expires_at", "files", ["expires_at"], postgresql_where=sa.text("removed_at IS NULL"))
    op.create_index("ix_files_sha256", "files", ["sha256"])
    op.execute(
        "INSERT INTO files (job_id, employer_no, requested_by, label, type, sha256, size, full_numbers, expires_at, "
        "removed_at) SELECT job_id, employer_no, requested_by, label, 'pdf', sha256, size, true, file_expires_at, "
        "file_removed_at FROM documents"
    )
    enable_unit_rls(op, "files")
    op.execute(
        "CREATE POLICY files_of_person ON files FOR SELECT"
        f" USING ({_SCOPE} = 'person' AND employer_no IS NULL AND requested_by::text = {_ACCOUNT})"
    )
    op.drop_index("ix_documents_file_expires_at", "documents")
    for column in ("label", "size", "file_expires_at", "file_removed_at"):
        op.drop_column("documents", column)
    op.add_column("documents", sa.Column("position", sa.SmallInteger, nullable=False, server_default="0"))
    op.alter_column("documents", "position", server_default=None)
    op.add_column("documents", sa.Column("revoked_at", sa.DateTime(timezone=True)))
    op.add_column("documents", sa.Column("revoked_reason", sa.Text))
    op.add_column("documents", sa.Column("revoked_by", sa.Uuid))
    op.create_check_constraint(
        op.f("ck_documents_revoked_with_a_reason"), "documents", "(revoked_at IS NULL) = (revoked_reason IS NULL)"
    )
    op.drop_constraint(op.f("uq_documents_job_id"), "documents", type_="unique")
    op.create_unique_constraint(op.f("uq_documents_job_id_position"), "documents", ["job_id", "position"])


def downgrade() -> None:
    op.execute(_SEE_ALL)
    op.execute("DELETE FROM documents WHERE position > 0")
    op.drop_constraint(op.f("uq_documents_job_id_position"), "documents", type_="unique")
    op.create_unique_constraint(op.f("uq_documents_job_id"), "documents", ["job_id"])
    op.drop_constraint(op.f("ck_documents_revoked_with_a_reason"), "documents", type_="check")
    for column in ("revoked_by", "revoked_reason", "revoked_at", "position"):
        op.drop_column("documents", column)
    op.add_column("documents", sa.Column("label", sa.Text, nullable=False, server_default=""))
    op.add_column("documents", sa.Column("size", sa.Integer, nullable=False, server_default="0"))
    op.add_column(
        "documents",
        sa.Column("file_expires_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.add_column("documents", sa.Column("file_removed_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE documents SET label = files.label, size = files.size, file_expires_at = files.expires_at, "
        "file_removed_at = files.removed_at FROM files WHERE files.job_id = documents.job_id"
    )
    for column in ("label", "size", "file_expires_at"):
        op.alter_column("documents", column, server_default=None)
    op.create_index(
        "ix_documents_file_expires_at",
        "documents",
        ["file_expires_at"],
        postgresql_where=sa.text("file_removed_at IS NULL"),
    )
    op.drop_table("files")
