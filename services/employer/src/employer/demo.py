"""The demo's employers and a year of their contributions. All names and numbers are synthetic.

Repeating either does nothing; both go through the same use cases as everything else.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files

from contracts.employer import EmployerOpened
from contracts.enrollment import CoverageStarted
from contracts.values.identifiers import IdentifierFault, check_uscc
from contracts.values.month import Month
from employer.assessments import service as assessments
from employer.assessments.jobs import ASSESSMENT
from employer.bank_directory import repository as bank_branches
from employer.bank_directory import service as bank_directory
from employer.contributions import service as contributions
from employer.rates import repository as rates
from employer.roster import service as roster
from employer.units import service as units
from employer.units.rules import EmployerNoTaken
from employer.units.schemas import ContactForm, OpenEmployerForm, RegistrationForm
from servicekit import jobs
from servicekit.db.tx import Scope, begin
from servicekit.job_runner import JobRunner
from servicekit.personal import Personal
from servicekit.runtime import Runtime

MONTHS = 12
BUREAU_UNITS = 500
"""How many small employers a payroll bureau's agent serves (代理记账)."""
_LIMITS_SOURCE = "演示数据：沿用上一年度缴费基数上下限"
_BRANCHES = "demo_branches.csv"
_RECEIVED_ON_DAY = 15  # of the month after: when the demo's tax authority hands over
_PATIENCE_SECONDS = 60.0
_PLACES = ("海曙", "江北", "鄞州", "镇海", "北仑", "奉化", "余姚", "慈溪", "象山", "宁海", "高新", "东钱湖")
_FIRST_WORDS = (
    "和丰", "启明", "远航", "同舟", "青禾", "望春", "云帆", "晨光", "安居", "瑞和", "百川", "千帆", "听涛",
    "向阳", "鼎新", "润物", "凌云", "四明", "月湖", "天一", "三江", "广济", "永丰", "长春", "明州",
)  # fmt: skip
_TRADES = (
    "餐饮", "物业", "贸易", "广告", "五金", "服饰", "软件", "物流", "家政", "建材",
    "教育咨询", "文化传媒", "电子商务", "汽车服务", "装饰", "印刷", "食品", "园林", "会计服务", "健身",
)  # fmt: skip
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _contact(representative: str, contact: str, address: str, last_digits: str) -> ContactForm:
    return ContactForm(
        legal_representative=representative,
        legal_representative_phone=Personal(f"1380574{last_digits}", "mobile"),
        contact=contact,
        contact_phone=Personal(f"0574-8700{last_digits}", "mobile"),
        contact_mobile=Personal(f"1390574{last_digits}", "mobile"),
        email=f"hr{last_digits}@example.com",
        address=address,
        postal_code="315000",
    )


