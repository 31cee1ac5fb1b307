"""Many people on a unit's roster, written by SQL: for lists whose length is what a test is about."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from contracts.values.month import Month
from servicekit.ids import uuid7
from tests.integration.enrollment.desk import seen_by_all
from tests.support.harness import ServiceHarness

_PEOPLE = """
    INSERT INTO people (id, id_type, id_number, id_number_index, id_number_masked, name, name_folded, sex, birth_date,
                        nationality, household_kind, mobile, mobile_index, mobile_masked, contact_address, version,
                        created_at, updated_at)
    SELECT id, '01', '', sha256(CAST(id AS text)::bytea), '330203********0000', '钱多多', '钱多多', '1', '1990-01-01',
           '01', '11', '', '', '138****0000', '宁波市', 1, now(), now()
    FROM unnest(CAST(:ids AS uuid[])) AS id
"""
_ROSTER = """
    INSERT INTO roster (employer_no, person_id, name, name_folded, sex, id_number_index, id_number_masked, start_month,
                        stop_month, stop_reason, insurances, person_category, monthly_wage)
    SELECT :unit, spell.id, p.name, p.name_folded, '1', p.id_number_index, p.id_number_masked, spell.start,
           spell.stop, spell.reason, ARRAY['310', '510'], '1101', 8000
    FROM unnest(CAST(:ids AS uuid[]), CAST(:starts AS date[]), CAST(:stops AS date[]), CAST(:reasons AS text[]))
         AS spell (id, start, stop, reason)
    JOIN people p ON p.id = spell.id
"""
_NAMES = """
    INSERT INTO roster_names (employer_no, token, person_id)
    SELECT :unit, token, id FROM unnest(CAST(:ids AS uuid[])) AS id, unnest(ARRAY['钱', '多', '钱多', '多多']) AS token
"""
Spell = tuple[Month, Month | None, str | None]
"""First month, stop month, stop reason."""


async def insure(hall: ServiceHarness, unit: str, spells: Sequence[Spell]) -> list[str]:
    """Puts a person called 钱多多 on the unit's roster for each spell; their ids in the order of the spells."""

    def day(month: Month | None) -> date | None:
        return None if month is None else month.first_day()

    ids = [uuid7() for _ in spells]
    values = {
        "unit": unit,
        "ids": ids,
        "starts": [day(start) for start, _, _ in spells],
        "stops": [day(stop) for _, stop, _ in spells],
        "reasons": [reason for _, _, reason in spells],
    }
    async with seen_by_all(hall) as tx:
        for statement in (_PEOPLE, _ROSTER, _NAMES):
            await tx.execute(sa.text(statement), {name: values[name] for name in values if f":{name}" in statement})
    return [str(id) for id in ids]
