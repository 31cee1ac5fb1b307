"""The tables of the foundation, row level security, and the two functions that look past it for a bare fact."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.db.migrations import create_kit_tables, drop_kit_tables, enable_unit_rls

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KINDS = "kind IN ('addition', 'removal', 'person_change', 'employer_change')"
_STATUSES = "status IN ('pending', 'withdrawn', 'approved', 'rejected')"
_OPEN = sa.text("stop_month IS NULL")
# As sub-queries: evaluated once per statement, not once per row.
_SCOPE = "(SELECT current_setting('hall.scope', true))"
_EMPLOYER = "(SELECT current_setting('hall.employer_no', true))"


def upgrade() -> None:
    create_kit_tables(op)
    _dictionaries()
    _employers()
    _people()
    _coverage()
    _roster()
    _applications()
    for table in ("employers", "coverage", "roster", "roster_names", "applications"):
        enable_unit_rls(op, table)
    _people_rls()
    _functions()


def _dictionaries() -> None:
    op.create_table(
        "dictionary_entries",
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("table_name", "code", name="pk_dictionary_entries"),
    )
    op.create_table(
        "dictionary_version",
        sa.Column("singleton", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("singleton", name="pk_dictionary_version"),
        sa.CheckConstraint("singleton", name=op.f("ck_dictionary_version_only_one_row")),
    )


def _employers() -> None:
    op.create_table(
        "employers",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("uscc", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("is_virtual", sa.Boolean, nullable=False),
        sa.Column("online_declaration", sa.Boolean, nullable=False),
        sa.Column("insurances", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("employer_no", name="pk_employers"),
    )
    op.create_index("ix_employers_uscc", "employers", ["uscc"])


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("id_type", sa.Text, nullable=False),
        sa.Column("id_number", sa.LargeBinary, nullable=False),
        sa.Column("id_number_index", sa.LargeBinary, nullable=False),
        sa.Column("id_number_masked", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.Column("sex", sa.Text, nullable=False),
        sa.Column("birth_date", sa.Date, nullable=False),
        sa.Column("nationality", sa.Text, nullable=False),
        sa.Column("household_kind", sa.Text, nullable=False),
        sa.Column("household_region", sa.Text),
        sa.Column("household_address", sa.Text),
        sa.Column("marital_status", sa.Text),
        sa.Column("education_level", sa.Text),
        sa.Column("work_start_date", sa.Date),
        sa.Column("mobile", sa.LargeBinary, nullable=False),
        sa.Column("mobile_index", sa.LargeBinary, nullable=False),
        sa.Column("mobile_masked", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("contact_address", sa.Text, nullable=False),
        sa.Column("postal_code", sa.Text),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_index("uq_people_id_type_id_number_index", "people", ["id_type", "id_number_index"], unique=True)
    op.create_index("ix_people_mobile_index", "people", ["mobile_index"])


def _coverage() -> None:
    op.create_table(
        "coverage",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employer_no", sa.Text),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("insurance", sa.Text, nullable=False),
        sa.Column("person_category", sa.Text),
        sa.Column("monthly_wage", sa.Numeric(14, 2)),
        sa.Column("start_month", sa.Date, nullable=False),
        sa.Column("stop_month", sa.Date),
        sa.Column("stop_reason", sa.Text),
        sa.Column("started_by", sa.Text),
        sa.Column("stopped_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_coverage"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_coverage_person_id_people"),
        sa.CheckConstraint(
            "stop_month IS NULL OR stop_month >= start_month", name=op.f("ck_coverage_stops_after_start")
        ),
        sa.CheckConstraint("extract(day FROM start_month) = 1", name=op.f("ck_coverage_start_is_a_month")),
        sa.CheckConstraint("extract(day FROM stop_month) = 1", name=op.f("ck_coverage_stop_is_a_month")),
        sa.CheckConstraint(
            "employer_no IS NULL OR monthly_wage IS NOT NULL", name=op.f("ck_coverage_employees_have_a_wage")
        ),
    )
    op.create_index(
        "uq_coverage_open_per_insurance", "coverage", ["person_id", "insurance"], unique=True, postgresql_where=_OPEN
    )
    op.create_index(
        "uq_coverage_open_employee_medical",
        "coverage",
        ["person_id"],
        unique=True,
        postgresql_where=sa.text("insurance = '310' AND stop_month IS NULL"),
    )
    op.create_index("ix_coverage_employer_no_person_id", "coverage", ["employer_no", "person_id"])
    op.create_index("ix_coverage_person_id", "coverage", ["person_id"])


def _roster() -> None:
    op.create_table(
        "roster",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_folded", sa.Text, nullable=False),
        sa.Column("sex", sa.Text, nullable=False),
        sa.Column("id_number_index", sa.LargeBinary, nullable=False),
        sa.Column("id_number_masked", sa.Text, nullable=False),
        sa.Column("start_month", sa.Date, nullable=False),
        sa.Column("stop_month", sa.Date),
        sa.Column("stop_reason", sa.Text),
        sa.Column("insurances", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("person_category", sa.Text, nullable=False),
        sa.Column("monthly_wage", sa.Numeric(14, 2), nullable=False),
        sa.PrimaryKeyConstraint("employer_no", "person_id", name="pk_roster"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_roster_person_id_people"),
    )
    op.create_index(
        "ix_roster_employer_no_start_month_person_id", "roster", ["employer_no", "start_month", "person_id"]
    )
    op.create_index("ix_roster_employer_no_id_number_index", "roster", ["employer_no", "id_number_index"])
    op.create_index("ix_roster_person_id", "roster", ["person_id"])
    op.create_table(
        "roster_names",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("employer_no", "token", "person_id", name="pk_roster_names"),
        sa.ForeignKeyConstraint(
            ["employer_no", "person_id"],
            ["roster.employer_no", "roster.person_id"],
            name="fk_roster_names_employer_no_person_id_roster",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_roster_names_employer_no_person_id", "roster_names", ["employer_no", "person_id"])


def _applications() -> None:
    op.execute("CREATE SEQUENCE application_numbers")
    op.create_table(
        "applications",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("no", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("employer_name", sa.Text, nullable=False),
        sa.Column("person_id", sa.Uuid),
        sa.Column("person_name", sa.Text),
        sa.Column("id_number", sa.LargeBinary),
        sa.Column("id_number_index", sa.LargeBinary),
        sa.Column("id_number_masked", sa.Text),
        sa.Column("start_month", sa.Date),
        sa.Column("form", postgresql.JSONB, nullable=False),
        sa.Column("mobile", sa.LargeBinary),
        sa.Column("mobile_masked", sa.Text),
        sa.Column("submitted_by", sa.Uuid, nullable=False),
        sa.Column("submitted_on", sa.Date, nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid),
        sa.Column("decided_by_name", sa.Text),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decision_reason", sa.Text),
        sa.Column("findings", postgresql.JSONB),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("employer_no", "no", name="pk_applications"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_applications_person_id_people"),
        sa.CheckConstraint(_KINDS, name=op.f("ck_applications_known_kind")),
        sa.CheckConstraint(_STATUSES, name=op.f("ck_applications_known_status")),
        sa.CheckConstraint(
            "(status = 'pending') = (decided_at IS NULL)", name=op.f("ck_applications_decided_when_not_pending")
        ),
        sa.CheckConstraint(
            "status <> 'rejected' OR decision_reason IS NOT NULL", name=op.f("ck_applications_rejected_with_a_reason")
        ),
    )
    op.create_index(
        "uq_applications_one_pending",
        "applications",
        ["employer_no", "person_id", "kind"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_applications_no", "applications", ["no"])
    op.create_index(
        "ix_applications_employer_no_submitted_at", "applications", ["employer_no", sa.text("submitted_at DESC")]
    )
    op.create_index(
        "ix_applications_queue", "applications", ["submitted_at"], postgresql_where=sa.text("status = 'pending'")
    )
    op.create_index(
        "ix_applications_decided",
        "applications",
        [sa.text("decided_at DESC")],
        postgresql_where=sa.text("status <> 'pending'"),
    )
    op.create_index("ix_applications_employer_no_id_number_index", "applications", ["employer_no", "id_number_index"])
    op.create_index("ix_applications_person_id", "applications", ["person_id"])
    op.create_table(
        "decision_settings",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("kind", name="pk_decision_settings"),
        sa.CheckConstraint(_KINDS, name=op.f("ck_decision_settings_known_kind")),
    )


def _people_rls() -> None:
    """A unit sees and changes the people on its own roster, and may add anybody."""
    of_everybody = f"{_SCOPE} IN ('agency', 'system')"
    on_roster = (
        f"({_SCOPE} = 'unit' AND EXISTS (SELECT FROM roster r"
        f" WHERE r.person_id = people.id AND r.employer_no = {_EMPLOYER}))"
    )
    op.execute("ALTER TABLE people ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE people FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY people_seen ON people FOR SELECT USING ({of_everybody} OR {on_roster})")
    op.execute(f"CREATE POLICY people_added ON people FOR INSERT WITH CHECK ({of_everybody} OR {_SCOPE} = 'unit')")
    op.execute(f"CREATE POLICY people_changed ON people FOR UPDATE USING ({of_everybody} OR {on_roster})")


# A function may not carry `SET hall.scope` unless a superuser grants that, so the scope is lifted by hand for the one
# query. If the query fails, the setting goes back with the transaction or savepoint, since it is local to it.
_BARE_FACT = """
    CREATE FUNCTION {signature}
    LANGUAGE plpgsql
    AS $$
    #variable_conflict use_column
    DECLARE
        own_scope text := current_setting('hall.scope', true);
    BEGIN
        PERFORM set_config('hall.scope', 'system', true);
        RETURN QUERY {query};
        PERFORM set_config('hall.scope', coalesce(own_scope, 'none'), true);
    END
    $$
