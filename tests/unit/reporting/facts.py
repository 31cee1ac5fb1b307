"""Made-up facts of a certificate."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from contracts.values.month import Month
from reporting.documents.insurance_certificate.content import Contribution, Coverage, Facts
from reporting.documents.pieces import Issue

KINDS = (
    ("职工基本医疗保险", Decimal("680.00"), Decimal("160.00")),
    ("生育保险", Decimal("56.00"), Decimal("0.00")),
    ("大额医疗费用补助", Decimal("0.00"), Decimal("8.00")),
)
CODE = "ABCDE12345FGHJK67890LMNPQ"
RULES = "rules of the test"
"""In a content: what `child_with_rules` puts behind its style sheet."""
ISSUE = Issue(
    number="2026112300000012",
    code=CODE,
    verify_url=f"https://hall.test/verify/{CODE}",
    agency="宁波市医疗保险经办机构（演示）",
    issued_on=date(2026, 11, 23),
    valid_until=date(2027, 2, 23),
)


def facts(months: int = 12, kinds: int = 3, **changes: Any) -> Facts:
    """A person with so many months up to 2026-10, of which the last hasn't been received."""
    last = Month(2026, 10)
    first = last.plus(1 - months)
    values: dict[str, Any] = {
        "name": "林晓燕",
        "id_type": "01",
        "id_number": "330203199003071232",
        "employer_no": "330200000000000101",
        "employer_name": "甬江智造科技有限公司",
        "coverages": [Coverage(name, Month(2019, 7), "正常参保") for name, _, _ in KINDS[:kinds]],
        "contributions": [
            Contribution(
                month, name, Decimal("8000.00"), employers, own, "已到账" if month < last else "未到账", month < last
            )
            for month in Month.range(first, last)
            for name, employers, own in KINDS[:kinds]
        ],
        "from_month": first,
        "to_month": last,
        "as_of": datetime(2026, 11, 23, 22, 35),  # noqa: DTZ001  local time, as printed
    }
    return Facts(**values | changes)
