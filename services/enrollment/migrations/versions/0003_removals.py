"""减员: no addition pending beside a removal; `present_covers` tells pensioners and deaths apart."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from servicekit.db.migrations import build_index

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# As in 0001: looks at the rows of every unit but gives back the bare fact. The scope is lifted by hand for one query.
_PRESENT_COVERS = """
    CREATE FUNCTION present_covers(wanted_person uuid, seen_by text)
    RETURNS TABLE (holder text, insurance text, start_month date, stop_month date{more_columns})
    LANGUAGE plpgsql
    AS $$
    #variable_conflict use_column
    DECLARE
        own_scope text := current_setting('hall.scope', true);
    BEGIN
        PERFORM set_config('hall.scope', 'system', true);
        RETURN QUERY
            SELECT CASE
                       WHEN c.employer_no = seen_by THEN 'this_unit'
                       WHEN c.employer_no IS NOT NULL THEN 'other_unit'
                       WHEN c.insurance = '390' THEN 'resident'
                       {retired}
                       ELSE 'flexible'
                   END,
                   c.insurance, c.start_month, c.stop_month{more_values}
            FROM coverage c
            WHERE c.person_id = wanted_person
            ORDER BY c.start_month, c.insurance;
        PERFORM set_config('hall.scope', coalesce(own_scope, 'none'), true);
    END
    $$
"""


def upgrade() -> None:
    # First, since it ends the migration's transaction: if it fails nothing else has happened.
    build_index(
        op,
        "uq_applications_one_pending_move",
        "applications",
        ["employer_no", "person_id"],
        unique=True,
        postgresql_where=sa.text("status = 'pending' AND kind IN ('addition', 'removal')"),
    )
    # Another row type, so it can't be replaced in place. Whoever asks names the columns and doesn't mind one more.
    op.execute("DROP FUNCTION present_covers(uuid, text)")
    op.execute(
        _PRESENT_COVERS.format(
            more_columns=", by_death boolean",
            retired="WHEN c.person_category = '1201' THEN 'retired'",
            more_values=", coalesce(c.stop_reason = '05', false)",
        )
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION present_covers(uuid, text)")
    op.execute(_PRESENT_COVERS.format(more_columns="", retired="", more_values=""))
    op.drop_index("uq_applications_one_pending_move", "applications")
