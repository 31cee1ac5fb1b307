"""People: an 18-character number is one person's under whatever type, landlines, and the history of changes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from servicekit.db.migrations import app_role, build_index, enable_unit_rls

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# As in 0001: looks at the rows of every unit but gives back the bare fact. The scope is lifted by hand for one query.
_FIND_PERSON = """
    CREATE OR REPLACE FUNCTION find_person(wanted_type text, wanted_index bytea, wanted_name text)
    RETURNS TABLE (id uuid, confirmed boolean, name_agrees boolean)
    LANGUAGE plpgsql
    AS $$
    #variable_conflict use_column
    DECLARE
        own_scope text := current_setting('hall.scope', true);
    BEGIN
        PERFORM set_config('hall.scope', 'system', true);
        RETURN QUERY
            SELECT p.id, p.confirmed_at IS NOT NULL, p.name_folded = wanted_name
            FROM people p
            WHERE {same_document};
        PERFORM set_config('hall.scope', coalesce(own_scope, 'none'), true);
    END
    $$
"""
_SAME_TYPE = "p.id_type = wanted_type AND p.id_number_index = wanted_index"
# Resident ID, permanent resident card and residence permit share one space of numbers. A list of types and not a CASE
# around the comparison, so that the index over type and number is used.
_SAME_NUMBER = """
    p.id_type = ANY (
        CASE WHEN wanted_type IN ('01', '07', '16') THEN ARRAY['01', '07', '16'] ELSE ARRAY[wanted_type] END
    ) AND p.id_number_index = wanted_index
"""


def upgrade() -> None:
    # First, since it ends the migration's transaction: if it fails nothing else has happened.
    build_index(
        op,
        "uq_people_resident_number",
        "people",
        ["id_number_index"],
        unique=True,
        postgresql_where=sa.text("id_type IN ('01', '07', '16')"),
    )
    op.execute(_FIND_PERSON.format(same_document=_SAME_NUMBER))
    op.add_column("people", sa.Column("landline", sa.Text))
    op.create_table(
        "person_changes",
        sa.Column("employer_no", sa.Text, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("application_no", sa.Text),
        sa.Column("changed_by", sa.Uuid, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changes", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("employer_no", "id", name="pk_person_changes"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_person_changes_person_id_people"),
        sa.CheckConstraint("source IN ('maintenance', 'addition')", name=op.f("ck_person_changes_known_source")),
    )
    op.create_index("ix_person_changes_person", "person_changes", ["employer_no", "person_id", "changed_at"])
    enable_unit_rls(op, "person_changes")
    op.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON person_changes FROM "{app_role(op)}"')


def downgrade() -> None:
    op.drop_table("person_changes")
    op.drop_column("people", "landline")
    op.execute(_FIND_PERSON.format(same_document=_SAME_TYPE))
    op.drop_index("uq_people_resident_number", "people")
