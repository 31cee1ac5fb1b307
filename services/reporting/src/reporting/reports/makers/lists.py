"""单位参保人员缴费明细表 and 参保人员花名册: read page by page, drawn as they come, signed at the end."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from reporting.documents import listed
from reporting.documents.contribution_list import content as contribution_list
from reporting.documents.listed import Head, Sums
from reporting.documents.pieces import Issue, chinese_month
from reporting.documents.roster_list import content as roster_list
from reporting.rendering.streaming import FileStream, Streamed, file_stream
from reporting.reports.conditions import asked, in_words
from reporting.reports.schemas import ReportForm
from reporting.reports.tasks import IssuedDocument, Made, Task
from reporting.sources import Named, PersonUnknown


async def contributions(task: Task) -> Made:
    """Contributions of the unit's people, by month, with sub-totals. Raises PersonUnknown."""
    form = task.form
    assert isinstance(form, ReportForm) and form.from_month and form.to_month  # noqa: S101, PT018 - the rules have
    first, last = form.from_month, form.to_month
    unit = await task.reader.unit()
    period = f"{chinese_month(first)} 至 {chinese_month(last)}"
    head = Head(unit.employer_no, unit.name, ("缴费期间", period), task.as_of)
    (issue,) = await task.issues(1)
    setup = listed.set_up(contribution_list.TITLE, contribution_list.COLUMNS, head, issue, task.issued_at)
    names: dict[UUID, Named] = {}
    if form.person_id is not None:
        await _learn(task, names, {form.person_id})
        if form.person_id not in names:
            raise PersonUnknown
    whole, of_month, month = Sums(), Sums(), None
    async with file_stream("list", setup) as stream:
        async for page in task.reader.rows(first, last, form.person_id):
            await _learn(task, names, {row.person_id for row in page})
            for row in page:
                if month is not None and row.month != month:
                    await stream.add(contribution_list.sum_row(f"{month.compact()} 小计", of_month))
                    of_month = Sums()
                month = row.month
                for sums in (whole, of_month):
                    sums.add(row.person_id, row.employer_amount, row.own_amount)
                await stream.add(contribution_list.row(whole.rows, row, names.get(row.person_id)))
            await task.step(len(page))
        if month is not None:
            await stream.add(contribution_list.sum_row(f"{month.compact()} 小计", of_month))
        await stream.add(contribution_list.sum_row("合计", whole))
        made = await _finished(stream, issue, rows=whole.rows, people=len(whole.people))
    facts = listed.verified_facts(head, rows=whole.rows, people=len(whole.people), total=whole.total)
    label = f"{contribution_list.TITLE}（{first.compact()}-{last.compact()}）"
    return await _signed(task, made, label, contribution_list.TITLE, issue, facts, whole.rows)


async def roster(task: Task) -> Made:
    """The unit's people."""
    form = task.form
    assert isinstance(form, ReportForm)  # noqa: S101 - the rules have seen to it
    unit = await task.reader.unit()
    head = Head(unit.employer_no, unit.name, ("名单范围", in_words(form.roster) or "全部人员"), task.as_of)
    (issue,) = await task.issues(1)
    setup = listed.set_up(roster_list.TITLE, roster_list.COLUMNS, head, issue, task.issued_at)
    count = 0
    async with file_stream("list", setup) as stream:
        async for page in task.reader.people(asked(form.roster), full=form.full_numbers):
            bases = await task.reader.bases([person.person_id for person in page]) if page else {}
            for person in page:
                count += 1
                await stream.add(roster_list.row(count, person, bases.get(person.person_id)))
            await task.step(len(page))
        await stream.add([1, ["", "合计", "", f"{count:,} 人", *[""] * (len(roster_list.COLUMNS) - 4)]])
        made = await _finished(stream, issue, rows=count, people=count)
    facts = listed.verified_facts(head, rows=count, people=count, total=None)
    label = f"{roster_list.TITLE}（{issue.issued_on:%Y%m%d}）"
    return await _signed(task, made, label, roster_list.TITLE, issue, facts, count)


async def _learn(task: Task, names: dict[UUID, Named], people: set[UUID]) -> None:
    """Asks who the people of a page are, those not known yet."""
    new = people - names.keys()
    if new:
        names |= await task.reader.names(sorted(new), full=task.form.full_numbers)


async def _finished(stream: FileStream, issue: Issue, *, rows: int, people: int) -> Streamed:
    return await stream.finish(listed.closing(issue, rows=rows, people=people))


async def _signed(
    task: Task, made: Streamed, label: str, title: str, issue: Issue, facts: Mapping[str, Any], rows: int
) -> Made:
    pdf = await task.resources.signer.sign(made.content)
    issued = [IssuedDocument(issue, title, facts)]
    return Made(pdf, label, "pdf", issued, made.pages, rows, made.milliseconds)
