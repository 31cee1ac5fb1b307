"""Rows of a 参保人员花名册. Pure."""

from decimal import Decimal

from reporting.documents.listed import ListColumn
from reporting.documents.pieces import amount
from reporting.sources import ListedPerson

TITLE = "参保人员花名册"
COLUMNS = (
    ListColumn("序号", 6, "right"),
    ListColumn("姓名", 14),
    ListColumn("性别", 5, "centre"),
    ListColumn("证件号码", 18, "centre"),
    ListColumn("参保起始月", 10, "centre"),
    ListColumn("停保月份", 9, "centre"),
    ListColumn("月缴费工资", 12, "right"),
    ListColumn("缴费基数", 12, "right"),
    ListColumn("险种类型", 26),
    ListColumn("参保状态", 10, "centre"),
)


def row(number: int, one: ListedPerson, base: Decimal | None) -> list[object]:
    """One person. `base`: what this month's contribution is reckoned from; None for those who owe none."""
    return [
        0,
        [
            f"{number}",
            one.name,
            one.sex_name,
            one.id_number,
            one.start_month.compact(),
            "" if one.stop_month is None else one.stop_month.compact(),
            amount(one.monthly_wage),
            "—" if base is None else amount(base),
            "、".join(one.insurances),
            one.status_name,
        ],
    ]
