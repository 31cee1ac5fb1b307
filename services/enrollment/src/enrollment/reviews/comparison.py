"""Before and after: what an approval would change, in words a reviewer reads."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.additions.service import Inspection
from enrollment.applications.models import Application
from enrollment.coverage import repository as coverage
from enrollment.coverage.models import Coverage
from enrollment.coverage.rules import former_stop_month
from enrollment.dictionaries.rules import Dictionary
from enrollment.employers import repository as employers
from enrollment.people import repository as people
from enrollment.people.models import Person
from enrollment.people.rules import PersonFacts
from enrollment.reviews.schemas import ChangeOut, CoverOut

_FIELDS: Sequence[tuple[str, str, str | None]] = (
    ("nationality", "民族", "nationalities"),
    ("household_kind", "户口性质", "household_kinds"),
    ("household_region", "户籍地区划", None),
    ("household_address", "户籍地址", None),
    ("marital_status", "婚姻状况", "marital_statuses"),
    ("education_level", "学历", "education_levels"),
    ("work_start_date", "参加工作日期", None),
    ("email", "电子邮箱", None),
    ("contact_address", "联系地址", None),
    ("postal_code", "邮政编码", None),
)


async def coverage_before(tx: AsyncSession, application: Application, dictionary: Dictionary) -> list[CoverOut]:
    """The person's coverage as it is now, of all units."""
    if application.person_id is None:
        return []
    return [
        await cover_out(tx, cover, cover.stop_month, dictionary)
        for cover in await coverage.of_person(tx, application.person_id)
    ]


async def coverage_after(
    tx: AsyncSession, application: Application, inspection: Inspection, dictionary: Dictionary
) -> list[CoverOut]:
    """The person's coverage as an approval would leave it; as it is now when it would be refused."""
    if application.person_id is None or inspection.refusal is not None or inspection.declared is None:
        return await coverage_before(tx, application, dictionary)
    start = inspection.declared.insurance.start_month
    kept = [
        await cover_out(tx, cover, _stop_after(cover, start), dictionary)
        for cover in await coverage.of_person(tx, application.person_id)
    ]
    started = [
        CoverOut(
            insurance=code,
            insurance_name=dictionary.name("insurance_types", code),
            holder_name=application.employer_name,
            start_month=start,
            stop_month=None,
        )
        for code in (inspection.unit.insurances if inspection.unit else ())
    ]
    return kept + started


def _stop_after(cover: Coverage, start: Month) -> Month | None:
    if cover.employer_no is None and cover.stop_month is None:
        return former_stop_month(former_start=cover.start_month, new_start=start)
    return cover.stop_month


async def cover_out(tx: AsyncSession, cover: Coverage, stop: Month | None, dictionary: Dictionary) -> CoverOut:
    """A coverage as the desk shows it, with the stop month it has or would get."""
    holder = "个人参保"
    if cover.employer_no is not None:
        unit = await employers.unit(tx, cover.employer_no)
        holder = unit.name if unit else cover.employer_no
    return CoverOut(
        insurance=cover.insurance,
        insurance_name=dictionary.name("insurance_types", cover.insurance),
        holder_name=holder,
        start_month=cover.start_month,
        stop_month=stop,
    )


async def person_changes(
    tx: AsyncSession, application: Application, inspection: Inspection, dictionary: Dictionary
) -> list[ChangeOut]:
    """What an approval would change on a person already registered; nothing for one who is new."""
    if application.person_id is None or inspection.declared is None:
        return []
    person = await people.get(tx, application.person_id)
    if person is None or person.confirmed_at is None:
        return []
    changes = _field_changes(person, inspection.declared.person, dictionary)
    if application.mobile_masked != person.mobile_masked:
        changes.append(
            ChangeOut(field="mobile", title="手机号码", before=person.mobile_masked, after=application.mobile_masked)
        )
    return changes


def _field_changes(person: Person, facts: PersonFacts, dictionary: Dictionary) -> list[ChangeOut]:
    changes = []
    for field, title, table in _FIELDS:
        before, after = getattr(person, field), getattr(facts, field)
        if after is None or after == before:
            continue
        changes.append(
            ChangeOut(
                field=field,
                title=title,
                before=_said(before, table, dictionary),
                after=_said(after, table, dictionary),
            )
        )
    return changes


def _said(value: object, table: str | None, dictionary: Dictionary) -> str | None:
    if value is None:
        return None
    return dictionary.name(table, str(value)) if table else str(value)
