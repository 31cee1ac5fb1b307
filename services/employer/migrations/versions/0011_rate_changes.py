"""Changes of rates and limits with four eyes; each rate says what it is rounded to."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_PENDING = "status = 'pending' AND subject = '{}'"


def upgrade() -> None:
    """Adds the column and the table of proposals, which is the agency's."""
    op.add_column("rates", sa.Column("rounding", sa.SmallInteger(), server_default=sa.text("2"), nullable=False))
    op.create_check_constraint(op.f("ck_rates_rounding"), "rates", "rounding BETWEEN 0 AND 2")
    op.create_table(
        "rate_changes",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("subject", sa.String(6), nullable=False),
        sa.Column("insurance", sa.String(3), sa.ForeignKey("insurance_types.code")),
        sa.Column("employer_kind", sa.String(2), sa.ForeignKey("employer_kinds.code")),
        sa.Column("first_month", sa.Date()),
        sa.Column("last_month", sa.Date()),
        sa.Column("employer_rate", sa.Numeric(7, 5)),
        sa.Column("own_rate", sa.Numeric(7, 5)),
        sa.Column("employer_fixed", sa.Numeric(14, 2)),
        sa.Column("own_fixed", sa.Numeric(14, 2)),
        sa.Column("rounding", sa.Integer()),
        sa.Column("year", sa.Integer()),
        sa.Column("lower", sa.Numeric(14, 2)),
        sa.Column("upper", sa.Numeric(14, 2)),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_by_name", sa.String(50), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid()),
        sa.Column("decided_by_name", sa.String(50)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String(200)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("subject IN ('rate', 'limits')", name=op.f("ck_rate_changes_known_subject")),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_rate_changes_known_status")
        ),
        sa.CheckConstraint(
            "CASE subject WHEN 'rate' THEN insurance IS NOT NULL AND employer_kind IS NOT NULL"
            " AND first_month IS NOT NULL AND employer_rate IS NOT NULL AND own_rate IS NOT NULL"
            " AND employer_fixed IS NOT NULL AND own_fixed IS NOT NULL AND rounding IS NOT NULL"
            " ELSE year IS NOT NULL AND lower IS NOT NULL AND upper IS NOT NULL END",
            name=op.f("ck_rate_changes_whole"),
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR status <> 'approved' OR decided_by <> proposed_by",
            name=op.f("ck_rate_changes_four_eyes"),
        ),
    )
    for name, columns, subject in (
        ("uq_rate_changes_pending_rate", ["insurance", "employer_kind"], "rate"),
        ("uq_rate_changes_pending_limits", ["year"], "limits"),
    ):
        where = sa.text(_PENDING.format(subject))
        op.create_index(name, "rate_changes", columns, unique=True, postgresql_where=where)
    op.execute("ALTER TABLE rate_changes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE rate_changes FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY rate_changes_of_the_agency ON rate_changes "
        "USING ((SELECT current_setting('hall.scope', true)) IN ('agency', 'system'))"
    )


def downgrade() -> None:
    """Drops what `upgrade` added."""
    op.drop_table("rate_changes")
    op.drop_constraint(op.f("ck_rates_rounding"), "rates")
    op.drop_column("rates", "rounding")
