"""Rows of a 单位参保人员缴费明细表. Pure."""

from reporting.documents.listed import ListColumn, Sums
from reporting.documents.pieces import amount
from reporting.sources import Named, Row

TITLE = "单位参保人员缴费明细表"
COLUMNS = (
    ListColumn("序号", 6, "right"),
    ListColumn("姓名", 13),
    ListColumn("证件号码", 18, "centre"),
    ListColumn("险种类型", 17),
    ListColumn("费款所属期", 9, "centre"),
    ListColumn("缴费基数", 12, "right"),
    ListColumn("单位缴纳", 12, "right"),
    ListColumn("个人缴纳", 12, "right"),
    ListColumn("合计", 12, "right"),
    ListColumn("到账状态", 9, "centre"),
)


def row(number: int, one: Row, who: Named | None) -> list[object]:
    """One contribution. Somebody whom the register no longer knows has no name."""
    return [
        0,
        [
            f"{number}",
            who.name if who else "—",
            who.id_number if who else "—",
            one.insurance_name,
            one.month.compact(),
            amount(one.base),
            amount(one.employer_amount),
            amount(one.own_amount),
            amount(one.amount_total),
            one.status_name,
        ],
    ]


def sum_row(label: str, sums: Sums) -> list[object]:
    """A sub-total or the total."""
    return [1, ["", label, f"{len(sums.people):,} 人", f"{sums.rows:,} 行", "", "", *sums.shown(), ""]]