def _employers(billed_from: Month, current: Month) -> list[OpenEmployerForm]:
    return [
        OpenEmployerForm(
            employer_no="330200000000000101",
            uscc="91330200MA2A0B1C3J",
            name="甬江智造科技有限公司",
            kind="10",
            affiliation="市属",
            industry="专用设备制造业",
            insured_since=date(2018, 5, 2),
            billed_from=billed_from,
            contact=_contact("江一帆", "沈青禾", "宁波市江北区示范大道101号", "0101"),
            registration=RegistrationForm(
                registration_no="330205000012345",
                address="宁波市江北区示范大道101号",
                capital=Decimal("20000000.00"),
                approved_on=date(2018, 4, 16),
                issued_by="宁波市江北区市场监督管理局",
                term_from=date(2018, 4, 16),
                business_scope="智能装备、工业机器人的研发、制造和销售；软件开发；货物进出口。",
            ),
        ),
        OpenEmployerForm(
            employer_no="330200000000000102",
            uscc="91330200MA2A0B1C3J",
            name="甬江智造科技有限公司鄞州分部",
            kind="10",
            affiliation="市属",
            industry="专用设备制造业",
            insured_since=date(2021, 9, 1),
            billed_from=billed_from,
            contact=_contact("江一帆", "陆知秋", "宁波市鄞州区示范路102号", "0102"),
            registration=RegistrationForm(
                registration_no="330205000012345",
                address="宁波市鄞州区示范路102号",
                approved_on=date(2021, 8, 20),
                issued_by="宁波市鄞州区市场监督管理局",
                term_from=date(2021, 8, 20),
                business_scope="智能装备的销售和售后服务。",
            ),
        ),
        OpenEmployerForm(
            employer_no="330200000000000201",
            uscc="12330200419500123Q",
            name="宁波市海曙区示范小学",
            kind="50",
            affiliation="区属",
            industry="教育",
            insured_since=date(2004, 1, 1),
            billed_from=billed_from,
            contact=_contact("周明远", "方若兰", "宁波市海曙区示范巷201号", "0201"),
            registration=RegistrationForm(
                registration_no="事证第133020000201号",
                address="宁波市海曙区示范巷201号",
                capital=Decimal("8600000.00"),
                approved_on=date(1995, 8, 1),
                issued_by="宁波市海曙区事业单位登记管理局",
                term_from=date(2023, 1, 1),
                term_to=date(2027, 12, 31),
                business_scope="实施小学义务教育，促进基础教育发展。",
            ),
        ),
        OpenEmployerForm(
            employer_no="330200000000000301",
            uscc="330200XNDW00000001",
            name="失业人员参保虚拟单位",
            kind="99",
            affiliation="市属",
            insured_since=date(2010, 7, 1),
            billed_from=billed_from,
            contact=_contact("示范经办", "示范经办", "宁波市鄞州区示范路301号", "0301"),
            registration=RegistrationForm(address="宁波市鄞州区示范路301号"),
        ),
        OpenEmployerForm(
            employer_no="330200000000000401",
            uscc="52330200500001234A",
            name="四明山文化交流协会",
            kind="70",
            affiliation="市属",
            industry="群众团体、社会团体",
            insured_since=date(2012, 3, 1),
            billed_from=billed_from,
            contact=_contact("宋听雨", "许望舒", "宁波市余姚市示范镇401号", "0401"),
            registration=RegistrationForm(
                registration_no="甬社证字第0401号",
                address="宁波市余姚市示范镇401号",
                capital=Decimal("100000.00"),
                approved_on=date(2012, 1, 9),
                issued_by="宁波市民政局",
                term_from=date(2024, 1, 1),
                term_to=date(2028, 12, 31),
                business_scope="组织文化交流、展览和培训。",
            ),
        ),
        OpenEmployerForm(
            employer_no="330200000000000501",
            uscc="91330206MA2D5K7Q2W",
            name="甬港联运集团有限公司",
            kind="10",
            affiliation="市属",
            industry="多式联运和运输代理业",
            insured_since=date(2009, 10, 1),
            billed_from=current,  # a list to try paging and search with: what is owed begins now
            contact=_contact("贺云帆", "顾清和", "宁波市北仑区示范大道501号", "0501"),
            registration=RegistrationForm(
                registration_no="330206000050501",
                address="宁波市北仑区示范大道501号",
                capital=Decimal("500000000.00"),
                approved_on=date(2009, 9, 8),
                issued_by="宁波市北仑区市场监督管理局",
                term_from=date(2009, 9, 8),
                business_scope="集装箱道路运输、海铁联运、仓储服务、国际货运代理。",
            ),
        ),
    ]


async def _seed_banks(runtime: Runtime) -> None:
    """Brings in the demo's bank directory as an operator would: real banks and places, made-up clearing codes."""
    content = files("employer.bank_directory").joinpath(_BRANCHES).read_bytes()
    async with begin(runtime, scope=Scope.system()) as tx:
        if await bank_branches.any_branch(tx):
            return
        now = runtime.clock.now()
        made = await bank_directory.check_file(tx, None, _BRANCHES, content, now=now)
        await bank_directory.confirm(tx, None, made.id, seen_version=made.version, now=now)


