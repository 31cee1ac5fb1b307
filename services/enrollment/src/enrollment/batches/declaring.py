"""What each kind of batch does with its rows: the bulk counterparts of the forms' use cases."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.values.month import Month
from enrollment.additions import bulk as additions
from enrollment.additions.rules import of_settled, read_addition
from enrollment.batches.checking import ID_NUMBER, ID_TYPE, Texts, module
from enrollment.dictionaries.rules import Dictionary
from enrollment.employers.rules import Unit
from enrollment.removals import bulk as removals
from servicekit.auth import Clerk
from servicekit.personal import Vault
from servicekit.refusals import FieldFault, Refusal

_NAME, _START_MONTH = "/person/name", "/insurance/start_month"
Kept = tuple[Texts, bool]
"""The texts of a good row, and whether the rules of the form would say the same of it as when it was checked."""
Outcome = str | Sequence[FieldFault]
"""The number of the application that a row became, or why it became none."""


class Declaring(Protocol):
    """One kind of batch. What its `read` makes of rows is what its `submit` takes."""

    async def faults(
        self, tx: AsyncSession, rows: Sequence[Texts], *, employer_no: str, dictionary: Dictionary, today: date
    ) -> list[Sequence[FieldFault]]:
        """What the database has against each row now, whatever else is wrong with it. Nothing is written."""
        ...

    def read(
        self, vault: Vault, rows: Sequence[Kept], *, dictionary: Dictionary, today: date, now: datetime
    ) -> Sequence[Any]:
        """The rows by the rules of the form as they are now; what takes the processor and not the database."""
        ...

    async def submit(
        self,
        tx: AsyncSession,
        clerk: Clerk,
        unit: Unit,
        rows: Sequence[Any],
        *,
        dictionary: Dictionary,
        today: date,
        now: datetime,
    ) -> list[Outcome]:
        """Hands in rows that were read; whatever the database has to say of them is looked at again."""
        ...


class Additions:
    """批量增员."""

    async def faults(
        self, tx: AsyncSession, rows: Sequence[Texts], *, employer_no: str, dictionary: Dictionary, today: date
    ) -> list[Sequence[FieldFault]]:
        """Insured elsewhere, pending already, registered under another name."""
        named = _named(rows)
        newcomers = [
            additions.Newcomer(row[ID_TYPE], row[ID_NUMBER], row[_NAME], _start_month(row, today))
            for row in named.values()
        ]
        found = await additions.refusals(tx, newcomers, employer_no=employer_no)
        by_place = {place: [_as_fault(one)] for place, one in zip(named, found, strict=True) if one is not None}
        return [by_place.get(place, []) for place in range(len(rows))]

    def read(
        self, vault: Vault, rows: Sequence[Kept], *, dictionary: Dictionary, today: date, now: datetime
    ) -> Sequence[additions.Ready | list[FieldFault]]:
        """The declarations, or the faults of those that are none any more."""
        read: list[additions.Ready | list[FieldFault]] = []
        for texts, still_good in rows:
            person, insurance = module(texts, "person"), module(texts, "insurance")
            if still_good:
                read.append(additions.make_ready(vault, of_settled(person, insurance), now=now))
                continue
            declared, faults = read_addition(person, insurance, today=today, dictionary=dictionary)
            read.append(faults if declared is None else additions.make_ready(vault, declared, now=now))
        return read

    async def submit(
        self,
        tx: AsyncSession,
        clerk: Clerk,
        unit: Unit,
        rows: Sequence[additions.Ready | list[FieldFault]],
        *,
        dictionary: Dictionary,
        today: date,
        now: datetime,
    ) -> list[Outcome]:
        """Declares the people of these rows."""
        ready = [row for row in rows if isinstance(row, additions.Ready)]
        written = iter(await additions.submit_many(tx, clerk, unit, ready, today=today, now=now))
        return [_outcome(next(written)) if isinstance(row, additions.Ready) else row for row in rows]


class Removals:
    """批量减员."""

    async def faults(
        self, tx: AsyncSession, rows: Sequence[Texts], *, employer_no: str, dictionary: Dictionary, today: date
    ) -> list[Sequence[FieldFault]]:
        """Not insured here, pending already, another name, dates that can't be."""
        named = _named(rows)
        departing = [_departing(row) for row in named.values()]
        found = await removals.faults(tx, departing, employer_no=employer_no, today=today, dictionary=dictionary)
        by_place = dict(zip(named, found, strict=True))
        return [by_place.get(place, []) for place in range(len(rows))]

    def read(
        self, vault: Vault, rows: Sequence[Kept], *, dictionary: Dictionary, today: date, now: datetime
    ) -> Sequence[removals.Departing]:
        """Whom the rows name; the rules need to know more of them."""
        return [_departing(texts) for texts, _ in rows]

    async def submit(
        self,
        tx: AsyncSession,
        clerk: Clerk,
        unit: Unit,
        rows: Sequence[removals.Departing],
        *,
        dictionary: Dictionary,
        today: date,
        now: datetime,
    ) -> list[Outcome]:
        """Declares that the people of these rows leave."""
        return await removals.submit_many(tx, clerk, unit, rows, dictionary=dictionary, today=today, now=now)


def _named(rows: Sequence[Texts]) -> dict[int, Texts]:
    """Those rows that say who they are about, by their places."""
    return {place: row for place, row in enumerate(rows) if row.keys() >= {ID_TYPE, ID_NUMBER, _NAME}}


def _departing(row: Texts) -> removals.Departing:
    return removals.Departing(row[ID_TYPE], row[ID_NUMBER], row[_NAME], module(row, "removal"))


def _start_month(row: Texts, today: date) -> Month:
    try:
        return Month.parse(row.get(_START_MONTH, ""))
    except ValueError:
        return Month.of(today)  # the row has that fault; the person is looked at all the same


def _as_fault(refusal: Refusal) -> FieldFault:
    return FieldFault(refusal.pointer or "", refusal.code, refusal.detail)


def _outcome(written: str | Refusal) -> Outcome:
    return written if isinstance(written, str) else [_as_fault(written)]


DECLARING: Mapping[str, Declaring] = {"addition": Additions(), "removal": Removals()}
"""Every kind of batch."""
