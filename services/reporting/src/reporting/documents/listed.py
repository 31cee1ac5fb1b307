"""What the long lists have in common: head, closing, sums. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from reporting.documents.pieces import Issue, amount, chinese_date, chinese_moment, validity
from reporting.verification.codes import in_groups


@dataclass(frozen=True)
class ListColumn:
    """A column of a list; widths are parts of the page's width."""

    heading: str
    width: int
    align: Literal["left", "right", "centre"] = "left"


@dataclass(frozen=True)
class Head:
    """Whose list it is, of what, as of when (local time)."""

    employer_no: str
    employer_name: str
    about: tuple[str, str]
    """The pair that says what is listed: ("缴费期间", "2026年1月 至 2026年3月")."""
    as_of: datetime


def set_up(title: str, columns: Sequence[ListColumn], head: Head, issue: Issue, made_at: datetime) -> dict[str, Any]:
    """What `rendering.list_pages` begins with."""
    code = in_groups(issue.code)
    return {
        "title": title,
        "agency": issue.agency,
        "meta": [
            ("单位名称", head.employer_name),
            ("单位编号", head.employer_no),
            head.about,
            ("数据截至", chinese_moment(head.as_of)),
            ("编号", issue.number),
            ("校验码", code),
        ],
        "verify_url": issue.verify_url,
        "footing": f"编号 {issue.number}　校验码 {code}",
        "made_at": made_at.isoformat(),
        "columns": [{"heading": one.heading, "width": one.width, "align": one.align} for one in columns],
    }


def closing(issue: Issue, *, rows: int, people: int) -> dict[str, Any]:
    """What stands under the list."""
    return {
        "statements": [
            f"本表共 {rows:,} 行，涉及 {people:,} 人。金额单位：元。",
            validity(issue),
            f"验证页：{issue.verify_page}",
        ],
        "signed": [issue.agency, chinese_date(issue.issued_on)],
    }


@dataclass
class Sums:
    """Sums over the rows of a list."""

    rows: int = 0
    people: set[Any] = field(default_factory=set)
    employer_amount: Decimal = Decimal("0.00")
    own_amount: Decimal = Decimal("0.00")

    def add(self, person: Any, employer_amount: Decimal, own_amount: Decimal) -> None:
        """One row."""
        self.rows += 1
        self.people.add(person)
        self.employer_amount += employer_amount
        self.own_amount += own_amount

    @property
    def total(self) -> Decimal:
        """Both shares."""
        return self.employer_amount + self.own_amount

    def shown(self) -> tuple[str, str, str]:
        """Employer's, own and both, as they are printed."""
        return amount(self.employer_amount), amount(self.own_amount), amount(self.total)


def verified_facts(head: Head, *, rows: int, people: int, total: Decimal | None) -> Mapping[str, Any]:
    """What the public verification page shows of the genuine list."""
    return {
        "employer_name": head.employer_name,
        "employer_no": head.employer_no,
        "about": f"{head.about[0]}：{head.about[1]}",
        "rows": rows,
        "people": people,
        "amount_total": None if total is None else str(total),
    }
