"""Demo data: synthetic people with well-formed identity numbers, insured by the demo units, some by themselves.

Only for the profiles `standalone` and `cluster`. Everything is computed, nothing is drawn by chance, so every demo has
the same people; their months follow the business clock. Run once, in one transaction; run again, it does nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.employer import EmployerOpened
from contracts.enrollment import CoverageStarted
from contracts.values.identifiers import IdentifierFault, check_resident_id
from contracts.values.month import Month
from enrollment.additions import service as additions
from enrollment.additions.schemas import AdditionForm
from enrollment.coverage import repository as coverage
from enrollment.coverage.rules import EMPLOYEE_MEDICAL, RESIDENT_MEDICAL
from enrollment.coverage.service import NewSpell, roster_row, started_event
from enrollment.employers import repository as employers
from enrollment.people import repository as people
from enrollment.people.models import Person
from enrollment.people.rules import PersonFacts
from enrollment.people.service import new_person
from enrollment.reviews import service as reviews
from enrollment.reviews.schemas import DecisionForm
from enrollment.roster import repository as roster_repository
from enrollment.settings import link_key_of
from servicekit import outbox
from servicekit.auth import Clerk, Reviewer
from servicekit.db.tx import Scope, begin, vault_of
from servicekit.ids import uuid7
from servicekit.runtime import Runtime

# How many people each demo unit has.
_UNITS = (
    ("330200000000000101", 30),
    ("330200000000000102", 8),
    ("330200000000000201", 20),
    ("330200000000000301", 5),
    ("330200000000000401", 12),
)
_SELF_INSURED = 8
# The large unit, to try lists with: so many people, of whom every twelfth has left.
LARGE_UNIT = "330200000000000501"
_LARGE_PEOPLE = 1_500
_FIRST_OF_LARGE = 200  # behind everybody else's
_CHUNK = 500
_DECLARING_UNIT = "330200000000000101"

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏"
    "程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚"
    "邵万钱严武孔向汤"
)
_MALE = ("志明", "建国", "海波", "国强", "晓东", "文斌", "立军", "浩然", "俊杰", "永康", "宁", "一鸣")
_FEMALE = ("秀英", "雅琴", "晓燕", "佳宁", "雨桐", "丽娜", "海燕", "思涵", "静怡", "梦洁", "敏", "若兰")
_DISTRICTS = ("330203", "330205", "330206", "330211", "330212", "330213")
_STREETS = ("中山东路", "药行街", "江东北路", "通途路", "百丈东路", "环城西路", "鄞县大道", "宁南南路")
_POSTCODES = ("315000", "315020", "315800", "315200", "315100", "315500")


@dataclass(frozen=True)
class DemoPerson:
    """A synthetic person and how long ago, in months, their coverage started, and stopped if they have left."""

    facts: PersonFacts
    months_ago: int
    monthly_wage: Decimal
    left_ago: int | None = None


def demo_people() -> Iterator[DemoPerson]:
    """All synthetic people, in a fixed order without end."""
    number = 0
    while True:
        yield _person(number)
        number += 1


def _person(number: int) -> DemoPerson:
    male = number % 2 == 0
    born = date(1969, 3, 2) + timedelta(days=number * 617 % 12_000)  # working age, in no order
    district = number * 5 % len(_DISTRICTS)
    given = (_MALE if male else _FEMALE)[number * 7 % 12]
    facts = PersonFacts(
        id_type="01",
        id_number=_resident_id(_DISTRICTS[district], born, 10 + number * 2 + (1 if male else 0)),
        name=_SURNAMES[number * 13 % len(_SURNAMES)] + given,
        sex="1" if male else "2",
        birth_date=born,
        nationality="22" if number % 29 == 28 else "01",
        household_kind=("11", "21", "12", "22")[number % 4],
        household_region=_DISTRICTS[district],
        household_address=f"宁波市{_STREETS[number % 8]}{number % 200 + 1}号",
        marital_status=("20", "10")[number % 3 == 0],
        education_level=("20", "30", "10", "60")[number % 4],
        work_start_date=born.replace(year=born.year + 22, day=1),
        mobile=f"139{57400000 + number * 7919:08d}",
        email=None,
        contact_address=f"宁波市{_STREETS[number % 8]}{number % 200 + 1}号",
        postal_code=_POSTCODES[district],
    )
    # Most have been there for more than the year of contributions that the demo shows, some came in between.
    months_ago = (3, 7)[number % 2] if number % 11 == 5 else 13 + number * 7 % 40
    return DemoPerson(facts, months_ago, Decimal(4800 + number * 731 % 23_000))


def _resident_id(region: str, born: date, sequence: int) -> str:
    """A well-formed number: the one last character of eleven with which the check agrees."""
    for last in "0123456789X":
        number = f"{region}{born:%Y%m%d}{sequence % 1000:03d}{last}"
        try:
            return check_resident_id(number, today=date(2025, 1, 1)).number
        except IdentifierFault:
            continue
    raise LookupError("one of eleven characters must fit")


async def seed(runtime: Runtime) -> None:
    """Fills an empty database; does nothing in one that has people. The units must have been announced before."""
    async with begin(runtime, scope=Scope.system()) as tx:
        if await people.anybody(tx):
            return
        now, month, today = runtime.clock.now(), runtime.clock.month(), runtime.clock.today()
        everybody = demo_people()
        for employer_no, count in _UNITS:
            staff = [next(everybody) for _ in range(count)]
            await outbox.add(tx, *await _insure(tx, employer_no, staff, month=month, now=now))
        await _self_insure(tx, [next(everybody) for _ in range(_SELF_INSURED)], month=month, now=now)
        await _declare_some(tx, everybody, month=month, today=today, now=now)


async def take_over(runtime: Runtime, news: Sequence[EmployerOpened]) -> None:
    """Learns of many employers at once, as if each one's news had come over the bus."""
    if not news:
        return
    async with begin(runtime, scope=Scope.system()) as tx:
        await employers.put_new(tx, news)


