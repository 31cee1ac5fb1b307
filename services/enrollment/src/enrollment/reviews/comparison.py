"""Before and after: what an approval would change, in words a reviewer reads. Shared by all kinds of application."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.applications.models import Application
from enrollment.coverage import repository as coverage
from enrollment.coverage.models import Coverage
from enrollment.dictionaries.rules import Dictionary
from enrollment.employers import repository as employers
from enrollment.people.models import Person
from enrollment.people.rules import PersonFacts
from enrollment.reviews.schemas import ChangeOut, CoverOut
from servicekit.personal import Vault, mask

_FIELDS: Sequence[tuple[str, str, str | None]] = (
    ("nationality", "民族", "nationalities"),
    ("household_kind", "户口性质", "household_kinds"),
    ("household_region", "户籍地区划", "regions"),
    ("household_address", "户籍地址", None),
    ("marital_status", "婚姻状况", "marital_statuses"),
    ("education_level", "学历", "education_levels"),
    ("work_start_date", "参加工作日期", None),
    ("email", "电子邮箱", None),
    ("contact_address", "联系地址", None),
    ("postal_code", "邮政编码", None),
)
_DIFFERS_WHERE_MASKED = "号码不同，仅隐去的部分有变化"


@dataclass(frozen=True)
class Comparison:
    """What an approval would change."""

    coverage_after: list[CoverOut] | None = None
    """The person's coverage of all units; None when it stays as it is."""
    changes: list[ChangeOut] = field(default_factory=list)


async def coverage_before(tx: AsyncSession, application: Application, dictionary: Dictionary) -> list[CoverOut]:
    """The person's coverage as it is now, of all units."""
    if application.person_id is None:
        return []
    return [
        await cover_out(tx, cover, cover.stop_month, dictionary)
        for cover in await coverage.of_person(tx, application.person_id)
    ]


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


def changes_of_person(vault: Vault, person: Person, facts: PersonFacts, dictionary: Dictionary) -> list[ChangeOut]:
    """Where what was declared differs from what is registered; what was left blank stays as it is."""
    changes = _field_changes(person, facts, dictionary)
    if vault.index("mobile", facts.mobile) != person.mobile_index:
        after = mask("mobile", facts.mobile)
        changes.append(
            ChangeOut(
                field="mobile",
                title="手机号码",
                before=person.mobile_masked,
                after=after,
                note=_DIFFERS_WHERE_MASKED if after == person.mobile_masked else None,
            )
        )
    return changes


def _field_changes(person: Person, facts: PersonFacts, dictionary: Dictionary) -> list[ChangeOut]:
    changes = []
    for name, title, table in _FIELDS:
        before, after = getattr(person, name), getattr(facts, name)
        if after is None or after == before:
            continue
        changes.append(
            ChangeOut(
                field=name,
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
