"""The kinds of reports there are, and what each is: whom it needs, what it makes, how it is queued. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

DocumentKind = Literal[
    "insurance_certificate", "insurance_certificates", "employer_certificate", "contribution_list", "roster_list"
]
"""What is printed: PDF with a number, a code and a seal."""
ExportKind = Literal["person_contributions", "employer_contributions", "roster", "applications"]
"""What is exported: workbooks of what a look-up page lists."""
ReportKind = DocumentKind | ExportKind
FileType = Literal["pdf", "zip", "xlsx"]

QUICK_JOB, LONG_JOB = "report", "long_report"
"""Two kinds of jobs with runners of their own: a single certificate never waits for a roster to end."""


@dataclass(frozen=True)
class KindOf:
    """What a kind of report is."""

    title: str
    job: str = LONG_JOB
    permission: Literal["print", "query"] = "print"
    type: FileType = "pdf"
    months: bool = True
    """Whether it is about a range of contribution months."""


KINDS: Mapping[str, KindOf] = {
    "insurance_certificate": KindOf("职工参保证明", job=QUICK_JOB),
    "insurance_certificates": KindOf("职工参保证明（多人）"),
    "employer_certificate": KindOf("单位缴费证明", job=QUICK_JOB),
    "contribution_list": KindOf("单位参保人员缴费明细表"),
    "roster_list": KindOf("参保人员花名册", months=False),
    "person_contributions": KindOf("职工缴费明细（导出）", job=QUICK_JOB, permission="query", type="xlsx"),
    "employer_contributions": KindOf("单位缴费明细（导出）", job=QUICK_JOB, permission="query", type="xlsx"),
    "roster": KindOf("单位参保人员名单（导出）", permission="query", type="xlsx", months=False),
    "applications": KindOf("申报数据（导出）", permission="query", type="xlsx", months=False),
}

_SHARE = 10
_MOST_BEHIND = 1000


def priority(waiting: int) -> int:
    """Of a report of a unit that has so many others waiting: units take turns, one with a single report comes soon.

    Higher goes first, equals in the order they came.
    """
    return _SHARE * (_MOST_BEHIND - min(waiting, _MOST_BEHIND))
