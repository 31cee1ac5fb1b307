"""Units' bank accounts, the bank directory with its imports, changes of registration with their attachments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.db.migrations import enable_unit_rls

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# domain.md §3 (银行大类; common practice, not checked against an official list). The agency adds others by its imports.
_BANK_CLASSES = {
    "102": ("中国工商银行", "工行"),
    "103": ("中国农业银行", "农行"),
    "104": ("中国银行", "中行"),
    "105": ("中国建设银行", "建行"),
    "301": ("交通银行", "交行"),
    "302": ("中信银行", "中信"),
    "303": ("中国光大银行", "光大"),
    "304": ("华夏银行", "华夏"),
    "305": ("中国民生银行", "民生"),
    "306": ("广发银行", "广发"),
    "307": ("平安银行", "平安"),
    "308": ("招商银行", "招行"),
    "309": ("兴业银行", "兴业"),
    "310": ("上海浦东发展银行", "浦发"),
    "313": ("城市商业银行", "城商行"),
    "316": ("浙商银行", "浙商"),
    "402": ("农村商业银行、农村信用社", "农商行"),
    "403": ("中国邮政储蓄银行", "邮储"),
}


def _enable_agency_rls(table: str) -> None:
    scope = "current_setting('hall.scope', true)"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_of_agency ON {table} USING ({scope} IN ('agency', 'system'))")


def upgrade() -> None:
    """Creates the tables and fills the bank classes."""
    op.add_column("unit_contacts", sa.Column("legal_representative_id_type", sa.String(2)))
    classes = op.create_table(
        "bank_classes",
        sa.Column("code", sa.String(3), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("short_name", sa.String(10), nullable=False),
    )
    op.bulk_insert(
        classes, [{"code": code, "name": name, "short_name": short} for code, (name, short) in _BANK_CLASSES.items()]
    )
    op.create_table(
        "bank_branches",
        sa.Column("code", sa.String(12), primary_key=True),
        sa.Column("bank_class", sa.String(3), sa.ForeignKey("bank_classes.code"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("short_name", sa.String(60), nullable=False),
        sa.Column("short_grams", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("status", sa.String(6), server_default="open", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_bank_branches_status")),
    )
    op.create_index("ix_bank_branches_class", "bank_branches", ["bank_class", "code"])
    op.create_index("ix_bank_branches_short_grams", "bank_branches", ["short_grams"], postgresql_using="gin")
    op.create_table(
        "bank_imports",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("changed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("uploaded_by", sa.Uuid()),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("stage IN ('checked', 'confirmed', 'expired')", name=op.f("ck_bank_imports_stage")),
    )
    op.create_index("ix_bank_imports_uploaded_at", "bank_imports", ["uploaded_at"])
    op.create_table(
        "bank_import_rows",
        sa.Column("import_id", sa.Uuid(), sa.ForeignKey("bank_imports.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("cells", postgresql.JSONB(), nullable=False),
        sa.Column("faults", postgresql.JSONB(), nullable=False),
        sa.Column("good", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "ix_bank_import_rows_bad", "bank_import_rows", ["import_id", "number"], postgresql_where=sa.text("NOT good")
    )
    for table in ("bank_imports", "bank_import_rows"):
        _enable_agency_rls(table)
    op.create_table(
        "unit_bank_accounts",
        sa.Column("employer_no", sa.String(20), sa.ForeignKey("units.employer_no"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("branch_code", sa.String(12), nullable=False),
        sa.Column("branch_name", sa.String(100), nullable=False),
        sa.Column("bank_class_name", sa.String(40), nullable=False),
        sa.Column("account_name", sa.String(100), nullable=False),
        sa.Column("account_number", sa.LargeBinary(), nullable=False),
        sa.Column("account_number_masked", sa.String(40), nullable=False),
        sa.Column("entered_by", sa.Uuid()),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "uq_unit_bank_accounts_present",
        "unit_bank_accounts",
        ["employer_no"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "registration_changes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("employer_no", sa.String(20), sa.ForeignKey("units.employer_no"), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("id_number", sa.LargeBinary()),
        sa.Column("remark", sa.String(500)),
        sa.Column("application_no", sa.String(20)),
        sa.Column("refusal", sa.String(200)),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "status IN ('pending', 'applied', 'rejected', 'withdrawn', 'not_applied')",
            name=op.f("ck_registration_changes_status"),
        ),
    )
    op.create_index("ix_registration_changes_unit", "registration_changes", ["employer_no", "requested_at"])
    op.create_index(
        "uq_registration_changes_pending",
        "registration_changes",
        ["employer_no"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "change_attachments",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("employer_no", sa.String(20), sa.ForeignKey("units.employer_no"), nullable=False),
        sa.Column("change_id", sa.Uuid(), sa.ForeignKey("registration_changes.id")),
        sa.Column("position", sa.Integer()),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_change_attachments_change", "change_attachments", ["change_id"])
    op.create_index("ix_change_attachments_digest", "change_attachments", ["digest"])
    op.create_index(
        "ix_change_attachments_loose",
        "change_attachments",
        ["employer_no", "uploaded_at"],
        postgresql_where=sa.text("change_id IS NULL"),
    )
    for table in ("unit_bank_accounts", "registration_changes", "change_attachments"):
        enable_unit_rls(op, table)


def downgrade() -> None:
    """Drops what `upgrade` made."""
    for table in (
        "change_attachments",
        "registration_changes",
        "unit_bank_accounts",
        "bank_import_rows",
        "bank_imports",
        "bank_branches",
        "bank_classes",
    ):
        op.drop_table(table)
    op.drop_column("unit_contacts", "legal_representative_id_type")
