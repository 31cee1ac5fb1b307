"""What the look-ups of the ledger answer. Amounts are yuan, as decimal strings."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.values.month import Month
from employer.contributions.repository import LedgerRow, MonthSum, StatementRow, Sums
from employer.contributions.rules import STATUS_NAMES, status_of
from servicekit.paging import Listing

Status = Literal["0", "1", "2"]


class ContributionOut(BaseModel):
    """One row of one person (职工缴费明细)."""

    month: Month
    insurance: str
    insurance_name: str
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    amount_total: Decimal
    status: Status
    status_name: str
    received_on: date | None
    entry: int = Field(description="0：核定；大于 0：更正")
    reason: str | None = Field(default=None, description="更正原因")

    @classmethod
    def of(cls, row: LedgerRow) -> "ContributionOut":
        """From a ledger row."""
        return cls.model_validate({**row._asdict(), "status_name": STATUS_NAMES[row.status]})


class TotalsOut(BaseModel):
    """Sums over all rows of the answer."""

    employer_amount: Decimal
    own_amount: Decimal
    amount_total: Decimal

    @classmethod
    def of(cls, sums: Sums) -> "TotalsOut":
        """From sums."""
        return cls(**sums._asdict())


class PersonTotalsOut(TotalsOut):
    """Sums of a person's rows, and in how many months there were any."""

    months: int


class PersonContributionsOut(BaseModel):
    """A person's contributions at a unit, newest month first."""

    items: list[ContributionOut]
    totals: PersonTotalsOut

    @classmethod
    def of(cls, rows: list[LedgerRow]) -> "PersonContributionsOut":
        """From ledger rows."""
        nothing = Decimal("0.00")
        totals = PersonTotalsOut(
            employer_amount=sum((row.employer_amount for row in rows), nothing),
            own_amount=sum((row.own_amount for row in rows), nothing),
            amount_total=sum((row.amount_total for row in rows), nothing),
            months=len({row.month for row in rows}),
        )
        return cls(items=[ContributionOut.of(row) for row in rows], totals=totals)


class MonthSumOut(BaseModel):
    """A month and insurance type of a unit (单位缴费明细)."""

    month: Month
    insurance: str
    insurance_name: str
    people: int
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    amount_total: Decimal
    received: Decimal
    received_on: date | None
    status: Status
    status_name: str

    @classmethod
    def of(cls, found: MonthSum) -> "MonthSumOut":
        """From a sum."""
        status = status_of(found.amount_total, found.received)
        return cls.model_validate({**found._asdict(), "status": status, "status_name": STATUS_NAMES[status]})


class MonthSumsOut(Listing[MonthSumOut]):
    """A page of months, with sums over all pages."""

    from_month: Month = Field(description="列出的第一个费款所属期")
    to_month: Month = Field(description="列出的最后一个费款所属期")
    totals: TotalsOut


class StatementOut(BaseModel):
    """A statement (核定单): what one assessment found the unit to owe."""

    assessed_at: datetime
    people: int
    base: Decimal
    employer_amount: Decimal
    own_amount: Decimal
    amount_total: Decimal
    received: Decimal
    received_on: date | None
    status: Status
    status_name: str

    @classmethod
    def of(cls, row: StatementRow) -> "StatementOut":
        """From a statement."""
        values = {**row._asdict(), "amount_total": row.total, "status_name": STATUS_NAMES[row.status]}
        return cls.model_validate(values)


class ReceiptOut(BaseModel):
    """Money that arrived."""

    model_config = ConfigDict(from_attributes=True)

    reference: str
    received_on: date
    amount: Decimal


class MonthDetailOut(BaseModel):
    """A month and insurance type of a unit: its statements, and what arrived for them."""

    month: Month
    insurance: str
    insurance_name: str
    statements: list[StatementOut]
    receipts: list[ReceiptOut]
    overpaid: Decimal = Field(description="多缴、尚未抵用的金额")


class PersonRowOut(ContributionOut):
    """A row of a month's detail, with whose it is."""

    person_id: UUID

    @classmethod
    def of(cls, row: LedgerRow) -> "PersonRowOut":
        """From a ledger row."""
        return cls.model_validate({**row._asdict(), "status_name": STATUS_NAMES[row.status]})


class PersonRowsOut(BaseModel):
    """A page of a month's rows."""

    items: list[PersonRowOut]
    next: str | None = Field(description="下一页的 after；没有下一页时为空")


class InternalContributionOut(PersonRowOut):
    """A row for documents."""

    @classmethod
    def of(cls, row: LedgerRow) -> "InternalContributionOut":
        """From a ledger row."""
        return cls.model_validate({**row._asdict(), "status_name": STATUS_NAMES[row.status]})


class ContributionPageOut(BaseModel):
    """A page of rows by month, person and insurance type."""

    items: list[InternalContributionOut]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")
