"""A made-up certificate that new rendering processes set once, so that the first real one finds everything warm."""

from datetime import date, datetime
from decimal import Decimal

from contracts.values.month import Month
from reporting.documents.insurance_certificate.content import Contribution, Coverage, Facts, compose
from reporting.documents.pieces import Issue

_FIRST, _LAST = Month(2026, 1), Month(2026, 3)
_NAMES = ("职工基本医疗保险", "生育保险")
SAMPLE = compose(
    Facts(
        name="样例",
        id_type="01",
        id_number="330203199003071232",
        employer_no="330200000000000101",
        employer_name="甬江智造科技有限公司",
        coverages=[Coverage(name, _FIRST, "正常参保") for name in _NAMES],
        contributions=[
            Contribution(month, name, Decimal("8000.00"), Decimal("680.00"), Decimal("160.00"), "已到账", received=True)
            for month in Month.range(_FIRST, _LAST)
            for name in _NAMES
        ],
        from_month=_FIRST,
        to_month=_LAST,
        as_of=datetime(2026, 3, 10, 10, 0),  # noqa: DTZ001  local time, as printed
    ),
    Issue(
        number="2026031000000000",
        code="0" * 25,
        verify_url="https://hall.example/verify/" + "0" * 25,
        agency="宁波市医疗保险经办机构",
        issued_on=date(2026, 3, 10),
        valid_until=date(2026, 6, 10),
    ),
)
"""Content as `compose` makes it."""
