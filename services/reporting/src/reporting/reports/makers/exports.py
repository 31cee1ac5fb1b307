"""导出: workbooks of what the look-up pages list, read page by page and written as they come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from reporting.documents.pieces import chinese_moment
from reporting.rendering.streaming import file_stream
from reporting.reports.conditions import KINDS, OUTCOMES, asked, in_words
from reporting.reports.schemas import ApplicationConditions, ExportForm
from reporting.reports.tasks import Made, Task, person_of
from reporting.sources import PersonUnknown
from servicekit.clock import BUSINESS_ZONE

_Column = dict[str, Any]


def _column(heading: str, kind: str = "text", *, summed: bool = False) -> _Column:
    return {"heading": heading, "type": kind, "sum": summed}


_MONEY = ("单位应缴", "个人应缴", "应缴合计")
_PERSON = (
    _column("费款所属期"),
    _column("险种类型"),
    _column("缴费基数", "money"),
    *(_column(heading, "money", summed=True) for heading in _MONEY),
    _column("到账状态"),
)
_EMPLOYER = (
    _column("费款所属期"),
    _column("险种类型"),
    _column("人数", "integer"),
    _column("缴费基数合计", "money", summed=True),
    *(_column(heading, "money", summed=True) for heading in _MONEY),
    _column("已到账", "money", summed=True),
    _column("到账日期", "date"),
    _column("到账状态"),
)
_ROSTER = (
    _column("姓名"),
    _column("证件号码"),
    _column("性别"),
    _column("参保起始月"),
    _column("停保月份"),
    _column("月缴费工资", "money"),
    _column("险种类型"),
    _column("参保状态"),
)
_APPLICATIONS = (
    _column("申报流水号"),
    _column("业务类型"),
    _column("姓名/单位名称"),
    _column("证件号码"),
    _column("参保月份"),
    _column("提交时间", "moment"),
)
_DECIDED = (
    _column("审核结果"),
    _column("审核时间", "moment"),
    _column("审核人"),
    _column("审核意见"),
)


class _Sheet:
    """A workbook in the making, with the second sheet that says what it is."""

    def __init__(self, task: Task, title: str, columns: Sequence[_Column]) -> None:
        self._task, self._title, self._columns = task, title, columns

    async def made(self, rows: Any, about: Sequence[tuple[str, str]], label: str) -> Made:
        """The workbook of rows that come in pages."""
        unit = await self._task.reader.unit()
        notes = [
            ("内容", self._title),
            ("单位名称", unit.name),
            ("单位编号", unit.employer_no),
            *about,
            ("数据截至", chinese_moment(self._task.as_of)),
        ]
        if self._task.form.full_numbers:
            notes.append(("提示", "本表含完整证件号码，请妥善保管"))
        setup = {"title": self._title, "columns": list(self._columns), "notes": notes}
        count = 0
        async with file_stream("sheet", setup) as stream:
            async for page in rows:
                for row in page:
                    await stream.add(row)
                count += len(page)
                await self._task.step(len(page))
            streamed = await stream.finish()
        return Made(streamed.content, label, "xlsx", rows=count, milliseconds=streamed.milliseconds)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(BUSINESS_ZONE).isoformat(timespec="seconds")


def _period(form: ExportForm) -> tuple[str, str]:
    return "费款所属期", f"{form.from_month and form.from_month.compact()}-{form.to_month and form.to_month.compact()}"


async def person_contributions(task: Task) -> Made:
    """职工缴费明细 of one person."""
    form = _form(task)
    first, last = form.from_month, form.to_month
    assert first is not None and last is not None  # noqa: S101, PT018 - the rules have seen to it
    person_id = person_of(form)
    who = (await task.reader.names([person_id], full=False)).get(person_id)
    if who is None:
        raise PersonUnknown

    async def pages() -> Any:
        async for page in task.reader.rows(first, last, person_id):
            yield [
                [
                    row.month.compact(),
                    row.insurance_name,
                    str(row.base),
                    str(row.employer_amount),
                    str(row.own_amount),
                    str(row.amount_total),
                    row.status_name,
                ]
                for row in page
            ]

    about = [("姓名", who.name), ("证件号码", who.id_number), _period(form)]
    sheet = _Sheet(task, "职工缴费明细", _PERSON)
    return await sheet.made(pages(), about, f"职工缴费明细（{who.name}，{first.compact()}-{last.compact()}）")


async def employer_contributions(task: Task) -> Made:
    """单位缴费明细."""
    form = _form(task)
    first, last = form.from_month, form.to_month
    assert first is not None and last is not None  # noqa: S101, PT018 - the rules have seen to it

    async def pages() -> Any:
        sums = await task.reader.sums(first, last, form.insurance)
        yield [
            [
                one.month.compact(),
                one.insurance_name,
                one.people,
                str(one.base),
                str(one.employer_amount),
                str(one.own_amount),
                str(one.amount_total),
                str(one.received),
                one.received_on,
                one.status_name,
            ]
            for one in sums
        ]

    label = f"单位缴费明细（{first.compact()}-{last.compact()}）"
    return await _Sheet(task, "单位缴费明细", _EMPLOYER).made(pages(), [_period(form)], label)


async def roster(task: Task) -> Made:
    """单位参保人员名单."""
    form = _form(task)

    async def pages() -> Any:
        async for page in task.reader.people(asked(form.roster), full=form.full_numbers):
            yield [
                [
                    person.name,
                    person.id_number,
                    person.sex_name,
                    person.start_month.compact(),
                    person.stop_month and person.stop_month.compact(),
                    str(person.monthly_wage),
                    "、".join(person.insurances),
                    person.status_name,
                ]
                for person in page
            ]

    about = [("查询条件", in_words(form.roster) or "全部人员")]
    sheet = _Sheet(task, "单位参保人员名单", _ROSTER)
    return await sheet.made(pages(), about, f"单位参保人员名单（{task.as_of:%Y%m%d}）")


async def applications(task: Task) -> Made:
    """待审核数据 or 已审核数据."""
    form = _form(task)
    conditions = form.applications or ApplicationConditions(state="pending")
    decided = conditions.state == "decided"

    async def pages() -> Any:
        async for page in task.reader.applications(asked(conditions), full=form.full_numbers):
            yield [
                [
                    one.no,
                    KINDS.get(one.kind, one.kind),
                    one.subject,
                    one.id_number,
                    one.start_month and one.start_month.compact(),
                    _moment(one.submitted_at),
                    *(
                        (
                            OUTCOMES.get(one.status, one.status),
                            _moment(one.decided_at),
                            "系统自动审核" if one.decided_automatically else one.decided_by_name,
                            one.decision_reason,
                        )
                        if decided
                        else ()
                    ),
                ]
                for one in page
            ]

    title = "已审核数据" if decided else "待审核数据"
    columns = (*_APPLICATIONS, *_DECIDED) if decided else _APPLICATIONS
    about = [("查询条件", in_words(conditions) or "全部")]
    return await _Sheet(task, title, columns).made(pages(), about, f"{title}（{task.as_of:%Y%m%d}）")


def _form(task: Task) -> ExportForm:
    assert isinstance(task.form, ExportForm)  # noqa: S101 - its kind says so
    return task.form
