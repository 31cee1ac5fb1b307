"""What a 职工参保证明 says: from the facts to the texts of its template, and what its verification shows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from contracts.values.month import Month
from reporting.documents.insurance_certificate.layout import COVERAGE, MONTHS
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
from servicekit.personal import mask, mask_name

TITLE = "宁波市职工基本医疗保险参保证明"
_ID_LABELS: Mapping[str, str] = {"01": "身份证号", "08": "护照号码"}
_PLACES = sum(column.width for column in MONTHS)
# Lines of the months' table that fit on the first page (less one for each insurance type) and on the next ones.
_FIRST_PAGE_LINES, _NEXT_PAGE_LINES = 50, 66
_CLOSING_LINES = 9
_UNIT_LINES = 5


@dataclass(frozen=True)
class Coverage:
    """One insurance type of the person: since when, and how it stands."""

    insurance_name: str
    first_month: Month
    status_name: str


@dataclass(frozen=True)
class Contribution:
    """One month of one insurance type, in yuan. `received` is whether all of it has arrived."""

    month: Month
    insurance_name: str
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    status_name: str
    received: bool


@dataclass(frozen=True)
class Facts:
    """What the owning services said at `as_of`."""

    name: str
    id_type: str
    id_number: str
    employer_no: str
    employer_name: str
    coverages: Sequence[Coverage]
    contributions: Sequence[Contribution]
    from_month: Month
    to_month: Month
    as_of: datetime
    """In local (business) time."""

    @property
    def months(self) -> int:
        """Months of the range with a contribution of any insurance type."""
        return len({row.month for row in self.contributions})

    @property
    def received_months(self) -> int:
        """Months of which every contribution has arrived."""
        open_months = {row.month for row in self.contributions if not row.received}
        return len({row.month for row in self.contributions} - open_months)

    @property
    def employer_total(self) -> Decimal:
        """The employer's contributions of the range."""
        return sum((row.employer_amount for row in self.contributions), Decimal(0))

    @property
    def own_total(self) -> Decimal:
        """The person's own contributions of the range."""
        return sum((row.own_amount for row in self.contributions), Decimal(0))


def compose(facts: Facts, issue: Issue) -> dict[str, Any]:
    """The values of `page.html.j2`: plain texts, all of which the template escapes."""
    code = in_groups(issue.code)
    unit = _unit(facts)
    coverage = Ruled.of(COVERAGE, table(COVERAGE, [_coverage_cells(coverage) for coverage in facts.coverages]))
    taken = coverage.height - 1 + (unit.height - _UNIT_LINES) * 3 // 2
    return {
        "title": TITLE,
        "agency": issue.agency,
        "footing": f"证明编号 {issue.number}　校验码 {code}",
        "numbers": apart(_PLACES, f"证明编号：{issue.number}", f"校验码：{code}"),
        "verify_url": issue.verify_url,
        "unit": asdict(unit),
        "coverage": asdict(coverage),
        "months": [asdict(piece) for piece in _months(facts, _FIRST_PAGE_LINES - taken)],
        "closing": _closing(facts, issue),
        "sign": f"{issue.agency}\n{chinese_date(issue.issued_on)}",
    }


def verified_facts(facts: Facts) -> dict[str, Any]:
    """What the public verification page shows of the genuine document: names and numbers masked."""
    return {
        "name_masked": mask_name(facts.name),
        "id_number_masked": mask("id_number", facts.id_number),
        "employer_name": facts.employer_name,
        "from_month": str(facts.from_month),
        "to_month": str(facts.to_month),
        "months": facts.months,
        "received_months": facts.received_months,
        "insurances": [coverage.insurance_name for coverage in facts.coverages],
        "employer_total": str(facts.employer_total),
        "own_total": str(facts.own_total),
    }


def _unit(facts: Facts) -> Ruled:
    return head(
        ("姓　　名", facts.name),
        (_ID_LABELS.get(facts.id_type, "证件号码"), facts.id_number),
        ("单位名称", facts.employer_name),
        ("单位编号", facts.employer_no),
        ("缴费期间", f"{chinese_month(facts.from_month)} 至 {chinese_month(facts.to_month)}"),
    )


def _coverage_cells(coverage: Coverage) -> tuple[str, str, str]:
    return coverage.insurance_name, chinese_month(coverage.first_month), coverage.status_name


def _contribution_cells(row: Contribution) -> tuple[str, ...]:
    figures = (row.base, row.employer_amount, row.own_amount)
    return row.month.compact(), row.insurance_name, *map(amount, figures), row.status_name


def _months(facts: Facts, room: int) -> list[Ruled]:
    """The table of months in pieces of a page each, the heading at the top of every one."""
    heading, *rows = table(MONTHS, [_contribution_cells(row) for row in facts.contributions])
    if not rows:
        rows = [*lines.row(MONTHS, ("—", "所选期间内无缴费记录", *[""] * (len(MONTHS) - 2)))]
    totals = ("合计", f"{facts.months} 个月", "", amount(facts.employer_total), amount(facts.own_total), "")
    rows += lines.row(MONTHS, totals)
    pages = paged(heading, rows, first=room, rest=_NEXT_PAGE_LINES, closing=_CLOSING_LINES)
    return [Ruled.of(MONTHS, page) for page in pages]


def _closing(facts: Facts, issue: Issue) -> str:
    return "\n".join(
        (
            f"所列期间内共有缴费月份 {facts.months} 个月，其中费款全部到账 {facts.received_months} 个月。"
            f"数据截至 {chinese_moment(facts.as_of)}。",
            validity(issue),
            f"验证页：{issue.verify_page}",
        )
    )
