"""What an insured person is told of their contributions. Amounts are yuan, as decimal strings."""

from decimal import Decimal

from pydantic import BaseModel

from employer.contributions.rules import STATUS_NAMES
from employer.contributions.schemas import ContributionOut, PersonTotalsOut
from employer.own.repository import OwnRow
from servicekit.paging import Listing

_NOTHING = Decimal("0.00")


class OwnContributionOut(ContributionOut):
    """One month of one insurance type, with the unit that pays it."""

    employer_no: str
    employer_name: str

    @classmethod
    def from_row(cls, row: OwnRow) -> "OwnContributionOut":
        """From a ledger row."""
        return cls.model_validate({**row._asdict(), "status_name": STATUS_NAMES[row.status]})


class OwnContributionsOut(Listing[OwnContributionOut]):
    """A page of the asker's contributions, newest month first, with sums over all pages."""

    totals: PersonTotalsOut

    @classmethod
    def of(cls, rows: list[OwnRow], *, offset: int, limit: int) -> "OwnContributionsOut":
        """From all rows of the range."""
        totals = PersonTotalsOut(
            employer_amount=sum((row.employer_amount for row in rows), _NOTHING),
            own_amount=sum((row.own_amount for row in rows), _NOTHING),
            amount_total=sum((row.amount_total for row in rows), _NOTHING),
            months=len({row.month for row in rows}),
        )
        shown = [OwnContributionOut.from_row(row) for row in rows[offset : offset + limit]]
        return cls(items=shown, total=len(rows), totals=totals)


class OwnLedgerOut(BaseModel):
    """All rows of a range, for the asker's own certificate."""

    items: list[OwnContributionOut]
