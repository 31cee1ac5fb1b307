"""Tables of rates and limits. Figures live here, never in code; the seed of the demo is a migration."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contracts.values.month import Month
from employer.tables import Base
from servicekit.db.types import MoneyColumn, MonthColumn, MonthType


class Rate(Base):
    """What one kind of employer owes for one insurance type, from a month on (费率)."""

    __tablename__ = "rates"

    insurance: Mapped[str] = mapped_column(ForeignKey("insurance_types.code"), primary_key=True)
    employer_kind: Mapped[str] = mapped_column(ForeignKey("employer_kinds.code"), primary_key=True)
    first_month: Mapped[MonthColumn] = mapped_column(primary_key=True)
    last_month: Mapped[Month | None] = mapped_column(MonthType)
    """The last month it holds for; None: until further notice."""
    employer_rate: Mapped[Decimal] = mapped_column(Numeric(7, 5))
    own_rate: Mapped[Decimal] = mapped_column(Numeric(7, 5))
    employer_fixed: Mapped[MoneyColumn]
    own_fixed: Mapped[MoneyColumn]
    rounding: Mapped[int] = mapped_column(SmallInteger, server_default=text("2"))
    """Decimals each share is rounded to, half up: 2 to the fen, 1 to the jiao, 0 to the yuan."""
    source: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        CheckConstraint("last_month IS NULL OR last_month >= first_month", name="months_in_order"),
        CheckConstraint(
            "employer_rate BETWEEN 0 AND 1 AND own_rate BETWEEN 0 AND 1 AND employer_fixed >= 0 AND own_fixed >= 0",
            name="within_reason",
        ),
        CheckConstraint("rounding BETWEEN 0 AND 2", name="rounding"),
        # Two rates for one month would bill it twice. The codes are written as ranges of one number, because plain
        # equality in an exclusion needs btree_gist, an extension the embedded PostgreSQL does not have.
        ExcludeConstraint(
            (text("int4range(insurance::int, insurance::int, '[]')"), "&&"),
            (text("int4range(employer_kind::int, employer_kind::int, '[]')"), "&&"),
            (text("daterange(first_month, last_month, '[]')"), "&&"),
            name="ex_rates_no_overlap",
        ),
    )


class BaseLimit(Base):
    """Lower and upper limit of the contribution base (缴费基数上下限) for the months of a year, in yuan."""

    __tablename__ = "base_limits"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lower: Mapped[MoneyColumn]
    upper: Mapped[MoneyColumn]
    source: Mapped[str] = mapped_column(String(200))

    __table_args__ = (CheckConstraint("lower > 0 AND lower <= upper", name="in_order"),)


class ExemptCategory(Base):
    """A category of people (人员类别) that keeps its benefits and pays nothing: the retired (domain rule 10)."""

    __tablename__ = "exempt_categories"

    code: Mapped[str] = mapped_column(String(4), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
