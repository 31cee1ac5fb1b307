"""减员 rules. Pure: no session, no clock, no HTTP. A page's form and a row of a batch sheet are both read here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from contracts.values.month import Month
from enrollment.coverage.rules import DEATH, RETIREMENT
from enrollment.dictionaries.rules import Dictionary
from enrollment.fields import FieldReader
from servicekit.refusals import FieldFault, InvalidFields

OTHER = "09"
"""停保原因 其他: says nothing by itself, so a remark is needed."""
_DATED = frozenset({RETIREMENT, DEATH})

NO_CONDITION = "查询条件必须输入证件号码或姓名"
"""The manual's words for a search without a condition."""


class SearchConditionMissing(InvalidFields):
    """The list of whom to remove is never shown whole."""

    code = "search_condition_missing"
    title = "缺少查询条件"

    def __init__(self) -> None:
        super().__init__([FieldFault("/id_number", self.code, NO_CONDITION)], NO_CONDITION)


@dataclass(frozen=True)
class Leaver:
    """What the rules must know of the person who leaves: when born, and since when insured with the unit."""

    birth_date: date = field(repr=False)
    start_month: Month


@dataclass(frozen=True)
class RemovalFacts:
    """A checked 减员 declaration."""

    reason: str
    stop_month: Month
    event_date: date | None = field(repr=False)
    remark: str | None = field(repr=False)


def read_removal(
    fields: Mapping[str, str | None], *, pointer: str, today: date, dictionary: Dictionary, leaver: Leaver | None
) -> tuple[RemovalFacts | None, list[FieldFault]]:
    """Reads the entered part of 减员 (reason, stop_month, event_date, remark): the facts, or every fault at its field.

    Without a `leaver` (a sheet's row about somebody unknown) the event date is not held against their dates.
    """
    reader = FieldReader(fields, pointer, dictionary)
    reason = reader.code("reason", "停保原因", "removal_reasons", required=True)
    stop_month = _read_stop_month(reader, current=Month.of(today))
    event_date = reader.day("event_date", "事件日期", required=reason in _DATED)
    if event_date is not None:
        _check_event_date(reader, event_date, today=today, leaver=leaver)
    remark = reader.text("remark", "备注", longest=500, required=reason == OTHER)
    if reader.faults or reason is None or stop_month is None:
        return None, reader.faults
    return RemovalFacts(reason=reason, stop_month=stop_month, event_date=event_date, remark=remark), []


def _read_stop_month(reader: FieldReader, *, current: Month) -> Month | None:
    month = reader.month("stop_month", "停保月份", required=True)
    if month is not None and month != current:
        reader.fault("stop_month", "stop_month_not_open", f"停保月份只能是本月（{current}）")
        return None
    return month


def _check_event_date(reader: FieldReader, day: date, *, today: date, leaver: Leaver | None) -> None:
    if day > today:
        reader.fault("event_date", "event_date_in_future", "事件日期不能晚于今天")
    elif leaver is None:
        return
    elif day < leaver.birth_date:
        reader.fault("event_date", "event_date_before_birth", "事件日期不能早于出生日期")
    elif day < min(leaver.start_month, Month.of(today)).first_day():
        # Somebody who died or retired before joining should never have been declared: the counter puts that right.
        reader.fault(
            "event_date",
            "event_date_before_start",
            f"事件日期早于在本单位的参保起始月（{leaver.start_month}），请核对；如情况属实，请到经办机构窗口办理",
        )


def stop_month_of(facts: RemovalFacts) -> Month:
    """The first month that is owed no more: the declared one; after a death, however late it is told, its month.

    Domain rules 4 and 10: a death ends the coverage on its date, and what was assessed since is reversed.
    """
    if facts.reason == DEATH and facts.event_date is not None:
        return min(facts.stop_month, Month.of(facts.event_date))
    return facts.stop_month