"""


def _functions() -> None:
    """Both look at the rows of every unit but give back the bare fact."""
    op.execute(
        _BARE_FACT.format(
            signature="""find_person(wanted_type text, wanted_index bytea, wanted_name text)
                RETURNS TABLE (id uuid, confirmed boolean, name_agrees boolean)""",
            query="""
                SELECT p.id, p.confirmed_at IS NOT NULL, p.name_folded = wanted_name
                FROM people p
                WHERE p.id_type = wanted_type AND p.id_number_index = wanted_index""",
        )
    )
    op.execute(
        _BARE_FACT.format(
            signature="""present_covers(wanted_person uuid, seen_by text)
                RETURNS TABLE (holder text, insurance text, start_month date, stop_month date)""",
            query="""
                SELECT CASE
                           WHEN c.employer_no = seen_by THEN 'this_unit'
                           WHEN c.employer_no IS NOT NULL THEN 'other_unit'
                           WHEN c.insurance = '390' THEN 'resident'
                           ELSE 'flexible'
                       END,
                       c.insurance, c.start_month, c.stop_month
                FROM coverage c
                WHERE c.person_id = wanted_person
                ORDER BY c.start_month, c.insurance""",
        )
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION present_covers(uuid, text)")
    op.execute("DROP FUNCTION find_person(text, bytea, text)")
    op.execute("DROP POLICY people_seen ON people")
    op.execute("DROP POLICY people_changed ON people")
    for table in ("decision_settings", "applications", "roster_names", "roster", "coverage", "people", "employers"):
        op.drop_table(table)
    op.execute("DROP SEQUENCE application_numbers")
    op.drop_table("dictionary_version")
    op.drop_table("dictionary_entries")
    drop_kit_tables(op)
