"""Files of receipts, and what was paid too much."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from servicekit.db.migrations import app_role, enable_unit_rls

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OF_THE_AGENCY = ("receipt_imports", "receipt_import_parts", "receipt_lines")


def upgrade() -> None:
    """Creates the tables; units see their overpayments, files are the agency's."""
    op.create_table(
        "overpayments",
        sa.Column("employer_no", sa.String(20), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("insurance", sa.String(3), primary_key=True),
        sa.Column("amount", sa.Numeric(18, 2), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_overpayments_not_negative")),
    )
    enable_unit_rls(op, "overpayments")
    op.create_table(
        "receipt_imports",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("refusal", JSONB(none_as_null=True)),
        sa.Column("counts", JSONB(), nullable=False),
        sa.Column("amounts", JSONB(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_by_name", sa.String(50), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid()),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.UniqueConstraint("digest", name=op.f("uq_receipt_imports_digest")),
        sa.CheckConstraint(
            "stage IN ('checking', 'refused', 'checked', 'booking', 'booked')",
            name=op.f("ck_receipt_imports_known_stage"),
        ),
        sa.CheckConstraint(
            "(stage = 'refused') = (refusal IS NOT NULL)", name=op.f("ck_receipt_imports_refused_with_a_reason")
        ),
    )
    op.create_table(
        "receipt_import_parts",
        sa.Column("import_id", sa.Uuid(), sa.ForeignKey("receipt_imports.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "receipt_lines",
        sa.Column("import_id", sa.Uuid(), sa.ForeignKey("receipt_imports.id"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("outcome", sa.String(9), nullable=False),
        sa.Column("employer_no", sa.String(20)),
        sa.Column("employer_name", sa.String(100)),
        sa.Column("month", sa.Date()),
        sa.Column("insurance", sa.String(3)),
        sa.Column("amount", sa.Numeric(18, 2)),
        sa.Column("received_on", sa.Date()),
        sa.Column("reference", sa.String(64)),
        sa.Column("surplus", sa.Numeric(18, 2)),
        sa.Column("faults", JSONB(none_as_null=True)),
        sa.Column("cells", JSONB(none_as_null=True)),
        sa.Column("booked_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "outcome IN ('matched', 'partial', 'overpaid', 'unknown', 'duplicate', 'faulty')",
            name=op.f("ck_receipt_lines_known_outcome"),
        ),
    )
    op.create_index(
        "uq_receipt_lines_booked",
        "receipt_lines",
        ["employer_no", "month", "insurance", "reference"],
        unique=True,
        postgresql_where=sa.text("booked_at IS NOT NULL"),
    )
    op.create_index("ix_receipt_lines_outcome", "receipt_lines", ["import_id", "outcome", "number"])
    for table in _OF_THE_AGENCY:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_of_the_agency ON {table} "
            "USING ((SELECT current_setting('hall.scope', true)) IN ('agency', 'system'))"
        )
    app = f'"{app_role(op)}"'
    # What was booked stays as evidence; lines of a file that is checked again go before that.
    op.execute(f"REVOKE TRUNCATE ON receipt_imports, receipt_lines FROM {app}")


def downgrade() -> None:
    """Drops the tables."""
    for table in ("receipt_lines", "receipt_import_parts", "receipt_imports", "overpayments"):
        op.drop_table(table)
