"""Insured persons see their own rows of the ledger."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Guarded by unit, the ledger has no policy by person: one over a hundred partitions would burden every unit's query.
# The scope is lifted by hand for the one query, since a function may not carry `SET hall.scope` unless a superuser
# grants that; if the query fails, the setting goes back with the transaction.
_OWN = """
    CREATE FUNCTION own_contributions(first_month date, last_month date)
    RETURNS TABLE (
        employer_no text, employer_name text, month date, insurance text, entry smallint, insurance_name text,
        base numeric, employer_amount numeric, own_amount numeric, status text, received_on date
    )
    LANGUAGE plpgsql
    AS $$
    #variable_conflict use_column
    DECLARE
        own_scope text := current_setting('hall.scope', true);
        me uuid := nullif(current_setting('hall.person_id', true), '')::uuid;
    BEGIN
        IF own_scope IS DISTINCT FROM 'person' OR me IS NULL THEN
            RETURN;
        END IF;
        PERFORM set_config('hall.scope', 'system', true);
        RETURN QUERY
            SELECT c.employer_no::text, u.name::text, c.month, c.insurance::text, c.entry, t.name::text, c.base,
                   c.employer_amount, c.own_amount, s.status::text, s.received_on
            FROM contributions c
            JOIN statements s ON (s.employer_no, s.month, s.insurance, s.assessment_id)
                = (c.employer_no, c.month, c.insurance, c.assessment_id)
            JOIN insurance_types t ON t.code = c.insurance
            JOIN units u ON u.employer_no = c.employer_no
            WHERE c.person_id = me AND c.month BETWEEN first_month AND last_month
              AND c.employer_no IN (SELECT r.employer_no FROM roster r WHERE r.person_id = me);
        PERFORM set_config('hall.scope', own_scope, true);
    END
    $$
"""


def upgrade() -> None:
    """Adds the function."""
    op.execute(_OWN)


def downgrade() -> None:
    """Drops it."""
    op.execute("DROP FUNCTION own_contributions(date, date)")
