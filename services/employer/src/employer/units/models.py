"""Tables of insured units (参保单位), the kinds of employer and the insurance types."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from employer.tables import Base
from servicekit.db.types import Moment, MomentColumn, MoneyColumn, MonthColumn

EMPLOYER_NO = String(20)
KIND = String(2)
INSURANCE = String(3)


class InsuranceType(Base):
    """An insurance type (险种类型). Data of the agency."""

    __tablename__ = "insurance_types"

    code: Mapped[str] = mapped_column(INSURANCE, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))


class EmployerKind(Base):
    """A kind of employer (单位类型): may it declare online, and which insurance types its people get."""

    __tablename__ = "employer_kinds"

    code: Mapped[str] = mapped_column(KIND, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    online_declaration: Mapped[bool]
    insurances: Mapped[list[str]] = mapped_column(ARRAY(INSURANCE))
    changed_by_name: Mapped[str | None] = mapped_column(String(50))
    changed_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(server_default=text("1"))


class Unit(Base):
    """An insured unit. One unified social credit code (USCC) may own several."""

    __tablename__ = "units"

    employer_no: Mapped[str] = mapped_column(EMPLOYER_NO, primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(100))
    name_grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    """One- and two-character pieces of the name: a GIN index over them answers infix searches of Chinese text."""
    kind: Mapped[str] = mapped_column(ForeignKey("employer_kinds.code"))
    virtual: Mapped[bool]
    status: Mapped[str] = mapped_column(String(6), server_default="open")
    affiliation: Mapped[str | None] = mapped_column(String(40))
    industry: Mapped[str | None] = mapped_column(String(60))
    insured_since: Mapped[date]
    billed_from: Mapped[MonthColumn]
    """The first contribution month this hall assesses; earlier ones were settled elsewhere or never owed."""
    opened_at: Mapped[MomentColumn]
    version: Mapped[int]

    __table_args__ = (
        CheckConstraint("status IN ('open', 'closed')", name="status"),
        Index("ix_units_uscc", "uscc"),
        Index("ix_units_name_grams", "name_grams", postgresql_using="gin"),
    )


class UnitContact(Base):
    """How to reach a unit (单位联系信息). Identity and telephone numbers are sealed, with masks beside them."""

    __tablename__ = "unit_contacts"

    employer_no: Mapped[str] = mapped_column(ForeignKey("units.employer_no"), primary_key=True)
    legal_representative: Mapped[str] = mapped_column(String(50))
    legal_representative_id_type: Mapped[str | None] = mapped_column(String(2))
    legal_representative_id: Mapped[bytes | None] = mapped_column(LargeBinary)
    legal_representative_id_masked: Mapped[str | None] = mapped_column(String(40))
    legal_representative_phone: Mapped[bytes] = mapped_column(LargeBinary)
    legal_representative_phone_masked: Mapped[str] = mapped_column(String(40))
    contact: Mapped[str] = mapped_column(String(50))
    contact_phone: Mapped[bytes] = mapped_column(LargeBinary)
    contact_phone_masked: Mapped[str] = mapped_column(String(40))
    contact_mobile: Mapped[bytes | None] = mapped_column(LargeBinary)
    contact_mobile_masked: Mapped[str | None] = mapped_column(String(40))
    email: Mapped[str | None] = mapped_column(String(100))
    address: Mapped[str] = mapped_column(String(200))
    postal_code: Mapped[str | None] = mapped_column(String(6))
    version: Mapped[int] = mapped_column(server_default=text("1"))


class UnitRegistration(Base):
    """What a unit's registration certificate says (单位注册信息)."""

    __tablename__ = "unit_registrations"

    employer_no: Mapped[str] = mapped_column(ForeignKey("units.employer_no"), primary_key=True)
    registration_no: Mapped[str | None] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(200))
    capital: Mapped[MoneyColumn | None]
    """Registered capital in yuan; units without one (机关、学校) have none."""
    approved_on: Mapped[date | None]
    issued_by: Mapped[str | None] = mapped_column(String(100))
    term_from: Mapped[date | None]
    term_to: Mapped[date | None]
    """None with a `term_from`: without limit (长期)."""
    business_scope: Mapped[str | None] = mapped_column(Text)
