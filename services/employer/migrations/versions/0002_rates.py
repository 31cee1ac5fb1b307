"""Rates and limits of the contribution base, with the demo's figures.

The figures are those of domain.md §5.9: demo data, **not official**. An agency replaces them before it assesses
anything.
"""

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SOURCE = "演示数据，非官方费率"
_FIRST_MONTH = date(2024, 1, 1)
_ALL_KINDS = ("10", "30", "50", "70", "80", "90", "99")
_NOTHING = Decimal(0)
# insurance type -> kinds of employer, employer's rate, own rate, own fixed amount
_RATES = {
    "310": (_ALL_KINDS, Decimal("0.085"), Decimal("0.02"), _NOTHING),
    "320": (("30", "50"), Decimal("0.04"), _NOTHING, _NOTHING),
    "330": (_ALL_KINDS, _NOTHING, _NOTHING, Decimal("8.00")),
    "510": (_ALL_KINDS, Decimal("0.007"), _NOTHING, _NOTHING),
}
_LIMITS = {2024: ("4812.00", "24060.00"), 2025: ("4986.00", "24930.00"), 2026: ("5100.00", "25500.00")}


def upgrade() -> None:
    """Creates the tables and fills them with the demo's figures."""
    rates = op.create_table(
        "rates",
        sa.Column("insurance", sa.String(3), sa.ForeignKey("insurance_types.code"), primary_key=True),
        sa.Column("employer_kind", sa.String(2), sa.ForeignKey("employer_kinds.code"), primary_key=True),
        sa.Column("first_month", sa.Date(), primary_key=True),
        sa.Column("last_month", sa.Date()),
        sa.Column("employer_rate", sa.Numeric(7, 5), nullable=False),
        sa.Column("own_rate", sa.Numeric(7, 5), nullable=False),
        sa.Column("employer_fixed", sa.Numeric(14, 2), nullable=False),
        sa.Column("own_fixed", sa.Numeric(14, 2), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.CheckConstraint("last_month IS NULL OR last_month >= first_month", name=op.f("ck_rates_months_in_order")),
        sa.CheckConstraint(
            "employer_rate BETWEEN 0 AND 1 AND own_rate BETWEEN 0 AND 1 AND employer_fixed >= 0 AND own_fixed >= 0",
            name=op.f("ck_rates_within_reason"),
        ),
        postgresql.ExcludeConstraint(
            (sa.text("int4range(insurance::int, insurance::int, '[]')"), "&&"),
            (sa.text("int4range(employer_kind::int, employer_kind::int, '[]')"), "&&"),
            (sa.text("daterange(first_month, last_month, '[]')"), "&&"),
            name="ex_rates_no_overlap",
        ),
    )
    op.bulk_insert(
        rates,
        [
            {
                "insurance": insurance,
                "employer_kind": kind,
                "first_month": _FIRST_MONTH,
                "last_month": None,
                "employer_rate": employer_rate,
                "own_rate": own_rate,
                "employer_fixed": _NOTHING,
                "own_fixed": own_fixed,
                "source": _SOURCE,
            }
            for insurance, (kinds, employer_rate, own_rate, own_fixed) in _RATES.items()
            for kind in kinds
        ],
    )
    limits = op.create_table(
        "base_limits",
        sa.Column("year", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("lower", sa.Numeric(14, 2), nullable=False),
        sa.Column("upper", sa.Numeric(14, 2), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.CheckConstraint("lower > 0 AND lower <= upper", name=op.f("ck_base_limits_in_order")),
    )
    op.bulk_insert(
        limits,
        [
            {"year": year, "lower": Decimal(lower), "upper": Decimal(upper), "source": _SOURCE}
            for year, (lower, upper) in _LIMITS.items()
        ],
    )
    exempt = op.create_table(
        "exempt_categories",
        sa.Column("code", sa.String(4), primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
    )
    op.bulk_insert(exempt, [{"code": "1201", "name": "退休"}])  # domain.md §5.10


def downgrade() -> None:
    """Drops what `upgrade` made."""
    for table in ("exempt_categories", "base_limits", "rates"):
        op.drop_table(table)
