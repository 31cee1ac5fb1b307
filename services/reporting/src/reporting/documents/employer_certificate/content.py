"""What a 单位缴费证明 says: from the facts to the texts of its template, and what its verification shows. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from contracts.values.month import Month
from reporting.documents.amount_in_words import in_words
from reporting.documents.employer_certificate.layout import MONTHS
from reporting.documents.pieces import (
    Issue,
    Ruled,
    amount,
    apart,
    chinese_date,
    chinese_moment,
    chinese_month,
    head,
    paged,
    table,
    validity,
)
from reporting.rendering import lines
from reporting.verification.codes import in_groups

TITLE = "单位缴费证明"
_NUMBERS_PLACES = 108
_FIRST_PAGE_LINES, _NEXT_PAGE_LINES = 60, 62
_CLOSING_LINES = 15


@dataclass(frozen=True)
class Line:
    """One month of one insurance type, in yuan."""

    month: Month
    insurance_name: str
    people: int
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    total: Decimal
    received: Decimal
    received_on: str | None


@dataclass(frozen=True)
class Facts:
    """What the employer service said at `as_of` (local time)."""

    employer_no: str
    employer_name: str
    uscc: str
    lines: Sequence[Line]
    from_month: Month
    to_month: Month
    as_of: datetime

    def sum(self, name: str) -> Decimal:
        """Of one column."""
        return sum((getattr(line, name) for line in self.lines), Decimal("0.00"))

    @property
    def months(self) -> int:
        """Months with a contribution."""
        return len({line.month for line in self.lines})


def compose(facts: Facts, issue: Issue) -> dict[str, Any]:
    """The values of `page.html.j2`: plain texts, all of which the template escapes."""
    code = in_groups(issue.code)
    unit = _unit(facts)
    heading, *rows = table(MONTHS, [_cells(line) for line in facts.lines])
    if not rows:
        rows = [*lines.row(MONTHS, ("—", "期内无缴费记录", *[""] * (len(MONTHS) - 2)))]
    totals = ("合计", f"{facts.months} 个月", "", *(amount(facts.sum(name)) for name in _SUMMED), "")
    rows += lines.row(MONTHS, totals)
    room = _FIRST_PAGE_LINES - unit.height * 3 // 2  # its lines are half as high again
    pages = paged(heading, rows, first=room, rest=_NEXT_PAGE_LINES, closing=_CLOSING_LINES)
    return {
        "title": TITLE,
        "agency": issue.agency,
        "footing": f"证明编号 {issue.number}　校验码 {code}",
        "numbers": apart(_NUMBERS_PLACES, f"证明编号：{issue.number}", f"校验码：{code}"),
        "verify_url": issue.verify_url,
        "unit": asdict(unit),
        "months": [asdict(Ruled.of(MONTHS, page)) for page in pages],
        "closing": "\n".join(_closing(facts, issue)),
        "sign": f"{issue.agency}\n{chinese_date(issue.issued_on)}",
    }


def verified_facts(facts: Facts) -> dict[str, Any]:
    """What the public verification page shows of the genuine document."""
    return {
        "employer_name": facts.employer_name,
        "employer_no": facts.employer_no,
        "uscc": facts.uscc,
        "from_month": str(facts.from_month),
        "to_month": str(facts.to_month),
        "months": facts.months,
        "amount_total": str(facts.sum("total")),
        "received_total": str(facts.sum("received")),
    }


_SUMMED = ("base", "employer_amount", "own_amount", "total", "received")


def _unit(facts: Facts) -> Ruled:
    return head(
        ("单位名称", facts.employer_name),
        ("单位编号", facts.employer_no),
        ("信用代码", facts.uscc),
        ("缴费期间", f"{chinese_month(facts.from_month)} 至 {chinese_month(facts.to_month)}"),
        ("数据截至", chinese_moment(facts.as_of)),
    )


def _cells(line: Line) -> tuple[str, ...]:
    figures = (line.base, line.employer_amount, line.own_amount, line.total, line.received)
    return (
        line.month.compact(),
        line.insurance_name,
        f"{line.people:,}",
        *map(amount, figures),
        line.received_on or "—",
    )


def _closing(facts: Facts, issue: Issue) -> list[str]:
    owed, received = facts.sum("total"), facts.sum("received")
    return [
        f"应缴合计（大写）：{in_words(owed)}（¥{amount(owed)}）",
        f"已到账合计（大写）：{in_words(received)}（¥{amount(received)}）",
        validity(issue),
        f"验证页：{issue.verify_page}",
    ]
