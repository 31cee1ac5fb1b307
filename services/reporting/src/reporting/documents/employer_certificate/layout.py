"""The columns of a 单位缴费证明. Pure."""

from reporting.rendering.lines import Column

MONTHS = (
    Column("费款所属期", 12, "centre"),
    Column("险种类型", 19),
    Column("人数", 9, "right"),
    Column("缴费基数合计", 18, "right"),
    Column("单位缴纳", 16, "right"),
    Column("个人缴纳", 15, "right"),
    Column("应缴合计", 16, "right"),
    Column("已到账", 16, "right"),
    Column("到账日期", 12, "centre"),
)
"""133 places; at 10px that is 665px."""
