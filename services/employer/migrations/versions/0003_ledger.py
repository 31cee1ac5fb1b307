"""The billing roster, the ledger and its assessments."""

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import app_role, enable_unit_rls

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_GUARDED = ("roster", "roster_wages", "contributions", "statements", "receipts", "billing_positions")

# The app role cannot create tables; this one thing it may have done for it. Partitions lie in a schema the app cannot
# enter, so they are reached through the guarded table only.
_ENSURE_MONTH = """
CREATE FUNCTION ensure_contribution_month(wanted date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first_day date := date_trunc('month', wanted)::date;
    partition text := 'contributions_' || to_char(first_day, 'YYYYMM');
BEGIN
    IF to_regclass('ledger.' || partition) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ensure_contribution_month'));
    IF to_regclass('ledger.' || partition) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Made beside the parent and attached: that does not block its readers and writers, PARTITION OF would.
    EXECUTE format('CREATE TABLE ledger.%I (LIKE public.contributions INCLUDING ALL)', partition);
    EXECUTE format(
        'ALTER TABLE public.contributions ATTACH PARTITION ledger.%I FOR VALUES FROM (%L) TO (%L)',
        partition, first_day, (first_day + interval '1 month')::date
    );
END
$$
"""


def upgrade() -> None:
    """Creates the tables; what is only ever added loses the rights to change it."""
    _create_roster()
    _create_ledger()
    _create_assessments()
    for table in _GUARDED:
        enable_unit_rls(op, table)
    for table in ("assessments", "assessment_parts"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_of_the_agency ON {table} "
            "USING ((SELECT current_setting('hall.scope', true)) IN ('agency', 'system'))"
        )
    app = f'"{app_role(op)}"'
    op.execute("CREATE SCHEMA ledger")
    op.execute(_ENSURE_MONTH)
    op.execute("REVOKE ALL ON FUNCTION ensure_contribution_month(date) FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION ensure_contribution_month(date) TO {app}")
    for table in ("contributions", "receipts"):
        op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {app}")
    op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON statements FROM {app}")
    op.execute(f"GRANT UPDATE (received, received_on) ON statements TO {app}")


def _create_roster() -> None:
    op.create_table(
        "roster",
        sa.Column("employer_no", sa.String(20), sa.ForeignKey("units.employer_no"), primary_key=True),
        sa.Column("coverage_id", sa.Uuid(), primary_key=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("insurance", sa.String(3), nullable=False),
        sa.Column("person_category", sa.String(4), nullable=False),
        sa.Column("start_month", sa.Date(), nullable=False),
        sa.Column("stop_month", sa.Date()),
        sa.Column("wage", sa.Numeric(14, 2), nullable=False),
        sa.Column("wage_from", sa.Date(), nullable=False),
        sa.Column("fresh", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("revised_from", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    # Room on each page for the one update every row gets (`fresh`), so that it needs no new index entries.
    op.execute("ALTER TABLE roster SET (fillfactor = 80)")
    op.create_index("ix_roster_employer_no_person_id", "roster", ["employer_no", "person_id"])
    op.create_table(
        "roster_wages",
        sa.Column("employer_no", sa.String(20), primary_key=True),
        sa.Column("coverage_id", sa.Uuid(), primary_key=True),
        sa.Column("first_month", sa.Date(), primary_key=True),
        sa.Column("wage", sa.Numeric(14, 2), nullable=False),
        sa.ForeignKeyConstraint(["employer_no", "coverage_id"], ["roster.employer_no", "roster.coverage_id"]),
    )


def _create_ledger() -> None:
    op.create_table(
        "contributions",
        sa.Column("employer_no", sa.String(20), primary_key=True),
        sa.Column("person_id", sa.Uuid(), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("insurance", sa.String(3), primary_key=True),
        sa.Column("entry", sa.SmallInteger(), primary_key=True, autoincrement=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Numeric(14, 2), nullable=False),
        sa.Column("employer_amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("own_amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("reason", sa.String(200)),
        sa.CheckConstraint("(entry = 0) = (reason IS NULL)", name=op.f("ck_contributions_corrections_say_why")),
        postgresql_partition_by="RANGE (month)",
    )
    statement_key = ["employer_no", "month", "insurance", "assessment_id"]
    op.create_table(
        "statements",
        sa.Column("employer_no", sa.String(20), primary_key=True),
        sa.Column("month", sa.Date(), primary_key=True),
        sa.Column("insurance", sa.String(3), primary_key=True),
        sa.Column("assessment_id", sa.Uuid(), primary_key=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("base", sa.Numeric(18, 2), nullable=False),
        sa.Column("employer_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("own_amount", sa.Numeric(18, 2), nullable=False),
        sa.Column(
            "total", sa.Numeric(18, 2), sa.Computed("employer_amount + own_amount", persisted=True), nullable=False
        ),
        sa.Column("received", sa.Numeric(18, 2), server_default=sa.text("0"), nullable=False),
        sa.Column("received_on", sa.Date()),
        sa.Column(
            "status",
            sa.String(1),
            sa.Computed(
                "CASE WHEN received >= employer_amount + own_amount THEN '1' WHEN received = 0 THEN '0' ELSE '2' END",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.create_table(
        "receipts",
        sa.Column("employer_no", sa.String(20), primary_key=True),
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("insurance", sa.String(3), nullable=False),
        sa.Column("assessment_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(18, 2), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            statement_key, [f"statements.{column}" for column in statement_key], name="fk_receipts_statements"
        ),
        sa.UniqueConstraint(*statement_key, "reference", name="uq_receipts_reference"),
    )


def _create_assessments() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("requested_by", sa.Uuid()),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "assessment_parts",
        sa.Column("assessment_id", sa.Uuid(), sa.ForeignKey("assessments.id"), primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("first_employer_no", sa.String(20), nullable=False),
        sa.Column("last_employer_no", sa.String(20), nullable=False),
        sa.Column("coverages", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unpriced", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "billing_positions",
        sa.Column("employer_no", sa.String(20), sa.ForeignKey("units.employer_no"), primary_key=True),
        sa.Column("assessed_through", sa.Date(), nullable=False),
    )


def downgrade() -> None:
    """Drops what `upgrade` made, the ledger's partitions with their table."""
    op.execute("DROP FUNCTION ensure_contribution_month(date)")
    for table in ("billing_positions", "assessment_parts", "assessments", "receipts", "statements", "contributions"):
        op.drop_table(table)
    op.execute("DROP SCHEMA ledger")
    op.drop_table("roster_wages")
    op.drop_table("roster")