async def seed_large_unit(runtime: Runtime) -> list[CoverageStarted]:
    """Fills the large unit, unless it has people. Whoever seeds the demo hands the news to the employer service: some
    thousands of messages would keep the first start waiting.
    """
    async with begin(runtime, scope=Scope.system()) as tx:
        if await roster_repository.anybody(tx, LARGE_UNIT):
            return []
        now, month = runtime.clock.now(), runtime.clock.month()
        everybody = islice(demo_people(), _FIRST_OF_LARGE, _FIRST_OF_LARGE + _LARGE_PEOPLE)
        staff = [
            replace(one, left_ago=one.months_ago // 3) if number % 12 == 11 else one
            for number, one in enumerate(everybody)
        ]
        news: list[CoverageStarted] = []
        for first in range(0, len(staff), _CHUNK):
            news += await _insure(tx, LARGE_UNIT, staff[first : first + _CHUNK], month=month, now=now)
        return news


async def _insure(
    tx: AsyncSession, employer_no: str, staff: Sequence[DemoPerson], *, month: Month, now: datetime
) -> list[CoverageStarted]:
    """People whose coverage was taken over from older records: started long ago. The news of those still there."""
    unit = await employers.unit(tx, employer_no)
    if unit is None:
        raise LookupError(f"no event has told of unit {employer_no} yet")
    persons, covers, roster, news = [], [], [], list[CoverageStarted]()
    category = "1102" if unit.kind == "30" else "1101"
    for one in staff:
        row = new_person(vault_of(tx), one.facts, now=now, link=link_key_of(tx), confirmed=True)
        spell = NewSpell(
            employer_no=employer_no,
            insurances=unit.insurances,
            person_category=category,
            monthly_wage=one.monthly_wage,
            start=month.plus(-one.months_ago),
            application_no="",
        )
        left = one.left_ago is not None
        stop = {"stop_month": month.plus(-(one.left_ago or 0)) if left else None, "stop_reason": "03" if left else None}
        persons.append(row)
        roster.append(roster_row(Person(**row), spell) | stop)
        for insurance in unit.insurances:
            cover = _cover(row["id"], insurance, spell.start)
            held = {"employer_no": employer_no, "person_category": category, "monthly_wage": one.monthly_wage}
            covers.append(cover | held | stop)
            if not left:
                news.append(started_event(cover["id"], row["id"], insurance, spell))
    await people.add_many(tx, persons)
    await coverage.add(tx, covers)
    await coverage.put_on_roster(tx, roster)
    return news


async def _self_insure(tx: AsyncSession, some: Sequence[DemoPerson], *, month: Month, now: datetime) -> None:
    """Residents (390) and flexibly employed people (310), by turns: whoever declares them sees a conversion."""
    persons = [new_person(vault_of(tx), one.facts, now=now, link=link_key_of(tx), confirmed=True) for one in some]
    covers = []
    for number, (row, one) in enumerate(zip(persons, some, strict=True)):
        flexible = number % 2 == 1
        cover = _cover(row["id"], EMPLOYEE_MEDICAL if flexible else RESIDENT_MEDICAL, month.plus(-one.months_ago))
        covers.append(
            cover
            | {
                "employer_no": None,
                "person_category": "1103" if flexible else None,
                "monthly_wage": Decimal(5100) if flexible else None,
            }
        )
    await people.add_many(tx, persons)
    await coverage.add(tx, covers)


def _cover(person_id: UUID, insurance: str, start: Month) -> dict[str, Any]:
    return {"id": uuid7(), "person_id": person_id, "insurance": insurance, "start_month": start, "version": 1}


async def _declare_some(
    tx: AsyncSession, everybody: Iterator[DemoPerson], *, month: Month, today: date, now: datetime
) -> None:
    """Three declarations through the real use cases, so that 已审核 has something to show: two approved, one not."""
    clerk = Clerk(
        account_id=uuid5(NAMESPACE_URL, "hall:demo:clerk"),
        session_id="demo",
        kind="agent",
        employer_no=_DECLARING_UNIT,
        permissions=frozenset({"declare"}),
    )
    reviewer = Reviewer(
        account_id=uuid5(NAMESPACE_URL, "hall:demo:reviewer"),
        session_id="demo",
        kind="reviewer",
    )
    for reason in (None, None, "劳动合同起始日期与参保月份不符，请核对后重新申报"):
        one = next(everybody)
        application = await additions.submit(tx, clerk, _form(one, month), today=today, now=now)
        decision = DecisionForm(decision="reject" if reason else "approve", reason=reason)
        await reviews.decide(tx, reviewer, application.no, decision, seen_version=1, today=today, now=now)


def _form(one: DemoPerson, month: Month) -> AdditionForm:
    person = {name: None if value is None else str(value) for name, value in vars(one.facts).items()}
    insurance = {
        "start_month": str(month),
        "reason": "01",
        "employment_form": "1",
        "personal_identity": "2",
        "person_category": "1101",
        "monthly_wage": f"{one.monthly_wage:.2f}",
    }
    return AdditionForm.model_validate({"person": person, "insurance": insurance})
