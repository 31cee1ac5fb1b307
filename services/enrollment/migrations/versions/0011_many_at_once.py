"""Looking up many people in one query: `find_people` and `present_covers_of` beside their counterparts for one."""

from collections.abc import Sequence

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# As in 0001: looks at the rows of every unit but gives back the bare fact. The scope is lifted by hand for one query.
# EXECUTE, so that it is planned anew each time: a plan kept from when the table was nearly empty would read the whole
# table again for each of a thousand people.
_BARE_FACT = """
    CREATE FUNCTION {signature}
    LANGUAGE plpgsql
    AS $$
    DECLARE
        own_scope text := current_setting('hall.scope', true);
    BEGIN
        PERFORM set_config('hall.scope', 'system', true);
        RETURN QUERY EXECUTE $query${query}$query$ USING {values};
        PERFORM set_config('hall.scope', coalesce(own_scope, 'none'), true);
    END
    $$
"""
_PEOPLE = """
    SELECT w.place, p.id, p.confirmed_at IS NOT NULL, p.name_folded = w.name
    FROM unnest($1, $2, $3) WITH ORDINALITY AS w (id_type, number_index, name, place)
    JOIN people p ON p.id_number_index = w.number_index AND p.id_type = ANY (
        CASE WHEN w.id_type IN ('01', '07', '16') THEN ARRAY['01', '07', '16'] ELSE ARRAY[w.id_type] END
    )
"""
_COVERS = """
    SELECT c.person_id,
           CASE
               WHEN c.employer_no = $2 THEN 'this_unit'
               WHEN c.employer_no IS NOT NULL THEN 'other_unit'
               WHEN c.insurance = '390' THEN 'resident'
               WHEN c.person_category = '1201' THEN 'retired'
               ELSE 'flexible'
           END,
           c.insurance, c.start_month, c.stop_month, coalesce(c.stop_reason = '05', false)
    FROM coverage c
    WHERE c.person_id = ANY ($1)
    ORDER BY c.person_id, c.start_month, c.insurance
"""


def upgrade() -> None:
    op.execute(
        _BARE_FACT.format(
            signature="""find_people(wanted_types text[], wanted_indexes bytea[], wanted_names text[])
                RETURNS TABLE (place bigint, id uuid, confirmed boolean, name_agrees boolean)""",
            query=_PEOPLE,
            values="wanted_types, wanted_indexes, wanted_names",
        )
    )
    op.execute(
        _BARE_FACT.format(
            signature="""present_covers_of(wanted_people uuid[], seen_by text)
                RETURNS TABLE (person_id uuid, holder text, insurance text, start_month date, stop_month date,
                               by_death boolean)""",
            query=_COVERS,
            values="wanted_people, seen_by",
        )
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION present_covers_of(uuid[], text)")
    op.execute("DROP FUNCTION find_people(text[], bytea[], text[])")
