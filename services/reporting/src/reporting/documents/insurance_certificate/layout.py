"""The columns of a 职工参保证明 Pure."""

from reporting.rendering.lines import Column

COVERAGE = (Column("险种类型", 32), Column("首次参保月份", 38, "centre"), Column("当前参保状态", 38, "centre"))
MONTHS = (
    Column("费款所属期", 14, "centre"),
    Column("险种类型", 26),
    Column("缴费基数", 18, "right"),
    Column("单位缴纳", 18, "right"),
    Column("个人缴纳", 18, "right"),
    Column("到账状态", 14, "centre"),
)
"""The tables are 108 places (54 em) wide; the head is set larger, in 96 places (48 em)."""