async def take_over(runtime: Runtime, news: Sequence[CoverageStarted]) -> None:
    """Puts the large unit's people on the billing roster at once, as if each one's news had come over the bus."""
    async with begin(runtime, scope=Scope.system()) as tx:
        tx.add_all([roster.coverage_of(one) for one in news])


async def seed(runtime: Runtime) -> None:
    """Opens the demo's employers, and sees to it that every month they need has limits of the base."""
    current = runtime.clock.month()
    billed_from = current.plus(-MONTHS)
    async with begin(runtime, scope=Scope.system()) as tx:
        for year in range(billed_from.year, current.next().year + 1):
            await rates.carry_limits_on(tx, year, source=_LIMITS_SOURCE)
    await _seed_banks(runtime)
    for form in _employers(billed_from, current):
        try:
            async with begin(runtime, scope=Scope.system()) as tx:
                await units.open_employer(tx, None, form, current=current, now=runtime.clock.now())
        except EmployerNoTaken:
            continue


async def seed_bureau(runtime: Runtime) -> list[EmployerOpened]:
    """Opens the employers of the payroll bureau, unless they are open. Whoever seeds the demo hands the news to the
    other services: a thousand messages would keep the first start waiting.
    """
    current = runtime.clock.month()
    forms = [_bureau_unit(number, current) for number in range(1, BUREAU_UNITS + 1)]
    async with begin(runtime, scope=Scope.system()) as tx:
        return await units.take_over(tx, forms, current=current, now=runtime.clock.now())


def _bureau_unit(number: int, current: Month) -> OpenEmployerForm:
    place = _PLACES[number % len(_PLACES)]
    name = f"宁波{place}{_FIRST_WORDS[number % 25]}{_TRADES[number % 20]}有限公司"
    address = f"宁波市示范路{number}号"
    return OpenEmployerForm(
        employer_no=f"3302000000000{10_000 + number}",
        uscc=_uscc(number),
        name=f"{name}{number:03d}",
        kind="10",
        insured_since=date(2020, 1, 1),
        billed_from=current,
        contact=_contact("示范法人", "示范联系人", address, f"{1000 + number}"),
        registration=RegistrationForm(address=address),
    )


def _uscc(number: int) -> str:
    """A well-formed code of nobody: the one last character of thirty-one with which the check agrees."""
    for last in _USCC_ALPHABET:
        code = f"91330200MA2X{number:05d}{last}"
        try:
            return check_uscc(code)
        except IdentifierFault:
            continue
    raise LookupError("one of thirty-one characters must fit")


async def seed_contributions(runtime: Runtime) -> None:
    """Assesses the twelve months before this one; all but the newest were received the month after."""
    newest = runtime.clock.month().previous()
    for month in Month.range(newest.plus(1 - MONTHS), newest):
        await _assess(runtime, month)
        if month == newest:
            continue
        received_on = month.next().first_day().replace(day=_RECEIVED_ON_DAY)
        async with begin(runtime, scope=Scope.system()) as tx:
            await contributions.receive_month(
                tx, month, received_on=received_on, reference=f"DEMO{month.compact()}", now=runtime.clock.now()
            )


async def _assess(runtime: Runtime, month: Month) -> None:
    """Has the month assessed, here or by a worker that is quicker. A run that was left unfinished is finished."""
    async with begin(runtime, scope=Scope.system()) as tx:
        known = await assessments.latest(tx, month)
        now, current = runtime.clock.now(), runtime.clock.month()
        assessment_id = known or await assessments.request(tx, None, month, current=current, now=now)
    while await JobRunner(runtime, ASSESSMENT).run_once():
        pass
    job = await jobs.wait(runtime, assessment_id, _PATIENCE_SECONDS)
    if job is None or job.status != "done":
        raise RuntimeError(f"the demo's assessment of {month} ended as {job.status if job else 'lost'}")
